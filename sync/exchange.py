"""A manifest as JSON Lines, to keep or to take elsewhere. Pure.

The first line says whose it is, each other line is a row: ``path`` and for each side what it
held. Sizes are in bytes, times in nanoseconds since the epoch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath, parse
from sync.model import Agreed, Fact

FORMAT = 1
_NAME = "mirrorsync manifest"
_WORDS = "Write it with: mirrorsync manifest export"


def exported(keys: tuple[str, str], rows: Iterable[Agreed]) -> Iterator[str]:
    """Yield the lines; ``keys`` name both sides."""
    yield _line({"format": _NAME, "version": FORMAT, "path1": keys[0], "path2": keys[1]})
    for row in rows:
        yield _line({"path": row.path, "one": _fact(row.one), "two": _fact(row.two)})


def imported(lines: Iterable[str], keys: tuple[str, str]) -> Iterator[Agreed]:
    """Yield the rows of what :func:`exported` wrote for the same two sides, in either order.

    Raises:
        Misuse: it is something else, damaged, or of two other sides.
    """
    numbered = enumerate(lines, 1)
    head = _object(*next(numbered, (1, "")))
    if head.get("format") != _NAME or head.get("version") != FORMAT:
        raise Misuse("This is no manifest that can be read.", _WORDS)
    sides = (head.get("path1"), head.get("path2"))
    if sides not in {keys, keys[::-1]}:
        raise Misuse(f"This is the manifest of {sides[0]} and {sides[1]}.", "Name these two.")
    for number, line in numbered:
        row = _object(number, line)
        try:
            one, two = _read(row["one"]), _read(row["two"])
            yield Agreed(parse(row["path"]), *((one, two) if sides == keys else (two, one)))
        except (KeyError, TypeError, ValueError, AttributeError, Misuse) as error:
            raise Misuse(f"Line {number} is no row: {error!r}.", _WORDS) from error


def _fact(fact: Fact) -> dict[str, object]:
    told: dict[str, object] = {
        "path": fact.path,
        "kind": fact.kind.value,
        "id": fact.id,
        "revision": fact.revision,
        "size": fact.size,
        "modified": fact.modified,
    }
    if fact.digest:
        told[fact.digest.algorithm] = fact.digest.value
    return told


def _read(told: dict[str, Any]) -> Fact:
    known = {"path", "kind", "id", "revision", "size", "modified"}
    digests = [Digest(name, str(value)) for name, value in told.items() if name not in known]
    return Fact(
        RemotePath(parse(told["path"])),
        Kind(told["kind"]),
        str(told["id"]),
        str(told["revision"]),
        int(told["size"]),
        int(told["modified"]),
        digests[0] if digests else None,
    )


def _line(told: dict[str, object]) -> str:
    return json.dumps(told, separators=(",", ":"))


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise Misuse(f"Line {number} is no JSON: {error}.", _WORDS) from error
    if not isinstance(found, dict):
        raise Misuse(f"Line {number} is no JSON object.", _WORDS)
    return found
