"""The proof of a file that is read in blocks: its digest, once all of it has come by in order.

What was proven is marked in the cache with a checksum of each block: blocks that have to be
fetched again later are held against those, also after a restart.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from array import array
from enum import Enum

from mirrorfs.cache.blocks import BLOCK_SIZE
from mirrorfs.cache.frame import checksum
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.vfs.shelf import Shelf, block_count, block_length

_CATCH_UP = 64


class Verdict(Enum):
    """What is known of a block: nothing against it, it is wrong, or the whole file is."""

    GOOD = "good"
    WRONG = "wrong"
    DISPROVED = "disproved"


class Proof:
    """Hashes the blocks of one file in their order. Thread-safe.

    Blocks that came out of order, or were there before, are taken from ``shelf`` when it is
    their turn; not too many at once, as somebody is waiting, but all when none is missing any
    more. A file of which some blocks never come stays unproven. One that is disproved loses
    its blocks, and its proof begins anew.
    """

    def __init__(self, entry: Entry, key: str, shelf: Shelf) -> None:
        self._entry = entry
        self._key = key
        self._shelf = shelf
        self._blocks = block_count(entry.size)
        self._lock = threading.Lock()
        self._has_looked = False
        self._latest = -1
        self.failures = 0
        """How often the file was disproved."""
        self._begin()

    def is_done(self) -> bool:
        """Say whether the file was proven, by this process or an earlier one."""
        digest = self._entry.digest
        if digest is None:
            return True
        with self._lock:
            self._look_up(digest)
            return self._done

    def take(self, index: int, block: bytes, *, ends: bool) -> Verdict:
        """Take a block that has arrived and is not kept yet; ``ends``: the last of its stream."""
        digest = self._entry.digest
        if digest is None:
            return Verdict.GOOD
        with self._lock:
            self._look_up(digest)
            if index < len(self._sums):
                return self._compare(index, block)
            self._latest = max(self._latest, index)
            stop = min(self._latest + 1, len(self._sums) + _CATCH_UP)
            verdict = self._advance(digest, stop, index, block)
            if verdict is Verdict.GOOD and ends and self._is_complete(besides=1):
                verdict = self._advance(digest, self._blocks, index, block)
            return verdict

    def finish(self) -> Verdict:
        """Prove the file if all its blocks are kept; takes two seconds for each GiB."""
        digest = self._entry.digest
        if digest is None or self.is_done() or not self._is_complete(besides=0):
            return Verdict.GOOD
        before = -1
        verdict = Verdict.GOOD
        while verdict is Verdict.GOOD and before < len(self._sums) < self._blocks:
            with self._lock:
                before = len(self._sums)
                verdict = self._advance(digest, min(before + _CATCH_UP, self._blocks))
        return verdict

    def _begin(self) -> None:
        digest = self._entry.digest
        self._hasher = hashlib.new(digest.algorithm, usedforsecurity=False) if digest else None
        self._sums = array("Q")
        self._latest = -1
        self._done = False

    def _compare(self, index: int, block: bytes) -> Verdict:
        """Look at a block that came before: which of the two is wrong only a proof can tell."""
        if checksum(block) == self._sums[index]:
            return Verdict.GOOD
        return Verdict.WRONG if self._done else self._disprove()

    def _advance(self, digest: Digest, stop: int, index: int = -1, block: bytes = b"") -> Verdict:
        while self._hasher and len(self._sums) < stop:
            place = len(self._sums)
            length = block_length(self._entry.size, place)
            piece = block if place == index else self._shelf.get(self._key, place, length)
            if piece is None:
                break
            self._hasher.update(piece)
            self._sums.append(checksum(piece))
        if self._done or not self._hasher or len(self._sums) < self._blocks:
            return Verdict.GOOD
        if self._hasher.hexdigest() != digest.value:
            return self._disprove()
        self._done = True
        mark = _seal(digest) + _packed(self._sums)
        if len(mark) <= BLOCK_SIZE:  # the mark of a file of up to 127 GiB
            self._shelf.put(self._key, self._blocks, mark)
        return Verdict.GOOD

    def _disprove(self) -> Verdict:
        self._begin()
        self.failures += 1
        self._shelf.forget(self._key)
        return Verdict.DISPROVED

    def _look_up(self, digest: Digest) -> None:
        """Look for the mark, once: it is kept as one more block after the last."""
        if self._has_looked:
            return
        self._has_looked = True
        seal = _seal(digest)
        length = len(seal) + self._blocks * self._sums.itemsize
        mark = self._shelf.get(self._key, self._blocks, length)
        if mark and mark.startswith(seal):
            self._sums = array("Q", mark[len(seal) :])
            if sys.byteorder == "big":
                self._sums.byteswap()
            self._done = True

    def _is_complete(self, besides: int) -> bool:
        return self._shelf.count(self._key) + besides >= self._blocks


def _seal(digest: Digest) -> bytes:
    return f"{digest.algorithm}:{digest.value}\n".encode()


def _packed(sums: array[int]) -> bytes:
    """Return the numbers, the lowest byte of each first."""
    if sys.byteorder == "big":
        sums = array("Q", sums)
        sums.byteswap()
    return sums.tobytes()
