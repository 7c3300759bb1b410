"""How far to read ahead inside one file: nothing for those who jump, more and more in a row."""

from __future__ import annotations

import threading

from mirrorfs.cache.blocks import BLOCK_SIZE

_SLACK = 4 * BLOCK_SIZE
"""The kernel reads ahead with several requests at once, of up to 1 MiB, and in any order."""
LONGEST_WINDOW = 32
"""In blocks; the most that is ever to be asked for in one go."""


class Run:
    """What one reader has read in a row, and what was scheduled for it. Thread-safe.

    ``turn`` counts the jumps: what was scheduled in an earlier turn is not wanted any more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._edge = 0
        self._window = 0
        self._planned = 0
        self.turn = 0

    def advance(self, offset: int, size: int, longest: int) -> range:
        """Note a read of ``size`` bytes; return the blocks to be scheduled because of it.

        These are ``longest`` at most; half as many, scheduled before, may not be read yet.
        """
        with self._lock:
            if abs(offset - self._edge) > _SLACK:
                self.turn += 1
                self._window = 0
                self._planned = offset // BLOCK_SIZE
                self._edge = offset
            self._edge = max(self._edge, offset + size)
            if self._edge * 2 < (self._planned * 2 - self._window) * BLOCK_SIZE:
                return range(0)
            self._window = min(max(self._window * 2, 1), longest)
            first = max(self._planned, offset // BLOCK_SIZE)
            self._planned = first + self._window
            return range(first, self._planned)

    def end(self) -> None:
        """Give up what was scheduled."""
        with self._lock:
            self.turn += 1
