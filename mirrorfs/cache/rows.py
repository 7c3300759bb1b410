"""A folder's entries as compact text, and back, exactly.

The first line is JSON: a column each of names, numbers, folder or not (1 or 0), sizes and times,
which is all that a directory listing asks for. Then come, compressed (zlib), a line for each
entry, ``[id, revision, algorithm, digest, facts, content]``: they are opened when somebody asks
for one. ``algorithm`` and ``digest`` are null where the service tells none.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from mirrorfs.core import paths
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import NO_FACTS, ROOT_NUMBER, Entry, Kind, number_of
from mirrorfs.core.paths import RemotePath

_FAST = 1
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Glance(NamedTuple):
    """What a directory listing tells of an entry; ``modified`` in nanoseconds, ``size`` bytes."""

    name: str
    number: int
    is_folder: int
    size: int
    modified: int


class Rows(Mapping[str, Entry]):
    """Name → entry, in their order; an entry is made when it is asked for.

    The latest is kept: each call for a file asks for it again.
    """

    __slots__ = ("_latest", "_lines", "_packed", "_prefix", "glances")

    def __init__(self, folder: RemotePath, glances: Sequence[Glance], packed: bytes) -> None:
        self.glances = glances
        self._prefix = f"{folder}/" if folder else ""
        self._packed = packed
        self._lines: dict[str, tuple[Glance, bytes]] = {}
        self._latest: Entry | None = None

    def __getitem__(self, name: str) -> Entry:
        """Return the entry called ``name``."""
        path, latest = f"{self._prefix}{name}", self._latest
        if latest is not None and latest.path == path:
            return latest
        if not self._lines and self.glances:
            lines = zlib.decompress(self._packed).split(b"\n")
            both = zip(self.glances, lines, strict=True)
            self._lines = {glance.name: (glance, line) for glance, line in both}
        self._latest = latest = _entry(path, *self._lines[name])
        return latest

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return (glance.name for glance in self.glances)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.glances)


def encode(entries: Iterable[Entry]) -> bytes:
    """Return the text of ``entries`` in the order given."""
    glances, lines = [], []
    for entry in entries:
        glances.append(glance(entry))
        digest = entry.digest
        told = (digest.algorithm, digest.value) if digest else (None, None)
        lines.append(_encode([entry.id, entry.revision, *told, dict(entry.facts), entry.content]))
    columns = _encode([list(column) for column in zip(*glances, strict=True)])
    packed = zlib.compress("\n".join(lines).encode("ascii"), _FAST)
    return columns.encode("ascii") + b"\n" + packed


def decode(folder: RemotePath, text: bytes) -> Rows:
    """Return what :func:`encode` was given for ``folder``."""
    columns, _, packed = text.partition(b"\n")
    return Rows(folder, list(map(Glance._make, zip(*json.loads(columns), strict=True))), packed)


def glance(entry: Entry) -> Glance:
    """Return what a directory listing tells of ``entry``."""
    kind, number = int(entry.is_folder), number_of(entry.id) if entry.path else ROOT_NUMBER
    return Glance(paths.name(entry.path), number, kind, entry.size, entry.modified)


def glances_of(entries: Mapping[str, Entry]) -> Sequence[Glance]:
    """Return what a directory listing tells of ``entries``."""
    return entries.glances if isinstance(entries, Rows) else list(map(glance, entries.values()))


def _entry(path: str, seen: Glance, line: bytes) -> Entry:
    id_, revision, algorithm, digest, facts, content = json.loads(line)
    return Entry(
        RemotePath(path),
        Kind.FOLDER if seen.is_folder else Kind.FILE,
        id_,
        revision,
        seen.size,
        seen.modified,
        Digest(algorithm, digest) if algorithm is not None else None,
        _frozen(facts),
        content,
    )


def _frozen(facts: dict[str, Any]) -> Mapping[str, str]:
    return MappingProxyType(facts) if facts else NO_FACTS
