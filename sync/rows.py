"""What was agreed on, in memory: most of it is as both sides are, and is kept in little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath
from sync.model import Agreed, Fact, Side, Tree, fact_of

_NOTHING: Mapping[Side, Tree] = MappingProxyType({side: Tree({}) for side in Side})


class Rows(Mapping[RemotePath, Agreed]):
    """Rows by their common path.

    A row is *at rest* when both of ``trees`` hold at its path exactly what was agreed. Of such
    a row the checksum alone is kept; all else is made of the trees' entries when it is asked
    for. ``resting`` are the paths of these rows, ``files`` is how many rows are about files.
    """

    def __init__(
        self,
        rows: Iterable[Agreed] = (),
        trees: Mapping[Side, Tree] = _NOTHING,
    ) -> None:
        self._one, self._two = trees[Side.ONE].entries, trees[Side.TWO].entries
        self._moving: dict[RemotePath, Agreed] = {}
        self._resting: dict[RemotePath, Digest | None] = {}
        self.files = 0
        for row in rows:
            self.files += row.one.kind is Kind.FILE
            one, two = self._one.get(row.path), self._two.get(row.path)
            if one and two and _is_at_rest(row, one, two):
                self._resting[one.path] = row.one.digest or row.two.digest
            else:
                self._moving[row.path] = row

    @property
    def resting(self) -> Mapping[RemotePath, object]:
        """The paths of the rows at rest, as keys."""
        return self._resting

    def in_doubt(self, side: Side, tree: Tree) -> Iterator[Agreed]:
        """Yield the rows of which ``tree`` may hold something else on ``side`` than was agreed."""
        yield from self._moving.values()
        known = self._one if side is Side.ONE else self._two
        if tree.entries is not known:
            for path in self._resting:
                if tree.entries.get(path) is not known[path]:
                    yield self[path]

    def __getitem__(self, path: RemotePath) -> Agreed:
        if path in self._moving:
            return self._moving[path]
        digest = self._resting[path]
        one, two = fact_of(self._one[path], digest), fact_of(self._two[path], digest)
        return Agreed(one.path, one, two)

    def __contains__(self, path: object) -> bool:
        return path in self._resting or path in self._moving

    def __iter__(self) -> Iterator[RemotePath]:
        yield from self._moving
        yield from self._resting

    def __len__(self) -> int:
        return len(self._moving) + len(self._resting)


def _is_at_rest(row: Agreed, one: Entry, two: Entry) -> bool:
    """Say whether ``row`` can be made again of both entries and one checksum."""
    digest = row.one.digest or row.two.digest
    return _is_made_of(row.one, one, digest) and _is_made_of(row.two, two, digest)


def _is_made_of(fact: Fact, entry: Entry, digest: Digest | None) -> bool:
    """Say whether ``fact`` is ``fact_of(entry, digest)``, and quickly."""
    return (
        fact.modified == entry.modified
        and fact.revision == entry.revision
        and fact.id == entry.id
        and fact.size == entry.size
        and fact.kind is entry.kind
        and fact.path == entry.path
        and fact.digest == (entry.digest or digest)
    )
