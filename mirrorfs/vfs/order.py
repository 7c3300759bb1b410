"""The orders in which programs walk a tree.

``tar`` takes names as they are listed and ``rsync`` sorts them: both mean by name here. ``cp``
and others sort a folder by inode number first. All take a folder's files before they go on,
near enough.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mirrorfs.core import paths
from mirrorfs.core.entry import ROOT_NUMBER, Entry, number_of
from mirrorfs.core.paths import ROOT, RemotePath

Children = Callable[[RemotePath], Mapping[str, Entry]]
"""Returns what is shown in a folder, by name."""
Sorting = Callable[[Entry], Any]


def number(entry: Entry) -> int:
    """Return the inode number: the same after a restart, a rename and a change of content."""
    return number_of(entry.id) if entry.path else ROOT_NUMBER


def by_name(entry: Entry) -> str:
    """Sort as ``readdir`` answers."""
    return entry.path


_FOLDERS = 8
ORDERS: tuple[Sorting, ...] = (by_name, number)


class SortedFolders:
    """The files of the folders asked for last, sorted; for one thread.

    Sorting is paid once as long as ``children`` returns the same object for a folder.
    """

    def __init__(self, children: Children) -> None:
        self._children = children
        self._known: OrderedDict[
            tuple[RemotePath, Sorting], tuple[Mapping[str, Entry], list[Entry]]
        ] = OrderedDict()

    def files_of(self, folder: RemotePath, order: Sorting) -> list[Entry]:
        """Return the files of ``folder`` that hold something, in ``order``."""
        inside = self._children(folder)
        known = self._known.pop((folder, order), None)
        if known is None or known[0] is not inside:
            known = inside, files_of(folder, self._children, order)
        self._known[folder, order] = known
        if len(self._known) > _FOLDERS:
            self._known.popitem(last=False)
        return known[1]


def files_of(folder: RemotePath, children: Children, order: Sorting) -> list[Entry]:
    """Return the files of ``folder`` that hold something, in ``order``."""
    inside = children(folder).values()
    return sorted((entry for entry in inside if entry.size and not entry.is_folder), key=order)


def walk_on(folder: RemotePath, children: Children, order: Sorting) -> Iterator[Entry]:
    """Yield the files of the folders that come after ``folder`` in a walk, lazily."""
    yield from _below(folder, children, order)
    while folder != ROOT:
        above = paths.parent(folder)
        folders = _folders_of(above, children, order)
        places = [place for place, entry in enumerate(folders) if entry.path == folder]
        for entry in folders[places[0] + 1 :] if places else []:
            yield from files_of(entry.path, children, order)
            yield from _below(entry.path, children, order)
        folder = above


def _below(folder: RemotePath, children: Children, order: Sorting) -> Iterator[Entry]:
    for entry in _folders_of(folder, children, order):
        yield from files_of(entry.path, children, order)
        yield from _below(entry.path, children, order)


def _folders_of(folder: RemotePath, children: Children, order: Sorting) -> list[Entry]:
    return sorted((e for e in children(folder).values() if e.is_folder), key=order)
