"""Cloudinary as a :class:`~mirrorfs.core.provider.Target`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Snapshot, Traits, Usage
from mirrorfs.net.quota import Quota
from mirrorfs.net.ranged import Span
from mirrorfs.net.session import Sessions
from mirrorfs.providers.cloudinary import describing
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.delivery import Delivery
from mirrorfs.providers.cloudinary.moving import Mover
from mirrorfs.providers.cloudinary.sending import Source
from mirrorfs.providers.cloudinary.writing import Beside, Writer

TRAITS = Traits(
    "cloudinary",
    "md5",
    whole_scan=True,
    changes=True,
    holds_empty_files=False,
    case_sensitive=False,
    describes=describing.KEPT,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a provider is made of."""

    api: Api
    catalogue: Catalogue
    delivery: Delivery
    writer: Writer
    mover: Mover
    sessions: Sessions
    quota: Quota


class CloudinaryProvider:
    """One account; every method is safe to call from several threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def traits(self) -> Traits:
        """See :data:`TRAITS`."""
        return TRAITS

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.catalogue.scandir(folder)

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.catalogue.scan(folder)

    def changes(self, cursor: str) -> Changes:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.catalogue.changes(cursor)

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.catalogue.stat(path)

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        stop = entry.size if length is None else min(start + length, entry.size)
        if entry.is_folder:
            raise Unsupported(f"{entry.path} is a folder.")
        if start >= stop:
            return iter(())
        return self._parts.delivery.read(entry, Span(start, stop, entry.size))

    def usage(self) -> Usage:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.quota.usage()

    def about(self) -> About:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.api.about()

    def close(self) -> None:
        """See :class:`~mirrorfs.core.provider.Source`."""
        self._parts.sessions.close()

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
        source = Source(body, size, path)
        beside = Beside(modified, facts)
        return self._parts.writer.write(path, source, beside, replaces)

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._parts.mover.describe(entry, facts)

    def mkdir(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._parts.mover.mkdir(path)

    def remove(self, entry: Entry) -> None:
        """See :class:`~mirrorfs.core.provider.Target`."""
        self._parts.mover.remove(entry)

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._parts.mover.rename(entry, path)
