"""The tree of a remote: from memory, else from the disk, else from the service.

Once a tree is known no question about it waits for the service; :meth:`Tree.refresh` looks
again, and a look that fails leaves the tree as it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from mirrorfs.cache.listings import Listing, ListingStore, TreeState
from mirrorfs.cache.rows import glances_of
from mirrorfs.core import entry as entries
from mirrorfs.core import paths
from mirrorfs.core.clock import Clock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import MirrorError, NotFound, RateLimited, Unavailable
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Source
from mirrorfs.vfs import look
from mirrorfs.vfs.flights import Flights
from mirrorfs.vfs.look import Found, Ledger, Way
from mirrorfs.vfs.memory import ListingMemory

_log = logging.getLogger(__name__)
_BACKOFF = 15.0
_LONGEST_BACKOFF = 900.0


@dataclass(frozen=True, slots=True)
class TreeOptions:
    """``refresh``: seconds between looks; ``memory``: how many entries are kept decoded.

    ``remote`` is what people call the remote.
    """

    refresh: float = 300.0
    offline: bool = False
    memory: int = 50_000
    remote: str = ""


@dataclass(frozen=True, slots=True)
class TreeStatus:
    """What is known, and how the last look went (times in seconds since the epoch, UTC).

    ``error`` is why the last look failed, empty when it did not; the next is at ``retry_at``.
    """

    state: TreeState
    error: str
    retry_at: float
    refreshing: bool


class Tree:
    """Thread-safe. ``listings`` belongs to this remote alone."""

    def __init__(
        self, source: Source, listings: ListingStore, options: TreeOptions, clock: Clock
    ) -> None:
        self._source = source
        self._listings = listings
        self._options = options
        self._clock = clock
        self._memory = ListingMemory(options.memory)
        self._looks: Flights[RemotePath | None, Found] = Flights()
        self._outdated: set[RemotePath] = set()
        self._failed: MirrorError | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._expecting: list[Callable[[frozenset[RemotePath]], None]] = []
        self._listeners: list[Callable[[Found], None]] = []
        self._state = listings.state()
        self._looking = threading.Event()

    def listen(self, listener: Callable[[Found], None]) -> None:
        """Call ``listener`` after each look that found something, outside all locks."""
        self._listeners.append(listener)

    def listen_before(self, listener: Callable[[frozenset[RemotePath]], None]) -> None:
        """Call ``listener`` with the paths that a look found changed, before any of it shows."""
        self._expecting.append(listener)

    def prepare(self) -> None:
        """Make sure that the tree is known, looking at the service only if it is not.

        Raises:
            Unavailable: offline, and nothing is known; or as :meth:`refresh`.
        """
        if self._source.traits.whole_scan and not self._known():
            self._first_look(ROOT)
        else:
            self.children(ROOT)

    def lookup(self, path: RemotePath) -> Entry:
        """Return the entry at ``path``; the root is as new as the newest that is in it.

        Raises:
            NotFound: there is nothing.
        """
        if not path:
            return entries.folder(ROOT, self._newest())
        entry = self.children(paths.parent(path)).entries.get(paths.name(path))
        if entry is None:
            raise NotFound(f"There is nothing at {path!r}.")
        return entry

    def children(self, folder: RemotePath) -> Listing:
        """Return what is in ``folder``, by name, sorted.

        Raises:
            NotFound: there is no such folder.
        """
        listing = self._memory.get(folder)
        if listing is None:
            listing = self._load(folder)
            if listing is None:
                self._first_look(folder)
                listing = self._load(folder)
            if listing is None:
                raise NotFound(f"There is no folder {folder!r}.")
        return listing

    def refresh(self) -> Found:
        """Look for changes now; one look at a time, however many ask.

        Raises:
            RateLimited: also without a call, before its ``retry_at``.
            Unavailable: the service is down, or this is offline.
        """
        return self._looks.share(None, self._look_again)

    def rescan(self) -> Found:
        """Look at everything anew, whatever the service says has changed.

        Where folders are listed one by one that is as :meth:`refresh`. Raises as that.
        """
        found = self._looks.share(None, self._scan_again)
        while found.way is Way.CHANGES:  # it came too late for its own and shared another's
            found = self._looks.share(None, self._scan_again)
        return found

    def due(self) -> float:
        """Return when the next look should be (seconds since the epoch, UTC).

        A look that was made in the future is one whose time nobody knows: the clock was wrong.
        """
        if self._options.offline:
            return float("inf")
        if self._failed:
            return self._retry_at
        listed_at = self._state.listed_at
        if self._outdated or listed_at > self._clock.now():
            return 0.0
        return listed_at + self._options.refresh

    def lists(self, entry: Entry) -> bool:
        """Say whether ``entry``, as it is, is what is known to be at its path; asks nobody."""
        folder = paths.parent(entry.path)
        listing = self._memory.get(folder) or self._load(folder)
        return listing is not None and listing.entries.get(paths.name(entry.path)) == entry

    def status(self) -> TreeStatus:
        """Sum up; asks nobody."""
        error = self._failed.message if self._failed else ""
        return TreeStatus(self._state, error, self._retry_at, self._looking.is_set())

    def forget(self) -> None:
        """Drop what is in memory and read it from the disk again."""
        self._memory.clear()

    def _newest(self) -> int:
        """Return the newest time in the root as far as it is known; asks nobody."""
        listing = self._memory.get(ROOT) or self._load(ROOT)
        return (
            max((seen.modified for seen in glances_of(listing.entries)), default=0)
            if listing
            else 0
        )

    def _known(self) -> bool:
        return self._state.listed_at > 0

    def _load(self, folder: RemotePath) -> Listing | None:
        generation = self._memory.generation
        listing = self._listings.folder(folder)
        if listing is not None:
            self._memory.put(folder, listing, generation)
            self._note_age(folder, listing)
        return listing

    def _note_age(self, folder: RemotePath, listing: Listing) -> None:
        lists_folders = not self._source.traits.whole_scan
        age = self._clock.now() - listing.listed_at
        if lists_folders and not 0 <= age <= self._options.refresh:
            self._outdated.add(folder)

    def _first_look(self, folder: RemotePath) -> None:
        """List what nobody knows yet: everything at once where the service can do that."""
        self._state = self._listings.state()
        whole = self._source.traits.whole_scan
        if whole and self._known() and self._state.complete:
            return
        if self._options.offline:
            where = f"{folder!r} in " if folder else ""
            raise Unavailable(
                f"Offline, and nothing is known of {where}{self._options.remote!r}.",
                "Look at it once without --offline.",
            )
        if whole and self._failed and self._clock.now() < self._retry_at:
            raise self._failed.with_traceback(None)
        if whole and not self._known():
            self._looks.share(None, self._scan_unless_known)
        else:
            self._looks.share(folder, lambda: self._attempt(lambda: self._relist([folder])))

    def _scan_unless_known(self) -> Found:
        if self._known():
            return Found(Way.SCAN)
        return self._attempt(lambda: look.scan(self._source, self._ledger()))

    def _look_again(self, *, anew: bool = False) -> Found:
        if self._options.offline:
            raise Unavailable("This mount is offline.", "Mount it without --offline.")
        return self._attempt(lambda: self._look(anew=anew))

    def _scan_again(self) -> Found:
        return self._look_again(anew=True)

    def _look(self, *, anew: bool) -> Found:
        traits, state, ledger = self._source.traits, self._listings.state(), self._ledger()
        if not traits.whole_scan:
            folders = dict.fromkeys([ROOT, *self._memory.folders(), *self._outdated])
            return self._relist(list(folders), "")
        if traits.changes and state.complete and state.cursor and not anew:
            return look.follow(self._source, ledger, state)
        return look.scan(self._source, ledger)

    def _relist(self, folders: list[RemotePath], cursor: str | None = None) -> Found:
        found = look.relist(self._source, self._ledger(), folders, cursor)
        self._outdated.difference_update(folders)
        return found

    def _ledger(self) -> Ledger:
        return Ledger(self._listings, self._clock.now(), self._announce)

    def _announce(self, changed: frozenset[RemotePath]) -> None:
        for listener in self._expecting:
            listener(changed)

    def _attempt(self, way: Callable[[], Found]) -> Found:
        if isinstance(self._failed, RateLimited) and self._clock.now() < self._retry_at:
            raise self._failed.with_traceback(None)
        self._looking.set()
        try:
            found = way()
        except MirrorError as error:
            self._fail(error)
            raise
        except Exception as error:
            self._fail(MirrorError(f"It failed: {type(error).__name__}."))
            raise
        finally:
            self._looking.clear()
        self._failed, self._failures, self._retry_at = None, 0, 0.0
        self._memory.drop(self._memory.folders() if found.folders is None else found.folders)
        self._state = self._listings.state()
        for listener in self._listeners:
            listener(found)
        return found

    def _fail(self, error: MirrorError) -> None:
        self._failures += 1
        pause = min(_BACKOFF * 2 ** min(self._failures - 1, 10), _LONGEST_BACKOFF)
        wanted = error.retry_at if isinstance(error, RateLimited) else 0.0
        self._retry_at = max(self._clock.now() + pause, wanted)
        self._failed = error
        _log.warning("Looking for changes failed: %s", error)
