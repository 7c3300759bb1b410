"""Looking at a part of both sides: what is outside of it is taken to be as it was agreed.

That is safe, for each write says which revision it replaces: where it is not so, nothing is
done, and the next look at everything finds it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Source
from sync.model import Agreed, Fact, Side, Tree

_PAGE = 500
_MANY = 10

Rows = Mapping[RemotePath, Agreed]


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
    """What was found below some paths of one side, and the reasons for what it withholds."""

    entries: dict[RemotePath, Entry]
    withheld: dict[RemotePath, str]


def look_at(source: Source, side: Side, part: Collection[RemotePath], rows: Rows) -> Seen:
    """Return ``side`` as it is within ``part``, and as it was agreed elsewhere.

    Raises:
        MirrorError: the source could not be listed.
    """
    agreed = {row.of(side).path: _entry(row.of(side)) for row in rows.values()}
    wanted = set(part) | {rows[path].of(side).path for path in part if path in rows}
    if source.traits.whole_scan and len(wanted) > len(agreed) // _PAGE + _MANY:
        found = source.scan(ROOT)
        return Seen(dict(found.entries), dict(found.withheld))
    seen = Seen({}, {})
    for path in sorted(wanted):
        _look(source, path, agreed, seen)
    for path, entry in agreed.items():
        if not any(above in wanted for above in (*paths.ancestors(path), path)):
            seen.entries.setdefault(path, entry)
    return seen


def without(tree: Tree, unsettled: Collection[RemotePath]) -> Tree:
    """Return ``tree`` with nothing to be done at ``unsettled``, whether anything is there or not."""
    if not unsettled:
        return tree
    kept = {
        path: entry
        for path, entry in tree.entries.items()
        if path not in unsettled and not any(up in unsettled for up in paths.ancestors(path))
    }
    return replace(tree, entries=kept, left_out=tree.left_out | frozenset(unsettled))


def _look(source: Source, path: RemotePath, agreed: Mapping[RemotePath, Entry], seen: Seen) -> None:
    """Find what is at ``path``, what is below it, and those folders above it that are new."""
    try:
        for folder in paths.ancestors(path)[1:]:
            if folder not in seen.entries:
                seen.entries[folder] = agreed.get(folder) or source.stat(folder)
        entry = seen.entries[path] = source.stat(path)
        if entry.is_folder:
            found = source.scan(path)
            seen.entries.update(found.entries)
            seen.withheld.update(found.withheld)
    except NotFound:
        return


def _entry(fact: Fact) -> Entry:
    return Entry(
        fact.path, fact.kind, fact.id, fact.revision, fact.size, fact.modified, fact.digest
    )
