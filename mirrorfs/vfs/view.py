"""What of a tree is shown: one folder of it as the root, and the files that the globs let by."""

from __future__ import annotations

from collections.abc import Mapping

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import RemotePath
from mirrorfs.vfs.globs import Globs
from mirrorfs.vfs.tree import Tree


class View:
    """Paths given and globs are relative to ``root``; entries keep the paths of the tree."""

    def __init__(self, tree: Tree, root: RemotePath, globs: Globs) -> None:
        self._tree = tree
        self._root = root
        self._globs = globs

    def lookup(self, path: RemotePath) -> Entry:
        """Return the entry at ``path``.

        Raises:
            NotFound: there is nothing, or it is not shown.
        """
        entry = self._tree.lookup(self._within(path))
        if not self._shows(path, entry):
            raise NotFound(f"{path!r} is not shown.")
        return entry

    def children(self, path: RemotePath) -> Mapping[str, Entry]:
        """Return what is shown in the folder ``path``, by name, sorted.

        Raises:
            NotFound: there is no such folder, or it is not shown.
        """
        entries = self._tree.children(self._within(path)).entries
        if self._globs.show_all:
            return entries
        return {
            name: entry
            for name, entry in entries.items()
            if self._shows(paths.join(path, name), entry)
        }

    def inside(self, folder: RemotePath) -> Mapping[str, Entry]:
        """Return what is shown in ``folder``, a path of the tree; nothing above the root."""
        shown = self.relative(folder)
        return {} if shown is None else self.children(shown)

    def relative(self, path: RemotePath) -> RemotePath | None:
        """Return where ``path`` of the tree is shown; ``None`` if it is not below the root."""
        if not self._root:
            return path
        if not paths.is_within(path, self._root):
            return None
        return RemotePath(path[len(self._root) + 1 :])

    def _within(self, path: RemotePath) -> RemotePath:
        if not self._root:
            return path
        return RemotePath(f"{self._root}/{path}" if path else self._root)

    def _shows(self, path: RemotePath, entry: Entry) -> bool:
        if self._globs.show_all or not path:
            return True
        return not self._globs.hide(path) if entry.is_folder else self._globs.shows_file(path)
