"""What is in a folder of this machine, and what is there but not given."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.errors import Changed
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import NO_FILE, Snapshot
from mirrorfs.providers.local.names import is_temporary, lawful_names

_SHOWN = (stat.S_IFREG, stat.S_IFDIR)
_LATEST = 2**63 - 1
"""Nanoseconds since the epoch that a database can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """One folder: its files and folders, where the folders are, and path → why not for the rest."""

    children: dict[RemotePath, Entry] = field(default_factory=dict)
    folders: list[tuple[RemotePath, Path]] = field(default_factory=list)
    withheld: dict[RemotePath, str] = field(default_factory=dict)


def look(above: RemotePath, place: Path) -> Look:
    """List one folder; what vanishes meanwhile is not there.

    Raises:
        OSError: it cannot be listed.
    """
    found: dict[str, os.stat_result] = {}
    others: list[str] = []
    with _opened(place) as within, os.scandir(within) as listing:
        for one in listing:
            name = one.name
            try:
                status = one.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_IFMT(status.st_mode) not in _SHOWN:
                others.append(name)
            elif not is_temporary(name):
                found[name] = status
    seen = Look()
    names = lawful_names(found)
    start = f"{above}/" if above else ""
    for name, raw in names.items():
        entry = to_entry(RemotePath(start + name), found[raw])
        if entry.modified > _LATEST:
            seen.withheld[entry.path] = "Its time is after the year 2262."
            continue
        seen.children[entry.path] = entry
        if entry.kind is Kind.FOLDER:
            seen.folders.append((entry.path, place / raw))
    for name in lawful_names(others).keys() - names.keys():
        seen.withheld[paths.join(above, name)] = NO_FILE
    return seen


@contextmanager
def _opened(place: Path) -> Iterator[int]:
    """Hold a folder open: what is in it is found from there, and not along the whole path."""
    descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def walk(root: RemotePath, place: Path) -> Snapshot:
    """List the whole subtree; a folder below ``root`` that may not be read is withheld.

    Raises:
        OSError: ``root`` cannot be listed, or is not the same folder any more at the end.
    """
    found: dict[RemotePath, Entry] = {}
    withheld: dict[RemotePath, str] = {}
    began = place.stat()
    waiting = [(root, place)]
    while waiting:
        above, inside = waiting.pop()
        try:
            seen = look(above, inside)
        except (PermissionError, FileNotFoundError, NotADirectoryError) as error:
            if above == root:
                raise
            del found[above]
            if isinstance(error, PermissionError):
                withheld[above] = "The folder may not be read."
            continue
        withheld.update(seen.withheld)
        found.update(seen.children)
        waiting.extend(seen.folders)
    if not os.path.samestat(began, place.stat()):
        raise FileNotFoundError(f"{place} was replaced while it was read")
    return Snapshot(found, withheld=withheld)


def to_entry(path: RemotePath, found: os.stat_result) -> Entry:
    """Return what was found as an entry; names of one file that has several are several files."""
    modified, size = found.st_mtime_ns, found.st_size
    if stat.S_ISDIR(found.st_mode):
        return folder(path, min(modified, _LATEST))
    id_ = _id(found)
    if found.st_nlink > 1:
        id_ = f"{id_}-{path}"
    return Entry(path, Kind.FILE, id_, _revision(found), size, modified)


def check_same(found: os.stat_result, wanted: Entry) -> None:
    """Check that a file is still ``wanted``, however many names it has by now.

    Raises:
        Changed: it is not.
    """
    id_ = _id(found)
    is_same = wanted.id == id_ or wanted.id.startswith(f"{id_}-")
    if not is_same or stat.S_ISDIR(found.st_mode) or _revision(found) != wanted.revision:
        raise Changed(f"{wanted.path} is not at the revision that was asked for.")


def inode_of(entry: Entry) -> tuple[int, int]:
    """Return the device and the inode of a file, as they were found."""
    device, inode = entry.id.split("-", 2)[:2]
    return int(device, 16), int(inode, 16)


def _id(found: os.stat_result) -> str:
    return f"{found.st_dev:x}-{found.st_ino:x}"


def _revision(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}"
