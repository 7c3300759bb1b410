"""Looking at a part of both sides: what is outside of it is taken to be as it was agreed.

That is safe, for each write says which revision it replaces: where it is not so, nothing is
done, and the next look at everything finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NoFile, NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import NO_FILE, Source
from sync.model import Agreed, Fact, Side

_PAGE = 500
_MANY = 10
_CALLS = 2
"""Calls for one folder; a look at everything takes one for each page, and some more."""

Rows = Mapping[RemotePath, Agreed]
Entries = Mapping[RemotePath, Entry]


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be brought in line: ``paths`` and all below them, ``None`` for everything.

    ``unsettled`` are paths that may hold half of a file: they are left as they are, on both
    sides.
    """

    paths: frozenset[RemotePath] | None = None
    unsettled: frozenset[RemotePath] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found on one side, the reasons for what it withholds, and what is left alone."""

    entries: Entries
    withheld: Mapping[RemotePath, str]
    left_out: frozenset[RemotePath] = frozenset()


See = Callable[[Side, Source], Seen]
"""Lists a side; MirrorError: it could not be listed completely."""


def whole(_: Side, source: Source) -> Seen:
    """Return all that there is."""
    found = source.scan(ROOT)
    return Seen(found.entries, found.withheld)


def seeing(part: Part, rows: Rows, known: int) -> See:
    """Return what lists a side within ``part``, and has it as it was agreed in ``rows`` elsewhere.

    ``known`` is how many files and folders were agreed on in all.
    """

    def see(side: Side, source: Source) -> Seen:
        if part.paths is None:
            return without(whole(side, source), part.unsettled)
        folders = {paths.parent(path) for path in part.paths}
        is_cheaper = _CALLS * len(folders) > known // _PAGE + _MANY
        look = _sift if source.traits.whole_scan and is_cheaper else look_at
        return without(look(side, source, part.paths, rows), part.unsettled)

    return see


def look_at(side: Side, source: Source, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return ``side`` as it is within ``part``, and as it was agreed elsewhere.

    Raises:
        NotFound: the root itself is gone, which tells nothing of what was in it.
        MirrorError: the source could not be listed.
    """
    agreed = _agreed(side, rows)
    wanted = _wanted(side, part, rows)
    glance = _Glance(source, agreed)
    for path in sorted(wanted):
        glance.at(path)
    for path, entry in agreed.items():
        if not _is_within(path, wanted):
            glance.entries.setdefault(path, entry)
    return Seen(glance.entries, glance.withheld)


class _Glance:
    """Looks at single paths; ``entries`` and ``withheld`` are what it saw.

    A service tells of a file by listing its folder, so there each folder is listed once.
    """

    def __init__(self, source: Source, agreed: Entries) -> None:
        self.entries: dict[RemotePath, Entry] = {}
        self.withheld: dict[RemotePath, str] = {}
        self._source = source
        self._agreed = agreed
        self._listed: dict[RemotePath, Entries] = {}

    def at(self, path: RemotePath) -> None:
        """Find what is at ``path``, below it, and those folders above it that are new."""
        try:
            for folder in paths.ancestors(path)[1:]:
                if folder not in self.entries:
                    self.entries[folder] = self._agreed.get(folder) or self._find(folder)
            entry = self.entries[path] = self._find(path)
            if entry.is_folder:
                below = self._source.scan(path)
                self.entries.update(below.entries)
                self.withheld |= below.withheld
        except NoFile:
            self.withheld[path] = NO_FILE
        except NotFound:
            self._doubt(path)

    def _find(self, path: RemotePath) -> Entry:
        if not self._source.traits.whole_scan:
            return self._source.stat(path)
        found = self._list(paths.parent(path)).get(path)
        if found is None:
            raise NotFound(f"There is nothing at {path}.")
        return found

    def _doubt(self, path: RemotePath) -> None:
        """Make sure that what seems to be gone is not withheld, and that the root is there."""
        if not self._source.traits.whole_scan:
            self._source.stat(ROOT)
        elif path in self._agreed:
            self._ask_above(path)
        elif not self._listed:
            self._list(ROOT)

    def _ask_above(self, path: RemotePath) -> None:
        """Scan the nearest folder above ``path`` that there is: it tells what is withheld."""
        for folder in reversed(paths.ancestors(path)):
            try:
                found = self._source.scan(folder)
            except NotFound:
                if folder == ROOT:
                    raise
                continue
            self.withheld |= _withheld_above(path, found.withheld)
            return

    def _list(self, folder: RemotePath) -> Entries:
        if folder not in self._listed:
            found = self._source.scandir(folder)
            self._listed[folder] = {entry.path: entry for entry in found}
        return self._listed[folder]


def _sift(side: Side, source: Source, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return the same as :func:`look_at`, by one look at everything."""
    wanted, found = _wanted(side, part, rows), whole(side, source)
    above = {up for path in wanted for up in paths.ancestors(path)}
    entries = {
        path: entry
        for path, entry in found.entries.items()
        if path in above or _is_within(path, wanted)
    }
    for path, entry in _agreed(side, rows).items():
        if not _is_within(path, wanted):
            entries.setdefault(path, entry)
    withheld = {path: why for path, why in found.withheld.items() if _is_within(path, wanted)}
    for path in wanted:
        withheld |= _withheld_above(path, found.withheld)
    return Seen(entries, withheld)


def without(seen: Seen, unsettled: frozenset[RemotePath]) -> Seen:
    """Leave ``unsettled`` and all below it alone, also where nothing is there."""
    if not unsettled:
        return seen
    kept = {
        path: entry
        for path, entry in seen.entries.items()
        if path not in unsettled and unsettled.isdisjoint(paths.ancestors(path))
    }
    return Seen(kept, seen.withheld, unsettled)


def _withheld_above(path: RemotePath, withheld: Mapping[RemotePath, str]) -> dict[RemotePath, str]:
    """Return what of ``withheld`` is ``path`` or above it."""
    return {one: withheld[one] for one in (*paths.ancestors(path), path) if one in withheld}


def _wanted(side: Side, part: Collection[RemotePath], rows: Rows) -> set[RemotePath]:
    """Return the paths of ``part`` and what the side itself calls them."""
    return set(part) | {rows[path].of(side).path for path in part if path in rows}


def _is_within(path: RemotePath, wanted: set[RemotePath]) -> bool:
    return path in wanted or not wanted.isdisjoint(paths.ancestors(path))


def _agreed(side: Side, rows: Rows) -> dict[RemotePath, Entry]:
    return {row.of(side).path: _entry(row.of(side)) for row in rows.values()}


def _entry(fact: Fact) -> Entry:
    return Entry(
        fact.path, fact.kind, fact.id, fact.revision, fact.size, fact.modified, fact.digest
    )
