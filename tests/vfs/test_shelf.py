import threading
from pathlib import Path

from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore
from mirrorfs.cache.limits import Limits
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.run import Run
from mirrorfs.vfs.shelf import Shelf
from tests.vfs.fakes import FakeSource

BLOCK = bytes(BLOCK_SIZE)
MANY = 100
"""More blocks than stay in memory."""


def _recalled(shelf: Shelf, key: str = "a") -> int:
    return sum(shelf.recall(key, index) is not None for index in range(MANY))


def test_what_is_not_on_the_disk_yet_stays_in_memory(store: BlockStore) -> None:
    shelf = Shelf(store)
    for index in range(MANY):
        shelf.show("a", index, BLOCK)
    assert _recalled(shelf) == MANY
    for index in range(0, MANY, 4):
        shelf.keep("a", index, [BLOCK] * 4)
    assert 0 < _recalled(shelf) < MANY
    assert shelf.count("a") == MANY
    assert all(shelf.get("a", index, BLOCK_SIZE) == BLOCK for index in range(MANY))


def test_what_a_full_disk_refuses_does_not_stay_for_ever(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "full", Limits(1000, 0))
    shelf = Shelf(store)
    for index in range(MANY):
        shelf.put("a", index, [BLOCK])
    assert 0 < _recalled(shelf) < MANY
    store.close()


def test_what_is_forgotten_on_its_way_is_not_in_memory_again(store: BlockStore) -> None:
    shelf = Shelf(store)
    shelf.put("a", 0, [BLOCK])
    shelf.show("a", 1, BLOCK)
    shelf.show("b", 1, BLOCK)
    shelf.forget("a")
    assert (_recalled(shelf), _recalled(shelf, "b")) == (0, 1)
    shelf.keep("a", 1, [BLOCK])
    assert _recalled(shelf) == 0
    shelf.clear()
    assert _recalled(shelf, "b") == 0
    shelf.keep("b", 1, [BLOCK])
    for index in range(MANY):
        shelf.put("a", index, [BLOCK])
    before = _recalled(shelf)
    assert before > 1, "memory that was given back counts no more"


class _SlowStore(BlockStore):
    """Takes blocks only when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Limits(1 << 30, 0))
        self.gate = threading.Event()
        self.waiting = threading.Semaphore(0)

    def put(self, key: str, index: int, *blocks: bytes) -> int:
        self.waiting.release()
        self.gate.wait()
        return super().put(key, index, *blocks)


def test_a_slow_disk_does_not_make_blocks_come_again(source: FakeSource, tmp_path: Path) -> None:
    store = _SlowStore(tmp_path / "slow")
    reader = Reader(source, store, threading.Event())
    handles = [reader.open(source.put(f"{n}", bytes([n]) * (9 << 20))) for n in range(MANY // 8)]
    try:
        for n, handle in enumerate(handles):
            handle._content.schedule(range(8), Run())
            assert handle.read(6 << 20, 1) == bytes([n])
        for _ in handles:
            assert store.waiting.acquire(timeout=10)
        sent = source.sent
        for n, handle in enumerate(handles):
            assert handle.read(0, 1) == bytes([n])
        assert source.sent == sent
    finally:
        store.gate.set()
        for handle in handles:
            handle.close()
        reader.close()
        store.close()
