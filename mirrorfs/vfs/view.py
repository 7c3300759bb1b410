"""What of a tree is shown: the files and folders that the globs let by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorfs.cache.rows import Glance, glances_of
from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import RemotePath
from mirrorfs.vfs.globs import Globs
from mirrorfs.vfs.tree import Tree


class View:
    """A tree through ``globs``."""

    def __init__(self, tree: Tree, globs: Globs) -> None:
        self._tree = tree
        self._globs = globs

    def lookup(self, path: RemotePath) -> Entry:
        """Return the entry at ``path``.

        Raises:
            NotFound: there is nothing, or it is not shown.
        """
        entry = self._tree.lookup(path)
        if not self._shows(path, is_folder=entry.is_folder):
            raise NotFound(f"{path!r} is not shown.")
        return entry

    def children(self, path: RemotePath) -> Mapping[str, Entry]:
        """Return what is shown in the folder ``path``, by name, sorted.

        Raises:
            NotFound: there is no such folder, or it is not shown.
        """
        entries = self._tree.children(path).entries
        if self._globs.show_all:
            return entries
        return {
            name: entry
            for name, entry in entries.items()
            if self._shows(paths.join(path, name), is_folder=entry.is_folder)
        }

    def glances(self, path: RemotePath) -> Sequence[Glance]:
        """Return what a directory listing of ``path`` tells; errors as in :meth:`children`."""
        found = glances_of(self._tree.children(path).entries)
        if self._globs.show_all:
            return found
        return [
            one
            for one in found
            if self._shows(paths.join(path, one.name), is_folder=bool(one.is_folder))
        ]

    def _shows(self, path: RemotePath, *, is_folder: bool) -> bool:
        if self._globs.show_all or not path:
            return True
        return not self._globs.hide(path) if is_folder else self._globs.shows_file(path)
