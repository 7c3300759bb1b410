"""A source that is never asked: what ``--offline`` puts in the place of the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import About, Changes, Snapshot, Source, Traits, Usage


class Offline:
    """Answers for ``source`` what needs no call, and raises ``Unavailable`` for all else."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def traits(self) -> Traits:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._source.traits

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """Raise ``Unavailable``."""
        self._refuse(folder)

    def scan(self, folder: RemotePath) -> Snapshot:
        """Raise ``Unavailable``."""
        self._refuse(folder)

    def changes(self, cursor: str) -> Changes:
        """Raise ``Unavailable``."""
        self._refuse(cursor)

    def stat(self, path: RemotePath) -> Entry:
        """Raise ``Unavailable``."""
        self._refuse(path)

    def read(self, entry: Entry, _start: int = 0, _length: int | None = None) -> Iterator[bytes]:
        """Raise ``Unavailable``."""
        self._refuse(entry.path)

    def usage(self) -> Usage:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._source.usage()

    def about(self) -> About:
        """Raise ``Unavailable``."""
        self._refuse("the account")

    def close(self) -> None:
        """See :class:`~mirrorfs.core.provider.Source`."""
        self._source.close()

    def _refuse(self, what: str) -> NoReturn:
        raise Unavailable(f"Offline: {what or 'this'!r} is not kept here.")
