"""A row of blocks on its way from the service."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mirrorfs.vfs.run import Run

_MOST_LOOSE = 8
_SECONDS_LOOSE = 1.0


@dataclass(slots=True)
class Stream:
    """Blocks that are being fetched in one go, for ``run`` as long as it is in that ``turn``.

    Blocks are handed on one by one, and kept on the disk a few at a time: ``loose`` are those
    that came last and are not kept yet, the first at ``loose_since`` (seconds, monotonic), when
    the file had been disproved ``disproofs`` times.
    """

    blocks: range
    run: Run | None
    turn: int
    landed: int = 0
    pieces: int = 0
    loose: list[bytes] = field(default_factory=list)
    loose_since: float = 0.0
    disproofs: int = 0

    @property
    def missing(self) -> range:
        """The numbers of the blocks that did not come yet."""
        return self.blocks[self.landed :]

    @property
    def is_loaded(self) -> bool:
        """Whether what is loose should be kept now."""
        is_late = time.monotonic() - self.loose_since >= _SECONDS_LOOSE
        return is_late or len(self.loose) >= _MOST_LOOSE or not self.missing

    def loosen(self, block: bytes, disproofs: int) -> None:
        """Note that ``block`` has come, which is the first of the missing."""
        if not self.loose:
            self.loose_since, self.disproofs = time.monotonic(), disproofs
        self.loose.append(block)
        self.landed += 1

    def bind(self) -> tuple[range, list[bytes]]:
        """Return the numbers of what is loose, and the blocks, which are loose no more."""
        blocks, self.loose = self.loose, []
        return self.blocks[self.landed - len(blocks) : self.landed], blocks


def rows(indexes: Iterable[int]) -> Iterator[list[int]]:
    """Yield the runs of consecutive numbers in ``indexes``, which are sorted."""
    row: list[int] = []
    for index in indexes:
        if row and index != row[-1] + 1:
            yield row
            row = []
        row.append(index)
    if row:
        yield row
