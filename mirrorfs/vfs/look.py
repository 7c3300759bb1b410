"""Looking at a service again: what changed since the last look, in the fewest calls.

Everything is asked before anything is written, so that an error leaves the tree as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from mirrorfs.cache.listings import ListingStore, TreeState
from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Changes, Snapshot, Source

_PAGE = 500
_CALLS_PER_FOLDER = 2


class Way(Enum):
    """How it was looked."""

    SCAN = "scan"
    CHANGES = "changes"
    FOLDERS = "folders"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found.

    ``changed``: the paths of files and folders that are new, gone, or another than before, as far
    as somebody can have seen what was there; ``count``: how many there are in all.
    ``folders``: those whose listing was written anew; ``None`` means all.
    """

    way: Way
    changed: frozenset[RemotePath] = frozenset()
    folders: frozenset[RemotePath] | None = frozenset()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Differences:
    """``seen`` and ``count`` are as ``changed`` and ``count`` of :class:`Found`."""

    seen: frozenset[RemotePath]
    count: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where a look made at ``now`` is written down, as a whole or, with ``NotKept``, not at all.

    ``announce`` is called with what changed before anybody can see it.
    """

    listings: ListingStore
    now: float
    announce: Callable[[frozenset[RemotePath]], None]

    def write(
        self, fresh: Mapping[RemotePath, Sequence[Entry]], cursor: str | None = None
    ) -> Differences:
        """Let these folders be as they are, the whole tree going on at ``cursor`` if given."""
        found = _differences(self.listings, fresh)
        self.announce(found.seen)
        with self.listings.together():
            for folder in sorted(fresh):
                self.listings.replace_folder(folder, fresh[folder], self.now)
            if cursor is not None:
                self.listings.advance(cursor, self.now)
        return found

    def write_all(self, snapshot: Snapshot) -> Differences:
        """Let the tree be ``snapshot``."""
        found = _differences(self.listings, _folders(snapshot))
        self.announce(found.seen)
        self.listings.replace_all(snapshot, self.now)
        return found


class _Rescan(Exception):
    """Only a new scan tells the whole story."""


def scan(source: Source, ledger: Ledger) -> Found:
    """Look at everything."""
    found = ledger.write_all(source.scan(ROOT))
    return Found(Way.SCAN, found.seen, None, found.count)


def follow(source: Source, ledger: Ledger, state: TreeState) -> Found:
    """Look at the folders that the service says were touched; scan if that costs less."""
    changes = source.changes(state.cursor)
    try:
        if changes.rescan:
            raise _Rescan
        dirty = _dirty(ledger.listings, changes)
        if len(dirty) * _CALLS_PER_FOLDER > _CALLS_PER_FOLDER + state.files // _PAGE:
            raise _Rescan
        fresh = _list_whole(source, ledger.listings, dirty, changes.folders)
    except _Rescan:
        return scan(source, ledger)
    found = ledger.write(fresh, changes.cursor)
    return Found(Way.CHANGES, found.seen, frozenset(fresh), found.count)


def relist(
    source: Source, ledger: Ledger, folders: Iterable[RemotePath], cursor: str | None = None
) -> Found:
    """Look at ``folders`` one by one; those that are gone vanish with their parent's listing.

    With a ``cursor`` it is noted as a look at the whole tree.
    """
    fresh: dict[RemotePath, list[Entry]] = {}
    for folder in folders:
        try:
            fresh[folder] = source.scandir(folder)
        except NotFound:
            if folder == ROOT:
                raise
    found = ledger.write(fresh, cursor)
    return Found(Way.FOLDERS, found.seen, frozenset(fresh), found.count)


def _dirty(listings: ListingStore, changes: Changes) -> set[RemotePath]:
    touched = {*changes.touched.values(), *listings.folders_of(changes.touched).values()}
    dirty: set[RemotePath] = set()
    for folder in touched:
        step = folder
        dirty.add(step)
        while step != ROOT and listings.folder(step) is None:
            step = paths.parent(step)
            dirty.add(step)
    return dirty


def _list_whole(
    source: Source,
    listings: ListingStore,
    dirty: Iterable[RemotePath],
    told: frozenset[RemotePath],
) -> dict[RemotePath, list[Entry]]:
    """List ``dirty``, those that the service ``told`` of, and every new folder below them.

    A folder that vanished is the whole story only where the one above it was told of.
    """
    fresh: dict[RemotePath, list[Entry]] = {}
    queue = deque(sorted({*dirty, *told}))
    gone: set[RemotePath] = set()
    while queue:
        folder = queue.popleft()
        if folder in fresh or any(paths.is_within(folder, one) for one in gone):
            continue
        try:
            fresh[folder] = source.scandir(folder)
        except NotFound as error:
            if folder == ROOT or paths.parent(folder) not in told:
                raise _Rescan from error
            gone.add(folder)
            continue
        known = listings.folder(folder)
        inside = {entry.path for entry in fresh[folder] if entry.is_folder}
        before = {e.path for e in known.entries.values() if e.is_folder} if known else set()
        if before - inside and folder not in told:
            raise _Rescan
        gone |= before - inside
        queue.extend(sorted(inside - before))
    return fresh


def _folders(snapshot: Snapshot) -> dict[RemotePath, list[Entry]]:
    inside: dict[RemotePath, list[Entry]] = {ROOT: []}
    for path, entry in snapshot.entries.items():
        inside.setdefault(paths.parent(path), []).append(entry)
        if entry.is_folder:
            inside.setdefault(path, [])
    return inside


def _differences(
    listings: ListingStore, fresh: Mapping[RemotePath, Sequence[Entry]]
) -> Differences:
    """Return what differs in the folders of ``fresh``; it is seen where they were known before."""
    seen: set[RemotePath] = set()
    count = 0
    for folder, entries in fresh.items():
        known = listings.folder(folder)
        if known is None:
            count += len(entries)
            continue
        before = {entry.path: entry for entry in known.entries.values()}
        after = {entry.path: entry for entry in entries}
        here = {path for path in before | after if _differ(before.get(path), after.get(path))}
        gone = (path for path in here if path in before and before[path].is_folder)
        count += len(here) + sum(_below(listings, path) for path in gone)
        seen |= here
    return Differences(frozenset(seen), count)


def _below(listings: ListingStore, folder: RemotePath) -> int:
    """Return how much is known to be in ``folder`` and below."""
    known = listings.folder(folder)
    inside = known.entries.values() if known else ()
    return len(inside) + sum(_below(listings, entry.path) for entry in inside if entry.is_folder)


def _differ(before: Entry | None, after: Entry | None) -> bool:
    """A folder that is still a folder is not different: what is in it has its own listing."""
    if before is None or after is None:
        return True
    return before != after and not (before.is_folder and after.is_folder)
