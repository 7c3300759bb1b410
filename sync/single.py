"""One file of a folder as a side of its own, under the name that it has, or is to have, elsewhere.

So ``copyto`` looks at one file, and never lists the folders around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import NotFound, Unsupported
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Snapshot, Target, Traits, Usage
from sync.ends import OnDisk


class Single:
    """The file ``inner`` of ``target``, shown as ``outer``; nothing else is there.

    Every other path is unsupported.
    """

    def __init__(self, target: Target, inner: RemotePath, outer: RemotePath) -> None:
        self._target = target
        self._inner = inner
        self._outer = outer

    @property
    def traits(self) -> Traits:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return replace(self._target.traits, changes=False)

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

    def changes(self, cursor: str) -> Changes:
        """Refuse: one look at the file tells it all."""
        raise Unsupported(f"One file tells no changes since {cursor!r}.")

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._shown(self._target.stat(self._checked(path)))

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.read(self._own(entry), start, length)

    def usage(self) -> Usage:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.usage()

    def about(self) -> About:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.about()

    def close(self) -> None:
        """See :class:`~mirrorfs.core.provider.Source`."""
        self._target.close()

    def write(  # noqa: PLR0913 - all that makes a file
        self,
        path: RemotePath,
        body: Readable,
        *,
        size: int,
        modified: int,
        replaces: Entry | None = None,
        facts: Mapping[str, str] = NO_FACTS,
    ) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        old = self._own(replaces) if replaces else None
        inner = self._checked(path)
        return self._shown(
            self._target.write(inner, body, size=size, modified=modified, replaces=old, facts=facts)
        )

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._shown(self._target.describe(self._own(entry), facts))

    def mkdir(self, path: RemotePath) -> Entry:
        """Refuse: there are no folders here."""
        raise Unsupported(f"{path}: only the file {self._outer} is looked at.")

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        self._target.remove(self._own(entry))

    def rename(self, entry: Entry, path: RemotePath) -> Entry:  # noqa: ARG002 - see Target
        """Refuse: the file has one name here."""
        raise Unsupported(f"{path}: only the file {self._outer} is looked at.")

    def _checked(self, path: RemotePath) -> RemotePath:
        if path != self._outer:
            raise Unsupported(f"{path}: only the file {self._outer} is looked at.")
        return self._inner

    def _own(self, entry: Entry) -> Entry:
        return replace(entry, path=self._checked(entry.path))

    def _shown(self, entry: Entry) -> Entry:
        if entry.is_folder:
            raise NotFound(f"{self._inner} is a folder.")
        return replace(entry, path=self._outer)


class SingleOnDisk(Single):
    """The same of a folder of this machine (:class:`~sync.ends.OnDisk`)."""

    def __init__(self, disk: OnDisk, target: Target, inner: RemotePath, outer: RemotePath) -> None:
        super().__init__(target, inner, outer)
        self._disk = disk

    def place(self, path: RemotePath) -> Path:
        """Return where the file is; the root is the file itself, there or not."""
        if path == ROOT:
            return self._disk.place(ROOT) / self._inner
        return self._disk.place(self._checked(path))

    def touch(self, entry: Entry, modified: int) -> Entry:
        """See :class:`~sync.ends.OnDisk`."""
        return self._shown(self._disk.touch(self._own(entry), modified))

    def sweep(self) -> int:
        """Leave the folder around the file alone."""
        return 0


def single(target: Target, inner: RemotePath, outer: RemotePath) -> Single:
    """Return the file ``inner`` of ``target`` as a side, shown as ``outer``."""
    if isinstance(target, OnDisk):
        return SingleOnDisk(target, target, inner, outer)
    return Single(target, inner, outer)
