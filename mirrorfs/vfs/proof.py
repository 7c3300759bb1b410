"""The proof of a file that is read in blocks: its digest, once all of it has come by in order."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from mirrorfs.core.digest import Digest

_CATCH_UP = 64


class Proof:
    """Hashes the blocks of one file in their order. Thread-safe.

    Blocks that came out of order, or were there before, are taken from ``kept`` when it is
    their turn; not too many at once, as somebody is waiting. A file of which some blocks never
    come stays unproven.
    """

    def __init__(
        self, digest: Digest | None, blocks: int, kept: Callable[[int], bytes | None]
    ) -> None:
        self._digest = digest
        self._blocks = blocks
        self._kept = kept
        self._next = 0
        self._latest = -1
        self._lock = threading.Lock()
        self._hasher = hashlib.new(digest.algorithm, usedforsecurity=False) if digest else None

    def holds(self, index: int, block: bytes) -> bool:
        """Take a block; false when it completes the file and the file is not what it should be."""
        if self._hasher is None or self._digest is None:
            return True
        with self._lock:
            self._latest = max(self._latest, index)
            for _ in range(_CATCH_UP):
                if self._next > self._latest:
                    break
                piece = block if self._next == index else self._kept(self._next)
                if piece is None:
                    break
                self._hasher.update(piece)
                self._next += 1
            return self._next < self._blocks or self._hasher.hexdigest() == self._digest.value
