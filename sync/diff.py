"""What happened on one side since the agreement: its tree against its own part of the rows.

A file is known again by its id, wherever it is; by its path, as programs save files anew and
services give new ids; by the name under which it waits; last by its digest and size, when one
file alone is gone and one alone is new with them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from mirrorfs.core import paths
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Traits
from sync.aside import aside, is_aside
from sync.compare import Compare
from sync.model import Agreed, Change, Delta, Side, Tree
from sync.rows import Rows


def is_frozen(tree: Tree, path: RemotePath) -> bool:
    """Say whether nothing is to be done at ``path``: it is withheld or left out, or below such."""
    if not tree.withheld and not tree.left_out:
        return False
    return any(
        above in tree.withheld or above in tree.left_out
        for above in (*paths.ancestors(path)[1:], path)
    )


def diff(rows: Rows, tree: Tree, side: Side, traits: Traits, compare: Compare) -> list[Delta]:
    """Return what is not as it was on ``side``, ordered by path; ``rows`` are by agreed path.

    What is frozen (see :func:`is_frozen`) is not told of.
    """
    search = _Search(side, compare, traits.reuses_ids)
    own = {row.of(side).path: row for row in rows.in_doubt(side, tree)}
    for path, row in own.items():
        if not is_frozen(tree, path):
            search.see_row(row, tree.entries.get(path))
    for path in rows.news(tree):
        if path not in own and not is_frozen(tree, path):
            search.fresh[path] = tree.entries[path]
    search.by_id()
    search.by_waiting()
    search.in_place()
    search.by_digest()
    return sorted(search.told(), key=lambda delta: (delta.path, delta.base is None))


@dataclass(slots=True)
class _Search:
    """Rows whose file is not at its place, and entries that no row explains, find each other."""

    side: Side
    compare: Compare
    reuses_ids: bool
    deltas: list[Delta] = field(default_factory=list)
    loose: dict[RemotePath, Agreed] = field(default_factory=dict)
    """By the side's own former path."""
    fresh: dict[RemotePath, Entry] = field(default_factory=dict)

    def see_row(self, row: Agreed, entry: Entry | None) -> None:
        fact = row.of(self.side)
        if entry and entry.kind is fact.kind and (entry.is_folder or entry.id == fact.id):
            change = Change.SAME if entry.is_folder else self.compare.with_past(fact, entry)
            if change is not Change.SAME:
                self.deltas.append(Delta(row.path, change, entry, row))
            return
        self.loose[fact.path] = row
        if entry:
            self.fresh[fact.path] = entry

    def by_id(self) -> None:
        """A file with the id of one that is not at its place is that one.

        Where ids are given again, its bytes must be the same as well.
        """
        if not self.loose or not self.fresh:
            return
        ids = {entry.id: entry for entry in self.fresh.values() if not entry.is_folder}
        for row in list(self.loose.values()):
            fact = row.of(self.side)
            entry = ids.get(fact.id)
            if entry is None or fact.kind is Kind.FOLDER:
                continue
            change = self.compare.with_past(fact, entry)
            if change is not Change.EDITED or not self.reuses_ids:
                del ids[fact.id]
                self._moved(row, entry, change)

    def in_place(self) -> None:
        """A file at the same path with another id is the same file."""
        for path, row in list(self.loose.items()):
            entry, fact = self.fresh.get(path), row.of(self.side)
            if entry is None or entry.is_folder or fact.kind is Kind.FOLDER:
                continue
            change = self.compare.with_past(fact, entry)
            if change is Change.SAME:
                change = Change.TOUCHED
            self.deltas.append(Delta(row.path, change, entry, row))
            del self.loose[path], self.fresh[path]

    def by_waiting(self) -> None:
        """A file under a waiting name is the one that is not at the place of that name."""
        waiting = [entry for path, entry in self.fresh.items() if is_aside(path)]
        if not waiting:
            return
        names = {
            paths.name(aside(path, ROOT)): row
            for path, row in self.loose.items()
            if row.of(self.side).kind is Kind.FILE
        }
        for entry in waiting:
            row = None if entry.is_folder else names.pop(paths.name(entry.path), None)
            if row:
                self._moved(row, entry, self.compare.with_past(row.of(self.side), entry))

    def by_digest(self) -> None:
        """One file that is gone and one that is new, both the only ones with their bytes."""
        gone: dict[tuple[Digest, int], list[Agreed]] = defaultdict(list)
        for row in self.loose.values():
            fact = row.of(self.side)
            if fact.digest and fact.size:
                gone[fact.digest, fact.size].append(row)
        came: dict[tuple[Digest, int], list[Entry]] = defaultdict(list)
        for entry in self.fresh.values():
            if entry.digest and (entry.digest, entry.size) in gone:
                came[entry.digest, entry.size].append(entry)
        for bytes_, entries in came.items():
            if len(entries) == len(gone[bytes_]) == 1:
                self._moved(gone[bytes_][0], entries[0], Change.SAME)

    def told(self) -> list[Delta]:
        """Return all deltas, in no order."""
        deltas = list(self.deltas)
        for path, row in self.loose.items():
            entry = self.fresh.get(path)
            retyped = entry is not None and entry.kind is not row.of(self.side).kind
            change = Change.RETYPED if retyped else Change.DELETED
            deltas.append(Delta(row.path, change, entry if retyped else None, row))
        deltas.extend(Delta(path, Change.NEW, entry, None) for path, entry in self.fresh.items())
        return deltas

    def _moved(self, row: Agreed, entry: Entry, change: Change) -> None:
        fact = row.of(self.side)
        path = follow(entry.path, fact.path, row.path)
        change = Change.EDITED if change is Change.EDITED else Change.MOVED
        self.deltas.append(Delta(path, change, entry, row, came_from=row.path))
        del self.loose[fact.path], self.fresh[entry.path]


def follow(path: RemotePath, was: RemotePath, other: RemotePath) -> RemotePath:
    """Return what a file moved from ``was`` to ``path`` is called where it was ``other``.

    A name of its own that the other place gives it stays; of another type, the type does.
    """
    if was == other:
        return path
    if path == was:
        return other
    above, name = paths.parent(path), paths.name(path)
    if name == paths.name(was):
        return paths.join(above, paths.name(other))
    stem, _, _ = name.rpartition(".")
    _, dot, kind = paths.name(other).rpartition(".")
    return paths.join(above, f"{stem}.{kind}") if stem and dot else path
