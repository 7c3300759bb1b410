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
        is_cheaper = len(part.paths) > known // _PAGE + _MANY
        look = _sift if source.traits.whole_scan and is_cheaper else look_at
        return without(look(side, source, part.paths, rows), part.unsettled)

    return see


def look_at(side: Side, source: Source, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return ``side`` as it is within ``part``, and as it was agreed elsewhere.

    Raises:
        MirrorError: the source could not be listed.
    """
    agreed = _agreed(side, rows)
    wanted = _wanted(side, part, rows)
    entries: dict[RemotePath, Entry] = {}
    withheld: dict[RemotePath, str] = {}
    for path in sorted(wanted):
        withheld |= _look(source, path, agreed, entries)
    for path, entry in agreed.items():
        if not _is_within(path, wanted):
            entries.setdefault(path, entry)
    return Seen(entries, withheld)


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
    return Seen(entries, withheld)


def without(seen: Seen, unsettled: frozenset[RemotePath]) -> Seen:
    """Leave ``unsettled`` and all below it alone, also where nothing is there."""
    kept = {
        path: entry
        for path, entry in seen.entries.items()
        if path not in unsettled and unsettled.isdisjoint(paths.ancestors(path))
    }
    return Seen(kept, seen.withheld, unsettled) if unsettled else seen


def _look(
    source: Source, path: RemotePath, agreed: Entries, found: dict[RemotePath, Entry]
) -> Mapping[RemotePath, str]:
    """Find what is at ``path``, below it, and those folders above it that are new.

    Returns what is withheld, with the reasons.
    """
    try:
        for folder in paths.ancestors(path)[1:]:
            if folder not in found:
                found[folder] = agreed.get(folder) or source.stat(folder)
        entry = found[path] = source.stat(path)
        if not entry.is_folder:
            return {}
        below = source.scan(path)
    except NoFile:
        return {path: NO_FILE}
    except NotFound:
        return {}
    found.update(below.entries)
    return below.withheld


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
