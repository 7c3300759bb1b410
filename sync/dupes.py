"""Files that share a name, or their bytes. Pure.

Where a service holds several files of one name in a folder, the eldest is shown under it and the
others with a mark of their own, as in ``pic~3fa2c881.jpg``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.names import fold
from mirrorfs.core.paths import RemotePath

_MARKED = re.compile(r"(?P<stem>.+)~[0-9a-f]{8,64}(?P<extension>\.[^.]*)?")


def namesakes(entries: Mapping[RemotePath, Entry]) -> list[list[Entry]]:
    """Return the groups of files that share a name, the one that is shown under it first."""
    plain = {fold(path): path for path, entry in entries.items() if not entry.is_folder}
    groups: dict[RemotePath, list[Entry]] = {}
    for path, entry in sorted(entries.items()):
        found = _MARKED.fullmatch(paths.name(path))
        if entry.is_folder or not found:
            continue
        name = f"{found['stem']}{found['extension'] or ''}"
        eldest = plain.get(fold(paths.join(paths.parent(path), name)))
        if eldest is not None:
            groups.setdefault(eldest, [entries[eldest]]).append(entry)
    return [group for _, group in sorted(groups.items())]


def copies(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Return the groups of files with the same checksum and size, each by path."""
    groups: dict[object, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.path):
        if not entry.is_folder and entry.digest:
            groups[entry.digest, entry.size].append(entry)
    return [group for group in groups.values() if len(group) > 1]


def new_names(
    groups: Iterable[list[Entry]], taken: Iterable[RemotePath]
) -> Iterator[tuple[Entry, RemotePath]]:
    """Yield a free name for all but the first of each group: ``pic-1.jpg`` beside ``pic.jpg``."""
    used = set(map(fold, taken))
    for eldest, *others in groups:
        stem, dot, extension = paths.name(eldest.path).rpartition(".")
        if not stem:
            stem, dot, extension = extension, "", ""
        folder = paths.parent(eldest.path)
        for entry in others:
            names = (paths.join(folder, f"{stem}-{n}{dot}{extension}") for n in count(1))
            free = next(name for name in names if fold(name) not in used)
            used.add(fold(free))
            yield entry, free
