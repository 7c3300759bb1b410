import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore
from mirrorfs.cache.files import cost
from mirrorfs.cache.limits import Limits

Opener = Callable[..., BlockStore]
Disk = Callable[[str], Path]
BLOCK = os.urandom(BLOCK_SIZE)
MIB = 1 << 20
ROOM = cost(BLOCK_SIZE)


def has(store: BlockStore, key: str, count: int) -> list[int]:
    return [number for number in range(count) if store.get(key, number) is not None]


def room_of(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def test_the_block_used_longest_ago_goes_first(opened: Opener) -> None:
    store = opened(4 * ROOM)
    for number in range(4):
        store.put("a", number, BLOCK)
    store.get("a", 0)
    store.get("a", 2)
    assert store.put("b", 0, BLOCK)
    assert has(store, "a", 4) == [0, 2, 3]
    assert store.put("b", 1, BLOCK)
    assert has(store, "b", 2) == [1]
    assert has(store, "a", 4) == [0, 2, 3]


def test_what_was_used_last_is_known_after_a_restart(opened: Opener) -> None:
    store = opened(4 * ROOM)
    for number in range(4):
        store.put("a", number, BLOCK)
    store.get("a", 0)
    store = opened(4 * ROOM)
    store.put("b", 0, BLOCK)
    assert has(store, "a", 4) == [0, 2, 3]


def test_the_newest_block_stays_while_all_others_are_read(opened: Opener) -> None:
    store = opened(4 * ROOM)
    for number in range(20):
        store.put("a", number, BLOCK)
        assert store.get("a", number) == BLOCK
        assert len(has(store, "a", 20)) == min(4, number + 1)


def test_what_is_being_read_stays(opened: Opener) -> None:
    store = opened(4 * ROOM)
    for number in range(3):
        store.put("read", number, BLOCK)
    with store.reading("read"), store.reading("read"):
        with store.reading("read"):
            pass
        for number in range(20):
            assert store.put("a", number, BLOCK)
            assert has(store, "read", 3) == [0, 1, 2]
        assert store.put("read", 3, BLOCK)
        assert not store.put("a", 0, BLOCK)
        assert has(store, "read", 4) == [0, 1, 2, 3]
    assert store.put("a", 0, BLOCK)
    assert len(has(store, "read", 4)) == 3


def test_what_is_being_read_stays_whatever_other_threads_put(opened: Opener) -> None:
    store = opened(8 * ROOM)
    lost: list[int] = []
    done = threading.Event()

    def flood(number: int) -> None:
        turn = 0
        while not done.is_set():
            store.put(f"flood {number}", turn % 50, BLOCK[:300_000])
            turn += 1

    threads = [threading.Thread(target=flood, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(40):
        with store.reading("read"):
            store.put("read", 0, BLOCK)
            lost += [turn for _ in range(5) if store.get("read", 0) is None]
    done.set()
    for thread in threads:
        thread.join()
    assert not lost


def test_a_block_larger_than_the_limit_is_not_kept_and_costs_no_other(opened: Opener) -> None:
    store = opened(MIB // 2)
    assert store.put("small", 0, b"x")
    assert not store.put("a", 0, BLOCK)
    assert store.get("small", 0) == b"x"
    assert not opened(0).put("a", 0, b"")


def test_a_lower_limit_holds_at_once_after_a_restart(opened: Opener, folder: Path) -> None:
    store = opened()
    for number in range(20):
        store.put("a", number, BLOCK)
    store = opened(5 * ROOM)
    assert store.info().bytes <= 5 * ROOM
    assert has(store, "a", 20) == [15, 16, 17, 18, 19]
    assert room_of(folder) <= 5 * ROOM + 2 * MIB


def test_many_small_blocks_keep_to_the_limit(opened: Opener, folder: Path) -> None:
    for _ in range(2):
        store = opened(2 * MIB)
        for number in range(1000):
            assert store.put(f"key {number}", 0, b"x" * 100)
            assert store.info().bytes <= 2 * MIB
    assert room_of(folder) <= 2 * MIB + 2 * MIB  # the blocks, and the log of the index
    assert 300 < store.info().blocks < 512


def test_room_is_left_on_the_disk(disk: Disk) -> None:
    point = disk("size=24m")
    store = BlockStore(point / "blocks", Limits(1 << 30, 8 * MIB))
    for number in range(40):
        store.put("a", number, BLOCK)
        status = os.statvfs(point)
        assert status.f_bavail * status.f_frsize >= 7 * MIB  # the index may take one
    assert store.get("a", 39) == BLOCK
    store.close()
    store = BlockStore(point / "blocks", Limits(1 << 30, 14 * MIB))
    status = os.statvfs(point)
    assert status.f_bavail * status.f_frsize >= 13 * MIB
    store.close()


def test_a_full_disk_is_read_from_and_makes_room(disk: Disk) -> None:
    point = disk("size=16m")
    store = BlockStore(point / "blocks", Limits(1 << 30, 0))
    for number in range(5):
        assert store.put("a", number, BLOCK)
    _fill(point / "other")
    with store.reading("a"):
        for number in range(3):
            assert not store.put("b", number, BLOCK)
        assert has(store, "a", 5) == [0, 1, 2, 3, 4]
    store.put("b", 0, BLOCK)
    (point / "other").unlink()
    assert store.put("b", 1, BLOCK)
    assert store.get("b", 1) == BLOCK
    store.close()


def test_a_full_disk_found_late_is_said_once(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    point = disk("size=64m,nr_inodes=20")
    store = BlockStore(point / "blocks", Limits(1 << 30, 0))
    kept = [store.put("a", number, BLOCK) for number in range(30)]
    assert kept[0]
    assert not kept[29]
    assert caplog.text.count("No space left on device") == 1
    assert has(store, "a", 30) == [number for number in range(30) if kept[number]]
    store.clear()
    assert store.info().bytes == 0
    store.close()


def test_a_store_opened_on_a_full_disk_raises_nothing(disk: Disk) -> None:
    point = disk("size=4m")
    _fill(point / "other")
    store = BlockStore(point / "blocks", Limits(1 << 30, 0))
    assert not store.put("a", 0, BLOCK)
    assert store.get("a", 0) is None
    assert store.info().blocks == 0
    assert store.verify().blocks == 0
    store.close()


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            return
