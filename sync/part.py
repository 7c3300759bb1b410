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


def seeing(part: Part, rows: Rows) -> See:
    """Return what lists a side within ``part``, and has it as it was agreed elsewhere."""

    def see(side: Side, source: Source) -> Seen:
        is_whole = part.paths is None
        seen = whole(side, source) if is_whole else look_at(side, source, part.paths or (), rows)
        return without(seen, part.unsettled)

    return see


def look_at(side: Side, source: Source, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return ``side`` as it is within ``part``, and as it was agreed elsewhere.

    Raises:
        MirrorError: the source could not be listed.
    """
    agreed = {row.of(side).path: _entry(row.of(side)) for row in rows.values()}
    wanted = set(part) | {rows[path].of(side).path for path in part if path in rows}
    if source.traits.whole_scan and len(wanted) > len(agreed) // _PAGE + _MANY:
        return whole(side, source)
    entries: dict[RemotePath, Entry] = {}
    withheld: dict[RemotePath, str] = {}
    for path in sorted(wanted):
        withheld |= _look(source, path, agreed, entries)
    for path, entry in agreed.items():
        if not any(above in wanted for above in (*paths.ancestors(path), path)):
            entries.setdefault(path, entry)
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


def _entry(fact: Fact) -> Entry:
    return Entry(
        fact.path, fact.kind, fact.id, fact.revision, fact.size, fact.modified, fact.digest
    )
