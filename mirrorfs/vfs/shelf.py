"""Where blocks are kept: the disk, and in memory those that came last.

Memory spares the second look at a block that has just arrived, and it is all there is when
the disk is full: files are then read through, not kept. Those that are fetched whole then stay
in memory while they are open, as each block that is missing would cost the whole file again.
A block that is on its way to the disk never leaves memory before it is there, however slow that
is: it would have to be fetched again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore

MOST_IN_MEMORY = 72
"""In blocks."""
_BYTES_IN_MEMORY = MOST_IN_MEMORY * BLOCK_SIZE
_BYTES_REFUSED = 256 << 20


class Shelf:
    """Blocks by key and number; every one is as long as the caller says. Thread-safe."""

    def __init__(self, store: BlockStore) -> None:
        self.store = store
        self._loose: dict[tuple[str, int], bytes] = {}
        self._recent: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0
        """Of all that are loose or recent."""
        self._refused: dict[str, dict[int, bytes]] = {}
        self._bytes_refused = 0
        self._lock = threading.Lock()
        self.is_full = False
        """Whether the disk refused what came last."""

    def read_into(self, key: str, index: int, offset: int, view: memoryview) -> bool:
        """Fill ``view`` from a block's ``offset``; false when it is not here, or too short."""
        block = self.recall(key, index)
        if block is None:
            return self.store.read_into(key, index, offset, view) == len(view)
        view[:] = memoryview(block)[offset : offset + len(view)]
        return True

    def get(self, key: str, index: int, length: int) -> bytes | None:
        """Return a block of ``length`` bytes; ``None`` when it is not here."""
        block = self.recall(key, index) or self.store.get(key, index)
        return block if block is not None and len(block) == length else None

    def count(self, key: str) -> int:
        """Return how many blocks of ``key`` are on the disk."""
        return self.store.count(key)

    def known(self, key: str, indexes: Collection[int]) -> set[int]:
        """Return those of the blocks that may be here: no other is."""
        recent = {index for index in indexes if self.recall(key, index) is not None}
        return recent | self.store.known(key, [i for i in indexes if i not in recent])

    def holds(self, key: str, index: int, length: int) -> bool:
        """Say whether a block of ``length`` bytes is here, proven."""
        return self.read_into(key, index, length - 1, memoryview(bytearray(1)))

    def recall(self, key: str, index: int) -> bytes | None:
        """Return a block that came a short while ago; ``None`` does not mean that it is lost."""
        with self._lock:
            block = self._loose.get((key, index)) or self._recent.get((key, index))
            if block is None and key in self._refused:
                block = self._refused[key].get(index)
            return block

    def show(self, key: str, index: int, block: bytes) -> None:
        """Have a block here until a short while after :meth:`keep`, which MUST follow."""
        with self._lock:
            self._drop((key, index))
            self._loose[key, index] = block
            self._bytes += len(block)
            self._shorten()

    def keep(self, key: str, first: int, blocks: Sequence[bytes], *, whole: bool = False) -> None:
        """Keep blocks that follow each other on the disk, unless that refuses them.

        Those of a file that is fetched ``whole`` then stay in memory until :meth:`let_go`, as
        long as there are not more than 256 MiB of them.
        """
        try:
            kept = self.store.put(key, first, *blocks)
        finally:
            self._bind(key, range(first, first + len(blocks)))
        self.is_full = kept < len(blocks)
        if whole and self.is_full:
            with self._lock:
                for index, block in enumerate(blocks[kept:], first + kept):
                    self._refuse(key, index, block)

    def put(self, key: str, first: int, blocks: Sequence[bytes], *, whole: bool = False) -> None:
        """:meth:`show` blocks, and :meth:`keep` them."""
        for index, block in enumerate(blocks, first):
            self.show(key, index, block)
        self.keep(key, first, blocks, whole=whole)

    def let_go(self, key: str) -> None:
        """Note that the file of ``key`` is not open any more."""
        with self._lock:
            self._drop_refused(key)

    def forget(self, key: str) -> None:
        """Drop all blocks of ``key``."""
        with self._lock:
            self._drop_refused(key)
            for name in [name for name in (*self._loose, *self._recent) if name[0] == key]:
                self._drop(name)
        self.store.forget(key)

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._loose.clear()
            self._recent.clear()
            self._bytes = 0
            self._refused.clear()
            self._bytes_refused = 0
        self.store.clear()

    def _bind(self, key: str, indexes: range) -> None:
        """Have blocks that are loose, and were not forgotten, be the most recent."""
        with self._lock:
            for index in indexes:
                block = self._loose.pop((key, index), None)
                if block is not None:
                    self._recent[key, index] = block
            self._shorten()

    def _drop(self, name: tuple[str, int]) -> None:
        self._bytes -= len(self._loose.pop(name, b"")) + len(self._recent.pop(name, b""))

    def _shorten(self) -> None:
        while self._bytes > _BYTES_IN_MEMORY and self._recent:
            self._bytes -= len(self._recent.popitem(last=False)[1])

    def _refuse(self, key: str, index: int, block: bytes) -> None:
        blocks = self._refused.setdefault(key, {})
        more = len(block) - len(blocks.get(index, b""))
        if self._bytes_refused + more <= _BYTES_REFUSED:
            blocks[index] = block
            self._bytes_refused += more

    def _drop_refused(self, key: str) -> None:
        self._bytes_refused -= sum(map(len, self._refused.pop(key, {}).values()))


def block_length(size: int, index: int) -> int:
    """Return how long block ``index`` of a file of ``size`` bytes is."""
    return min(BLOCK_SIZE, size - index * BLOCK_SIZE)


def block_count(size: int) -> int:
    """Return how many blocks a file of ``size`` bytes has."""
    return -(-size // BLOCK_SIZE)
