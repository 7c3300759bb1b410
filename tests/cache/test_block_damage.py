import os
import pickle
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.frame import TRAILER_SIZE
from mirrorfs.cache.limits import Limits

Opener = Callable[..., BlockStore]
BLOCK = os.urandom(100_000)


def files(folder: Path) -> list[Path]:
    """The blocks' files in the order they were written."""
    return sorted(folder.glob("?/*.block"), key=lambda file: file.stat().st_mtime_ns)


@pytest.mark.parametrize("warm", [False, True], ids=["unread", "proven before"])
@pytest.mark.parametrize(
    "at", [0, 50_000, 99_999, 100_000, 100_004, 100_008, 100_016, 99_999 + TRAILER_SIZE]
)
def test_a_flipped_bit_is_never_served(opened: Opener, folder: Path, at: int, warm: bool) -> None:
    store = opened()
    store.put("a", 0, BLOCK)
    if warm:
        assert store.get("a", 0) == BLOCK
    (file,) = files(folder)
    with file.open("r+b") as damaged:
        damaged.seek(at)
        byte = damaged.read(1)[0]
        damaged.seek(at)
        damaged.write(bytes([byte ^ 0x10]))
    assert store.read_into("a", 0, 0, memoryview(bytearray(10))) is None
    assert store.get("a", 0) is None
    assert not file.exists()
    assert store.put("a", 0, BLOCK)
    assert store.get("a", 0) == BLOCK


def test_a_bit_that_the_disk_forgets_is_noticed_after_a_while(
    opened: Opener, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    store.put("a", 0, BLOCK)
    assert store.get("a", 0) == BLOCK
    (file,) = files(folder)
    before = file.stat()
    with file.open("r+b") as damaged:
        damaged.seek(50_000)
        damaged.write(bytes([BLOCK[50_000] ^ 1]))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 601)
    assert store.read_into("a", 0, 0, memoryview(bytearray(10))) is None
    assert store.get("a", 0) is None


@pytest.mark.parametrize("warm", [False, True], ids=["unread", "proven before"])
@pytest.mark.parametrize("length", [0, 1, TRAILER_SIZE, 50_000, 100_000, 200_000, 5_000_000])
def test_a_cut_or_grown_file_is_never_served(
    opened: Opener, folder: Path, length: int, warm: bool
) -> None:
    store = opened()
    store.put("a", 0, BLOCK)
    if warm:
        assert store.get("a", 0) == BLOCK
    os.truncate(files(folder)[0], length)
    assert store.get("a", 0) is None
    assert store.info().blocks == 0


def test_swapped_files_are_noticed(opened: Opener, folder: Path) -> None:
    store = opened()
    places = [("a", 0), ("a", 1), ("b", 0)]
    for key, number in places:
        store.put(key, number, BLOCK)
    first, second, third = files(folder)
    spare = folder / "spare"
    first.rename(spare)
    second.rename(first)
    third.rename(second)
    spare.rename(third)
    assert [store.get(*place) for place in places] == [None] * 3


def test_a_file_that_vanished_is_a_miss(opened: Opener, folder: Path) -> None:
    store = opened()
    for number in range(2):
        store.put("a", number, BLOCK)
    store.get("a", 0)
    for file in files(folder):
        file.unlink()
    assert store.get("a", 0) is None
    assert store.get("a", 1) is None
    assert store.info().bytes == 0


def test_verify_counts_and_drops_what_is_damaged(opened: Opener, folder: Path) -> None:
    store = opened()
    for number in range(600):
        store.put("a", number, b"block %d" % number)
    written = files(folder)
    lost = sum(written[number].stat().st_size - TRAILER_SIZE for number in (7, 300, 599))
    os.truncate(written[7], 5)
    written[300].unlink()
    written[599].write_bytes(b"garbage")
    found = store.verify()
    assert (found.blocks, found.damaged) == (597, 3)
    assert found.bytes == sum(len(b"block %d" % number) for number in range(600)) - lost
    assert store.verify().damaged == 0


def test_verify_passes_over_what_went_meanwhile(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = opened()
    store.put("a", 0, b"stays")
    store.put("b", 0, b"goes")
    names = list(store._names())
    store.forget("b")
    monkeypatch.setattr(store, "_names", lambda: iter(names))
    found = store.verify()
    assert (found.blocks, found.damaged) == (1, 0)
    assert not caplog.records


def test_a_pickle_in_the_index_is_refused_and_dropped(opened: Opener, folder: Path) -> None:
    opened().put("a", 0, BLOCK)
    opened().put("a", 1, BLOCK)
    trap = folder / "trap"

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(trap),)

    bomb = pickle.dumps(Bomb())
    file = "a/" + "a" * 31 + ".block"
    (folder / "a").mkdir(exist_ok=True)
    (folder / file).write_bytes(bomb)
    with sqlite3.connect(folder / "cache.db") as base:
        base.execute("UPDATE Cache SET mode = 4, value = ? WHERE key = '0:a'", (bomb,))
        base.execute("UPDATE Cache SET mode = 4, filename = ? WHERE key = '1:a'", (f"{file}:0:1",))
    store = opened()
    assert store.get("a", 0) is None
    assert store.get("a", 1) is None
    assert store.info().blocks == 0
    assert not trap.exists()


def _filled(folder: Path) -> None:
    store = BlockStore(folder, Limits(1 << 30, 0))
    for number in range(40):
        store.put(f"key {number % 4}", number, b"block %d" % number)
    store.close()


def _use(folder: Path) -> int:
    """Use everything of a store; return how many of the old blocks it still has."""
    store = BlockStore(folder, Limits(1 << 20, 0))
    found = 0
    for number in range(40):
        block = store.get(f"key {number % 4}", number)
        assert block in {None, b"block %d" % number}
        found += block is not None
    store.verify()
    store.info()
    store.put("new", 0, b"new")
    store.forget("key 1")
    for number in range(130):
        store.put("many", number, bytes(8000))
    store.get("many", 129)
    store.clear()
    store.close()
    return found


@pytest.mark.parametrize("length", [0, 1, 100, 4096, 9000, 20_000])
def test_a_cut_index_is_begun_anew(folder: Path, length: int) -> None:
    _filled(folder)
    os.truncate(folder / "cache.db", length)
    _use(folder)
    _filled(folder)
    assert _use(folder) == 40


def test_a_garbage_index_is_set_aside(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    _filled(folder)
    (folder / "cache.db").write_bytes(b"garbage" * 10_000)
    assert _use(folder) == 0
    assert (folder / "cache.db.damaged").read_bytes() == b"garbage" * 10_000
    assert not files(folder)
    assert "set aside" in caplog.text


def test_an_index_damaged_while_in_use_is_begun_anew(opened: Opener, folder: Path) -> None:
    store = opened()
    for number in range(400):
        store.put("a", number, b"x")
    opened()  # closes the one before: all of it is in cache.db now
    store = opened()
    with (folder / "cache.db").open("r+b") as base:
        base.seek(4096)
        base.write(b"\xff" * (folder / "cache.db").stat().st_size)
    for number in range(400):
        assert store.get("a", number) in {None, b"x"}
        store.put("b", number, b"y")
    assert store.get("b", 399) == b"y"


def test_no_flipped_bytes_in_the_index_ever_reach_a_reader(folder: Path, tmp_path: Path) -> None:
    _filled(folder)
    whole = (folder / "cache.db").read_bytes()
    for seed in range(40):
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 10, 100, 1000])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (copy / "cache.db").write_bytes(damaged)
        _use(copy)
        shutil.rmtree(copy)
