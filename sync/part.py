"""Looking at a part of both sides: what is outside of it is taken to be as it was agreed.

That is safe, for each write says which revision it replaces: where it is not so, nothing is
done, and the next look at everything finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Source
from sync.model import Agreed, Fact, Side, Tree

_PAGE = 500
_MANY = 10

Rows = Mapping[RemotePath, Agreed]
Entries = Mapping[RemotePath, Entry]

NOTHING: Rows = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be brought in line: ``paths`` and all below them, ``None`` for everything.

    ``unsettled`` are paths that may hold half of a file: they are left as they are, on both
    sides.
    """

    paths: frozenset[RemotePath] | None = None
    unsettled: frozenset[RemotePath] = frozenset()


EVERYTHING = Part()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found below some paths of one side, and the reasons for what it withholds."""

    entries: Entries
    withheld: Mapping[RemotePath, str]


def look_at(source: Source, side: Side, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return ``side`` as it is within ``part``, and as it was agreed elsewhere.

    Raises:
        MirrorError: the source could not be listed.
    """
    agreed = {row.of(side).path: _entry(row.of(side)) for row in rows.values()}
    wanted = set(part) | {rows[path].of(side).path for path in part if path in rows}
    if source.traits.whole_scan and len(wanted) > len(agreed) // _PAGE + _MANY:
        found = source.scan(ROOT)
        return Seen(found.entries, found.withheld)
    entries: dict[RemotePath, Entry] = {}
    withheld: dict[RemotePath, str] = {}
    for path in sorted(wanted):
        withheld |= _look(source, path, agreed, entries)
    for path, entry in agreed.items():
        if not any(above in wanted for above in (*paths.ancestors(path), path)):
            entries.setdefault(path, entry)
    return Seen(entries, withheld)


def without(tree: Tree, unsettled: Collection[RemotePath]) -> Tree:
    """Return ``tree`` so that nothing is done at ``unsettled``, whether something is there or not."""
    if not unsettled:
        return tree
    kept = {
        path: entry
        for path, entry in tree.entries.items()
        if path not in unsettled and not any(up in unsettled for up in paths.ancestors(path))
    }
    return replace(tree, entries=kept, left_out=tree.left_out | frozenset(unsettled))


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
    except NotFound:
        return {}
    found.update(below.entries)
    return below.withheld


def _entry(fact: Fact) -> Entry:
    return Entry(
        fact.path, fact.kind, fact.id, fact.revision, fact.size, fact.modified, fact.digest
    )
