"""What every provider can be asked: the verbs of the :mod:`os` module.

``Source`` reads, ``Target`` also writes. A mount is handed :class:`ReadOnly`, which has no
write methods at all. Every implementation passes ``tests/contract``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.paths import RemotePath


@dataclass(frozen=True, slots=True)
class Traits:
    """What a provider is like; callers choose their way by it, never by its name.

    ``digest`` is the algorithm of its entries' checksums (``None``: it tells none).
    ``whole_scan`` says that one ``scan`` costs far less than ``scandir`` of each folder.
    ``changes`` says that ``changes`` is cheap. ``holds_empty_files`` and ``keeps_modified``
    say what a write may ask for. ``modified_step`` is the coarsest step, in nanoseconds,
    of the times that it keeps. ``renames_files`` says whether a file's own name can change.
    ``holds`` are the extensions of the files that it takes, in lower case (``None``: any file
    of any bytes); ``converts`` are those of them of which it keeps another form than was sent,
    so that what is read back MUST NOT be taken for a newer version of that. ``describes`` are
    the names of the facts (:mod:`mirrorfs.core.facts`) that can be set, with a write or by
    ``describe``. ``case_sensitive`` says that ``a`` and ``A`` may be two files of one folder.
    ``reuses_ids`` says that the id of a file that is gone may be given to another one.
    """

    name: str
    digest: str | None
    whole_scan: bool
    changes: bool
    holds_empty_files: bool = True
    keeps_modified: bool = True
    modified_step: int = 1
    renames_files: bool = True
    holds: frozenset[str] | None = None
    converts: frozenset[str] = frozenset()
    describes: frozenset[str] = frozenset()
    case_sensitive: bool = True
    reuses_ids: bool = False


NO_FILE = "It is a symbolic link, a device or a socket."
"""Why something is withheld that will never be given; that is no error."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole subtree, provably complete: path → entry, without the root itself.

    Every folder of the subtree has an entry of its own. ``cursor`` is opaque: where
    :meth:`Source.changes` goes on from (empty where the provider has no changes).

    ``withheld`` is path → reason for files that the service holds but does not give, such as
    those that it still processes. They are no entries, and MUST NOT be taken for deleted.
    """

    entries: Mapping[RemotePath, Entry]
    cursor: str = ""
    withheld: Mapping[RemotePath, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to look at again since a cursor.

    ``touched`` maps the id of each new or changed file to the folder it is in now (a file
    that moved is also gone from the folder where the caller knew its id). ``folders`` are those
    whose ``scandir`` tells of what is new, gone or changed in them, folders too; one that is
    gone itself is told of by the folder above it, which is among them. ``rescan`` says that this
    is not the whole story (something was removed, or the cursor is too old): only a new
    ``scan`` tells. ``cursor`` is where the next call goes on from.
    """

    touched: Mapping[str, RemotePath]
    cursor: str
    rescan: bool = False
    folders: frozenset[RemotePath] = frozenset()


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of the service: calls that its quota counts, and what is left.

    ``limit`` and ``remaining`` are calls in the running period, ``resets_at`` is seconds
    since the epoch (UTC); all three are ``None`` until the service has said so.
    """

    calls: int
    limit: int | None = None
    remaining: int | None = None
    resets_at: float | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a service says of an account; empty or ``None`` where it does not say.

    ``size`` is what is stored and ``room`` how much may be, both in bytes. ``details`` is what
    else it counts, in its own words.
    """

    user: str = ""
    plan: str = ""
    files: int | None = None
    folders: int | None = None
    size: int | None = None
    room: int | None = None
    details: Mapping[str, str] = field(default_factory=dict)


class Readable(Protocol):
    """A body to be written: a binary file open for reading, or anything like it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes; empty at the end."""
        ...


