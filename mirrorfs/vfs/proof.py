"""The proof of a file that is read in blocks: its digest, once all of it has come by in order."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from mirrorfs.core.digest import Digest

_CATCH_UP = 64


class Proof:
    """Hashes the blocks of one file in their order. Thread-safe.

    Blocks that came by other ways (from the disk, from another stream) are fetched with
    ``kept`` as long as not too many are missing.
    """

    def __init__(
        self, digest: Digest | None, blocks: int, kept: Callable[[int], bytes | None]
    ) -> None:
        self._digest = digest
        self._blocks = blocks
        self._kept = kept
        self._next = 0
        self._lock = threading.Lock()
        self._hasher = hashlib.new(digest.algorithm, usedforsecurity=False) if digest else None

    def holds(self, index: int, block: bytes) -> bool:
        """Take a block; false when it completes the file and the file is not what it should be."""
        if self._hasher is None or self._digest is None:
            return True
        with self._lock:
            if not self._catch_up(index):
                return True
            self._hasher.update(block)
            self._next = index + 1
            if self._next < self._blocks:
                return True
            proven = self._hasher.hexdigest() == self._digest.value
            self._hasher = hashlib.new(self._digest.algorithm, usedforsecurity=False)
            self._next = 0
            return proven

    def _catch_up(self, index: int) -> bool:
        assert self._hasher is not None
        if not 0 <= index - self._next <= _CATCH_UP:
            return False
        while self._next < index:
            block = self._kept(self._next)
            if block is None:
                return False
            self._hasher.update(block)
            self._next += 1
        return True
