"""A manifest as text: JSON Lines, which people read and programs keep.

The first line names the two sides; each of the others is a row. Times are nanoseconds since the
epoch, sizes bytes; what is empty is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath, parse
from sync.ends import Pair
from sync.model import Agreed, Fact

_FORMAT = "mirrorsync manifest"
_VERSION = 1


def export_lines(pair: Pair, rows: Iterable[Agreed]) -> Iterator[str]:
    """Yield the lines, without their ends, ordered by path."""
    yield _line({"format": _FORMAT, "version": _VERSION, "sides": [pair.one.key, pair.two.key]})
    for row in sorted(rows, key=lambda row: row.path):
        facts = {"one": _told(row.path, row.one), "two": _told(row.path, row.two)}
        yield _line({"path": row.path, **facts})


def import_rows(pair: Pair, lines: Iterable[str]) -> list[Agreed]:
    """Return the rows of an export of the same two sides, given in either order.

    Raises:
        Misuse: it is no export, of other sides, or damaged; the message names the line.
    """
    numbered = enumerate((line for line in lines if line.strip()), 1)
    keys = [pair.one.key, pair.two.key]
    is_flipped = False
    rows: dict[RemotePath, Agreed] = {}
    number = 0
    try:
        for number, line in numbered:
            told = json.loads(line)
            if number == 1:
                is_flipped = _is_flipped(told, keys)
                continue
            row = _row(told, is_flipped=is_flipped)
            if row.path in rows:
                raise ValueError(f"{row.path!r} comes twice")
            rows[row.path] = row
    except (ValueError, KeyError, TypeError, AttributeError, Misuse) as error:
        raise Misuse(f"Line {number} is no line of a manifest: {error}") from error
    if not number:
        raise Misuse("There is no line of a manifest.")
    return list(rows.values())


def _is_flipped(told: dict[str, Any], keys: list[str]) -> bool:
    if told["format"] != _FORMAT or told["version"] != _VERSION:
        raise ValueError("its format is another one")
    if told["sides"] not in (keys, keys[::-1]):
        raise ValueError(f"it is of {' and '.join(map(str, told['sides']))}")
    return bool(told["sides"] != keys)


def _row(told: dict[str, Any], *, is_flipped: bool) -> Agreed:
    path = parse(told["path"])
    one, two = _fact(path, told["one"]), _fact(path, told["two"])
    return Agreed(path, two, one) if is_flipped else Agreed(path, one, two)


def _told(path: RemotePath, fact: Fact) -> dict[str, Any]:
    digest = fact.digest
    told = {
        "path": "" if fact.path == path else fact.path,
        "kind": fact.kind.value,
        "id": fact.id,
        "revision": fact.revision,
        "size": fact.size,
        "modified": fact.modified,
        "digest": f"{digest.algorithm}:{digest.value}" if digest else "",
    }
    return {name: value for name, value in told.items() if value}


def _fact(path: RemotePath, told: dict[str, Any]) -> Fact:
    algorithm, _, value = str(told.get("digest", "")).partition(":")
    return Fact(
        parse(told["path"]) if "path" in told else path,
        Kind(told["kind"]),
        str(told["id"]),
        str(told.get("revision", "")),
        int(told.get("size", 0)),
        int(told.get("modified", 0)),
        Digest(algorithm, value) if value else None,
    )


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
