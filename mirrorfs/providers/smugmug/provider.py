"""SmugMug as a :class:`~mirrorfs.core.provider.Target`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import About, Changes, Readable, Snapshot, Traits, Usage
from mirrorfs.net.ranged import Span
from mirrorfs.providers.smugmug import about
from mirrorfs.providers.smugmug.account import Account
from mirrorfs.providers.smugmug.catalogue import Catalogue
from mirrorfs.providers.smugmug.delivery import Delivery
from mirrorfs.providers.smugmug.deltas import Deltas
from mirrorfs.providers.smugmug.line import Line
from mirrorfs.providers.smugmug.moving import Mover
from mirrorfs.providers.smugmug.parcel import Parcel
from mirrorfs.providers.smugmug.rules import MIME_TYPES, VIDEOS
from mirrorfs.providers.smugmug.uploads import KEPT
from mirrorfs.providers.smugmug.writing import Writer

TRAITS = Traits(
    "smugmug",
    "md5",
    whole_scan=True,
    changes=True,
    holds_empty_files=False,
    keeps_modified=False,
    renames_files=False,
    holds=frozenset(MIME_TYPES),
    converts=frozenset(VIDEOS),
    case_sensitive=False,
    describes=KEPT,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a provider is made of."""

    line: Line
    account: Account
    catalogue: Catalogue
    deltas: Deltas
    delivery: Delivery
    writer: Writer
    mover: Mover


class SmugmugProvider:
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
        return self._parts.deltas.scan(folder)

    def changes(self, cursor: str) -> Changes:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._parts.deltas.changes(cursor)

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
        return self._parts.line.quota.usage()

    def about(self) -> About:
        """See :class:`~mirrorfs.core.provider.Source`."""
        account = self._parts.account
        return about.ask(account.api, account.owner())

    def close(self) -> None:
        """See :class:`~mirrorfs.core.provider.Source`."""
        self._parts.line.sessions.close()

    def write(  # noqa: PLR0913 - all that makes a file
        self,
        path: RemotePath,
        body: Readable,
        *,
        size: int,
        modified: int,  # noqa: ARG002 - the service keeps no time of ours
        replaces: Entry | None = None,
        facts: Mapping[str, str] = NO_FACTS,
    ) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._parts.writer.write(path, Parcel(body, size, path), replaces, facts)

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
