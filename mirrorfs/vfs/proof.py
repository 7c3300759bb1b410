"""The proof of a file that is read in blocks: its digest, once all of it has come by in order.

What was proven is marked in the cache with a checksum of each block: blocks that have to be
fetched again later are held against those, also after a restart.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
import threading
from array import array
from collections.abc import Iterable
from enum import Enum

from mirrorfs.cache.blocks import BLOCK_SIZE
from mirrorfs.cache.frame import checksum
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.vfs.shelf import MOST_IN_MEMORY, Shelf, block_count, block_length

_FAR = 24


class Verdict(Enum):
    """What is known of a block: nothing against it, it is wrong, or the whole file is."""

    GOOD = "good"
    WRONG = "wrong"
    DISPROVED = "disproved"


class Proof:
    """Hashes the blocks of one file in their order. Thread-safe.

    A block is hashed a moment after it was kept, beside the fetching of the next; only the last
    that was missing is hashed before it is kept. Blocks that came out of order, or were there
    before, are taken from ``shelf`` when it is their turn. A file of which some blocks never
    come stays unproven. One that is disproved loses its blocks, and its proof begins anew.
    """

    def __init__(self, entry: Entry, key: str, shelf: Shelf) -> None:
        self._entry = entry
        self._key = key
        self._shelf = shelf
        self._blocks = block_count(entry.size)
        self._hashing = threading.Lock()
        """Held by who hashes; taken before ``_lock``, which guards every field."""
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._hashed = threading.Condition(self._lock)
        self._unsettled: dict[int, int] = {}
        """Blocks that were taken and are not kept yet, each with a number of its own."""
        self._numbers = itertools.count()
        self._has_looked = False
        self._is_followed = False
        self._is_hashing = False
        self._latest = -1
        self._done = False
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
        """Look at a block that has arrived and is not kept yet; ``ends``: its stream's last.

        One that is ``GOOD`` MUST be kept or given up, and :meth:`settle` called, soon after.
        """
        digest = self._entry.digest
        if digest is None:
            return Verdict.GOOD
        with self._lock:
            self._look_up(digest)
            if index < len(self._sums):
                return self._compare(index, block)
            others = set(self._unsettled.items())
            self._unsettled[index] = next(self._numbers)
        if not ends or not self._is_complete(besides=1 + len(others)):
            return Verdict.GOOD
        with self._lock:  # those who came later wait for this one, so none waits in a ring
            self._settled.wait_for(lambda: others.isdisjoint(self._unsettled.items()))
        verdict = self._advance(digest, self._blocks, index, block)
        if verdict is not Verdict.GOOD:
            with self._lock:
                self._settle([index])
        return verdict

    def settle(self, blocks: range) -> bool:
        """Note that blocks are kept by now; say whether :meth:`follow` is to be called for them.

        Waits while the hashing is so far behind that they would be gone from memory.
        """
        if self._entry.digest is None:
            return False
        with self._lock:
            self._settle(blocks)
            self._latest = max(self._latest, blocks[-1])
            self._hashed.wait_for(lambda: not self._is_far_behind(blocks[-1]))
            is_idle = not self._is_followed and not self._done
            self._is_followed = self._is_followed or is_idle
        return is_idle

    def follow(self) -> Verdict:
        """Hash what is kept, until all of it up to the latest block is hashed, or one lacks."""
        digest = self._entry.digest
        assert digest
        try:
            while True:
                with self._lock:
                    latest, self._is_hashing = self._latest, True
                verdict = self._advance(digest, latest + 1)
                with self._lock:
                    if verdict is not Verdict.GOOD or self._latest == latest:
                        self._rest()
                        return verdict
        except BaseException:
            with self._lock:
                self._rest()
            raise

    def finish(self) -> Verdict:
        """Prove the file if all its blocks are kept; takes two seconds for each GiB."""
        digest = self._entry.digest
        if digest is None or self.is_done() or not self._is_complete(besides=0):
            return Verdict.GOOD
        return self._advance(digest, self._blocks)

    def _is_far_behind(self, index: int) -> bool:
        """Say so; nobody waits for a hashing that has not begun, as no thread may be free.

        Nor for one so far behind that a block would be gone from memory all the same.
        """
        return self._is_hashing and _FAR < index - len(self._sums) <= MOST_IN_MEMORY

    def _rest(self) -> None:
        """Have nobody wait for the hashing, and the next block begin it; needs the lock."""
        self._is_followed = self._is_hashing = False
        self._hashed.notify_all()

    def _begin(self) -> None:
        digest = self._entry.digest
        self._hasher = hashlib.new(digest.algorithm, usedforsecurity=False) if digest else None
        self._sums = array("Q")
        self._latest = -1
        self._done = False

    def _settle(self, blocks: Iterable[int]) -> None:
        """Have those who wait for ``blocks`` go on; the caller holds the lock."""
        for index in blocks:
            self._unsettled.pop(index, None)
        self._settled.notify_all()

    def _compare(self, index: int, block: bytes) -> Verdict:
        """Look at a block that came before: which of the two is wrong only a proof can tell."""
        if checksum(block) == self._sums[index]:
            return Verdict.GOOD
        return Verdict.WRONG if self._done else self._disprove()

    def _advance(self, digest: Digest, stop: int, index: int = -1, block: bytes = b"") -> Verdict:
        """Hash the blocks up to ``stop`` as far as they are there; ``index`` is ``block``."""
        with self._hashing:
            while True:
                with self._lock:
                    hasher, place = self._hasher, len(self._sums)
                if not hasher or place >= stop:
                    return Verdict.GOOD
                length = block_length(self._entry.size, place)
                piece = block if place == index else self._shelf.get(self._key, place, length)
                if piece is None:
                    return Verdict.GOOD
                hasher.update(piece)
                sum_ = checksum(piece)
                with self._lock:
                    if hasher is not self._hasher:  # disproved meanwhile, and begun anew
                        return Verdict.GOOD
                    self._sums.append(sum_)
                    self._hashed.notify_all()
                    if len(self._sums) == self._blocks:
                        return self._conclude(digest)

    def _conclude(self, digest: Digest) -> Verdict:
        if not self._hasher or self._hasher.hexdigest() != digest.value:
            return self._disprove()
        self._done = True
        mark = _seal(digest) + _packed(self._sums)
        if len(mark) <= BLOCK_SIZE:  # the mark of a file of up to 127 GiB
            self._shelf.put(self._key, self._blocks, [mark])
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
