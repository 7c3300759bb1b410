"""A target whose files are shown under other paths than they have there."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import cast

from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Target, Traits, Usage
from sync.ends import OnDisk


class OtherPaths(ABC):
    """``target`` by other paths; what is listed, made and renamed is for each kind to say."""

    def __init__(self, target: Target) -> None:
        self._target = target

    @abstractmethod
    def own(self, path: RemotePath) -> RemotePath:
        """Return the path that ``path`` has there."""

    @property
    def traits(self) -> Traits:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return replace(self._target.traits, changes=False)

    def changes(self, cursor: str) -> Changes:
        """Refuse: what changed would be told by its own path."""
        raise Unsupported(f"No changes are told since {cursor!r}.")

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._shown(self._target.stat(self.own(path)), path)

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.read(self._there(entry), start, length)

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
        old = self._there(replaces) if replaces else None
        new = self._target.write(
            self.own(path), body, size=size, modified=modified, replaces=old, facts=facts
        )
        return self._shown(new, path)

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._shown(self._target.describe(self._there(entry), facts), entry.path)

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        self._target.remove(self._there(entry))

    def _there(self, entry: Entry) -> Entry:
        return replace(entry, path=self.own(entry.path))

    def _shown(self, entry: Entry, path: RemotePath) -> Entry:
        return replace(entry, path=path)


class OtherPathsOnDisk(OtherPaths):
    """The same of a folder of this machine (:class:`~sync.ends.OnDisk`)."""

    @property
    def _disk(self) -> OnDisk:
        return cast("OnDisk", self._target)

    def place(self, path: RemotePath) -> Path:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.place(self.own(path))

    def status(self, entry: Entry) -> os.stat_result:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.status(self._there(entry))

    def opened(self, entry: Entry) -> AbstractContextManager[int]:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.opened(self._there(entry))

    def inode(self, entry: Entry) -> tuple[int, int]:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.inode(entry)

    def touch(self, entry: Entry, modified: int) -> Entry:
        """See :class:`~sync.ends.OnDisk`."""
        return self._shown(self._disk.touch(self._there(entry), modified), entry.path)

    def sweep(self) -> int:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.sweep()

    def sweep_beside(self, path: RemotePath) -> int:
        """See :class:`~sync.ends.OnDisk`."""
        return self._disk.sweep_beside(self.own(path))
