"""Where a block is: blocks that follow each other may be parts of one file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mirrorfs.cache.frame import LONGEST, TRAILER_SIZE

MOST_PARTS = 8
_TEXT = re.compile(r"([0-9a-f]/[0-9a-f]{31}\.block):([0-7]):([1-8])")


@dataclass(frozen=True, slots=True)
class Place:
    """Part number ``part`` of the ``parts`` of ``file``, which is relative to the folder.

    The parts stand one behind the other, each but the last ``LONGEST`` bytes long; the file
    ends with their trailers in the same order.
    """

    file: str
    part: int
    parts: int

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Return what :meth:`__str__` wrote; ``None`` when that wrote something else."""
        match = _TEXT.fullmatch(text)
        place = cls(match[1], int(match[2]), int(match[3])) if match else None
        return place if place and place.part < place.parts else None

    def __str__(self) -> str:
        """Write this as text that holds no other ``:``."""
        return f"{self.file}:{self.part}:{self.parts}"

    @property
    def offset(self) -> int:
        """Where in the file the block begins."""
        return self.part * LONGEST

    def room(self, size: int) -> int:
        """Return how long the block can be at most in a file of ``size`` bytes; may be < 0."""
        return min(LONGEST, size - self.parts * TRAILER_SIZE - self.offset)

    def trailer_offset(self, size: int) -> int:
        """Return where the block's trailer begins in a file of ``size`` bytes."""
        return size - (self.parts - self.part) * TRAILER_SIZE
