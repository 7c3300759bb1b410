"""What was agreed on, in memory: most of it is as both sides are, and is kept in little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import filterfalse
from types import MappingProxyType
from typing import Self

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Kind
from mirrorfs.core.paths import RemotePath
from sync.model import Agreed, Side, Tree, fact_of
from sync.record import Record, agreed_of, is_at_rest, record_of, untold

NOTHING: Mapping[Side, Tree] = MappingProxyType({side: Tree({}) for side in Side})


class Rows(Mapping[RemotePath, Agreed]):
    """Rows by their common path.

    A row is *at rest* when both of ``trees`` hold at its path exactly what was agreed. Of such
    a row the checksum alone is kept; all else is made of the entries when it is asked for.
    ``files`` is how many rows are about files.
    """

    def __init__(
        self, records: Iterable[Record] = (), trees: Mapping[Side, Tree] = NOTHING
    ) -> None:
        """Take over rows as the manifest has them.

        Raises:
            ValueError: a row makes no sense.
        """
        self._one, self._two = trees[Side.ONE].entries, trees[Side.TWO].entries
        self._moving: dict[RemotePath, Agreed] = {}
        self._resting: dict[RemotePath, Digest | None] = {}
        self.files = 0
        for record in records:
            one, two = self._one.get(record[0]), self._two.get(record[0])
            if one and two and is_at_rest(record, one, two):
                kind, self._resting[one.path] = one.kind, untold(record, one, two)
            else:
                row = agreed_of(record)
                kind, self._moving[row.path] = row.one.kind, row
            self.files += kind is Kind.FILE
        if not self._resting:
            self._one = self._two = {}  # else a first run would hold what it lists twice

    @classmethod
    def of(cls, rows: Iterable[Agreed], trees: Mapping[Side, Tree] = NOTHING) -> Self:
        """Return these rows."""
        return cls(map(record_of, rows), trees)

    def news(self, tree: Tree) -> Iterator[RemotePath]:
        """Return the paths of ``tree`` but those of rows at rest."""
        return filterfalse(self._resting.__contains__, tree.entries)

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
