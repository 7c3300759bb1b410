"""One file of a folder as a side of its own, under the name that it has, or is to have, elsewhere.

So ``copyto`` looks at one file, and never lists the folders around it.
"""

from __future__ import annotations

from pathlib import Path

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound, Unsupported
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot, Target
from sync.ends import OnDisk
from sync.otherpaths import OtherPaths, OtherPathsOnDisk


class Single(OtherPaths):
    """The file ``inner`` of ``target``, shown as ``outer``; nothing else is there.

    Every other path is unsupported.
    """

    def __init__(self, target: Target, inner: RemotePath, outer: RemotePath) -> None:
        super().__init__(target)
        self._inner = inner
        self._outer = outer

    def own(self, path: RemotePath) -> RemotePath:
        """Return the file's own path, of whatever else raise :class:`Unsupported`."""
        if path != self._outer:
            raise Unsupported(f"{path}: only the file {self._outer} is looked at.")
        return self._inner

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        if folder != ROOT:
            raise NotFound(f"{folder}: there is no such folder.")
        return list(self.scan(folder).entries.values())

    def scan(self, folder: RemotePath) -> Snapshot:  # noqa: ARG002 - see Source
        """Return the one file, or nothing when it is not there."""
        try:
            entry = self.stat(self._outer)
        except NotFound:
            return Snapshot({})
        return Snapshot({entry.path: entry})

    def mkdir(self, path: RemotePath) -> Entry:
        """Make the folder that the file is in, which is the root; there is no other."""
        if path != ROOT:
            raise Unsupported(f"{path}: only the file {self._outer} is looked at.")
        return self._target.mkdir(ROOT)

    def rename(self, entry: Entry, path: RemotePath) -> Entry:  # noqa: ARG002 - see Target
        """Refuse: the file has one name here."""
        raise Unsupported(f"{path}: only the file {self._outer} is looked at.")

    def _shown(self, entry: Entry, path: RemotePath) -> Entry:
        if entry.is_folder:
            raise NotFound(f"{self._inner} is a folder.")
        return super()._shown(entry, path)


class SingleOnDisk(OtherPathsOnDisk, Single):
    """The same of a folder of this machine."""

    def place(self, path: RemotePath) -> Path:
        """Return where the file is; the root is the file itself, there or not."""
        if path == ROOT:
            return self._disk.place(ROOT) / self._inner
        return super().place(path)

    def sweep(self) -> int:
        """See :class:`~sync.ends.OnDisk`; what is below the folder of the file is left alone."""
        return self._disk.sweep_beside(self._inner)


def single(target: Target, inner: RemotePath, outer: RemotePath) -> Single:
    """Return the file ``inner`` of ``target`` as a side, shown as ``outer``."""
    if isinstance(target, OnDisk):
        return SingleOnDisk(target, inner, outer)
    return Single(target, inner, outer)
