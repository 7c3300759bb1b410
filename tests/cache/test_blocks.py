import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache import index
from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore
from mirrorfs.cache.index import NotOurs

Opener = Callable[..., BlockStore]
BLOCK = os.urandom(BLOCK_SIZE)


def test_what_was_put_is_got_also_after_a_restart(opened: Opener) -> None:
    store = opened()
    assert store.get("a", 0) is None
    assert store.put("a", 0, BLOCK)
    assert store.put("a", 1, b"end")
    assert store.put("a", 2, b"")
    for _ in range(2):
        assert store.get("a", 0) == BLOCK
        assert store.get("a", 1) == b"end"
        assert store.get("a", 2) == b""
        assert store.get("a", 3) is None
        assert store.get("b", 0) is None
        store = opened()


def test_a_block_put_again_replaces_the_one_before(opened: Opener, folder: Path) -> None:
    store = opened()
    for block in (b"old", b"new"):
        store.put("a", 0, block)
        assert store.get("a", 0) == block
    assert store.info().blocks == len(list(folder.glob("?/*.block"))) == 1


def test_keys_of_any_text_are_told_apart(opened: Opener) -> None:
    store = opened()
    keys = ["", "1:a", ":1:a", "a", "A", "ä", "a\u0308", "c3a4", "~c3a4", "\udce4", "\0", "a\0b"]
    for key in keys:
        assert store.put(key, 11, key.encode("utf-8", "surrogatepass"))
    for key in keys:
        assert store.get(key, 11) == key.encode("utf-8", "surrogatepass")
        with store.reading(key):
            store.forget(key)
        assert store.get(key, 11) is None
    assert store.info().blocks == 0


@pytest.mark.parametrize("proven_before", [False, True])
def test_read_into_reads_any_part(opened: Opener, proven_before: bool) -> None:
    store = opened()
    store.put("a", 0, BLOCK)
    if proven_before:
        store.get("a", 0)
    buffer = bytearray(1000)
    assert store.read_into("a", 0, 5000, memoryview(buffer)) == 1000
    assert buffer == BLOCK[5000:6000]
    assert store.read_into("a", 0, BLOCK_SIZE - 10, memoryview(buffer)) == 10
    assert buffer[:10] == BLOCK[-10:]
    assert store.read_into("a", 0, BLOCK_SIZE, memoryview(buffer)) == 0
    assert store.read_into("a", 1, 0, memoryview(buffer)) is None


def test_a_block_longer_than_the_block_size_is_a_mistake(opened: Opener) -> None:
    with pytest.raises(ValueError, match="1048577"):
        opened().put("a", 0, BLOCK + b"x")


def test_info_counts(opened: Opener) -> None:
    store = opened(1 << 24, 7)
    store.put("a", 0, BLOCK)
    store.put("a", 1, b"x")
    store.put("b", 0, b"x")
    store.get("a", 0)
    store.get("a", 7)
    info = store.info()
    assert (info.files, info.blocks, info.hits, info.misses) == (2, 3, 1, 1)
    assert BLOCK_SIZE < info.bytes < BLOCK_SIZE + 20_000
    assert (info.limits.max_bytes, info.limits.min_free_bytes) == (1 << 24, 7)


def test_forget_removes_one_file_and_clear_all(opened: Opener, folder: Path) -> None:
    store = opened()
    for key in ("a", "b"):
        for number in range(150):
            store.put(key, number, b"x")
    store.forget("a")
    assert store.get("a", 3) is None
    assert store.get("b", 3) == b"x"
    store.clear()
    assert store.get("b", 3) is None
    assert store.info().blocks == store.info().bytes == 0
    assert not list(folder.glob("?/*.block"))


def test_many_threads(opened: Opener) -> None:
    store = opened(6 << 20)
    wrong: list[object] = []

    def work(number: int) -> None:
        for turn in range(60):
            key, index = f"key {(number + turn) % 4}", turn % 5
            block = f"{key} {index} ".encode() * 20_000
            with store.reading(key):
                found = store.get(key, index) if turn % 2 else None
                if found not in {None, block} or (
                    turn % 3 == 0 and not store.put(key, index, block)
                ):
                    wrong.append((key, index))
            if turn % 29 == 0:
                store.forget(key)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert store.verify().damaged == 0
    assert store.info().bytes <= 6 << 20


def test_threads_that_come_and_go_open_no_database_each(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    store.put("a", 0, b"x")
    monkeypatch.setattr(index.sqlite3, "connect", None)
    found: list[bytes | None] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: found.append(store.get("a", 0)))
        thread.start()
        thread.join()
    assert found == [b"x"] * 3


@pytest.mark.parametrize("mode", [1, 3, 4])
def test_nothing_but_files_is_read_from_the_index(folder: Path, mode: int) -> None:
    disk = index._PlacesOnly(str(folder))
    for filename in (f"0/{'0' * 31}.block:0:1", None):
        with pytest.raises(NotOurs):
            disk.fetch(mode, filename, b"\x80\x05K\x01.", read=False)
    with pytest.raises(NotOurs):
        disk.get(b"\x80\x05K\x01.", False)
    with pytest.raises(NotOurs):
        disk.put(("a", 1))


@pytest.mark.parametrize("file", ["../../secret", "/etc/passwd", "0/../../x.block", "cache.db"])
@pytest.mark.parametrize("part", ["", ":0:1", ":1:1", ":0:9", ":8:8"])
def test_no_file_outside_is_read_or_removed(
    opened: Opener, folder: Path, file: str, part: str
) -> None:
    opened().put("a", 0, b"x")
    opened()
    victim = folder / file
    if not file.startswith("/"):
        victim.parent.mkdir(parents=True, exist_ok=True)
        victim.touch()
    with sqlite3.connect(folder / "cache.db") as base:
        base.execute("UPDATE Cache SET filename = ?", (f"{file}{part}",))
    store = opened()
    assert store.get("a", 0) is None
    assert store.info().blocks == 0
    assert victim.exists()