class Source(Protocol):
    """A tree to read. All methods are safe to call from several threads.

    Each raises ``RateLimited``, ``Unavailable``, ``Denied`` or ``BadAnswer`` where the
    service does not answer as it should; none ever returns less than there is.
    """

    @property
    def traits(self) -> Traits:
        """What this provider is like."""
        ...

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """Return all direct children of ``folder``, in any order.

        Raises:
            NotFound: there is no such folder.
        """
        ...

    def scan(self, folder: RemotePath) -> Snapshot:
        """Return the whole subtree below ``folder`` in the fewest calls, complete or an error.

        Raises:
            NotFound: there is no such folder.
        """
        ...

    def changes(self, cursor: str) -> Changes:
        """Return what was touched since ``cursor`` (from a snapshot of the root).

        Raises:
            Unsupported: ``traits.changes`` is false.
        """
        ...

    def stat(self, path: RemotePath) -> Entry:
        """Return the entry at ``path`` as the service has it now.

        Raises:
            NotFound: there is nothing.
        """
        ...

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes ``start`` up to ``start + length`` of exactly ``entry.revision``.

        The pieces together are as long as was asked for (up to the end of the file). A read
        of the whole file is proven by the entry's digest at its end.

        Raises:
            Changed: the service no longer holds that revision.
            NotFound: the file is gone.
            Corrupt: the bytes are not those of the digest, by whichever way they were fetched.
        """
        ...

    def usage(self) -> Usage:
        """Return what was asked of the service so far; costs nothing."""
        ...

    def about(self) -> About:
        """Ask what the service says of the account, in a few calls."""
        ...

    def close(self) -> None:
        """Give back connections; the object is not used afterwards."""
        ...


class Target(Source, Protocol):
    """A tree that can also be written. Every write says which revision it replaces."""

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
        """Store ``size`` bytes of ``body`` at ``path`` and return the new entry.

        Folders above it are made as needed. ``modified`` is in nanoseconds since the epoch.
        The bytes that the service says it stored are compared with those sent. The entry tells
        of what is read back: where the name is in ``traits.converts`` its size and digest, and
        the extension of its path, may be others than those of what was sent. Of ``facts``
        those in ``traits.describes`` are kept and the others left out; what is not among them
        stays as it is for ``replaces``.

        Raises:
            AlreadyExists: ``replaces`` is ``None`` and something is at ``path``.
            Changed: what is at ``path`` is not ``replaces`` (its id and revision).
            Corrupt: the service stored other bytes, or ``body`` was not ``size`` long;
                what was at ``path`` before is still there, or nothing where there was nothing.
            Unsupported: the provider cannot hold this name, type or size.
        """
        ...

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """Set what the service says of a file and return it; its bytes stay as they are.

        An empty text takes a fact away; those that are not named stay. A latitude goes together
        with its longitude.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
            Unsupported: a fact is not in ``traits.describes``, or cannot hold this text.
        """
        ...

    def mkdir(self, path: RemotePath) -> Entry:
        """Make a folder, and those above it; one that exists is returned as it is.

        The root itself is made, too, when it is what is asked for.

        Raises:
            AlreadyExists: a file is at ``path``.
        """
        ...

    def remove(self, entry: Entry) -> None:
        """Remove a file at exactly that revision, or an empty folder.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone already.
            NotEmpty: the folder holds something.
        """
        ...

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """Move a file to ``path`` on the service, without sending its bytes, and return it.

        Raises:
            AlreadyExists: something is at ``path``.
            Changed: the file is at another revision.
            NotFound: it is gone.
            Unsupported: the service cannot move this, or not to there.
        """
        ...


class ReadOnly:
    """A source and nothing more: what a mount is given. It has no write methods."""

    __slots__ = ("_source",)

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def traits(self) -> Traits:
        """See :class:`Source`."""
        return self._source.traits

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`Source`."""
        return self._source.scandir(folder)

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`Source`."""
        return self._source.scan(folder)

    def changes(self, cursor: str) -> Changes:
        """See :class:`Source`."""
        return self._source.changes(cursor)

    def stat(self, path: RemotePath) -> Entry:
        """See :class:`Source`."""
        return self._source.stat(path)

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See :class:`Source`."""
        return self._source.read(entry, start, length)

    def usage(self) -> Usage:
        """See :class:`Source`."""
        return self._source.usage()

    def about(self) -> About:
        """See :class:`Source`."""
        return self._source.about()

    def close(self) -> None:
        """See :class:`Source`."""
        self._source.close()
