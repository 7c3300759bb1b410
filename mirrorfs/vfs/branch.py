"""One remote as a mount shows it, and what whoever translates the kernel's calls may ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mirrorfs.cache.rows import Glance, glance
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from mirrorfs.vfs.reader import Handle, Reader
from mirrorfs.vfs.tree import Tree
from mirrorfs.vfs.view import View


class Files(Protocol):
    """A read-only file system; all methods are safe to call from several threads.

    Each raises ``NotFound`` where nothing is shown at a path.
    """

    def lookup(self, path: RemotePath) -> Entry:
        """Return what is at ``path``; the entry's own path may be relative to its remote."""
        ...

    def seen(self, path: RemotePath, entry: Entry) -> Glance:
        """Return what a directory listing tells of ``entry``, which is or was at ``path``."""
        ...

    def glances(self, folder: RemotePath) -> Sequence[Glance]:
        """Return what is in ``folder``, sorted by name."""
        ...

    def open(self, path: RemotePath, entry: Entry) -> Handle:
        """Open the file ``entry``, which is at ``path``; asks nobody."""
        ...

    def total(self) -> tuple[int, int]:
        """Return how many bytes and how many files and folders there are; asks nobody."""
        ...


@dataclass(frozen=True, slots=True)
class Branch:
    """The files of one remote."""

    tree: Tree
    view: View
    reader: Reader

    def lookup(self, path: RemotePath) -> Entry:
        """See :class:`Files`."""
        return self.view.lookup(path)

    def seen(self, _path: RemotePath, entry: Entry) -> Glance:
        """See :class:`Files`."""
        return glance(entry)

    def glances(self, folder: RemotePath) -> Sequence[Glance]:
        """See :class:`Files`."""
        return self.view.glances(folder)

    def open(self, _path: RemotePath, entry: Entry) -> Handle:
        """See :class:`Files`."""
        return self.reader.open(entry)

    def total(self) -> tuple[int, int]:
        """See :class:`Files`."""
        state = self.tree.status().state
        return state.bytes, state.files + state.folders
