"""Blocks that are kept together share a file, and nothing else."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache import blocks, punch
from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore
from mirrorfs.cache.files import cost
from mirrorfs.cache.limits import Limits

Opener = Callable[..., BlockStore]
BLOCKS = [os.urandom(BLOCK_SIZE) for _ in range(7)] + [b"end"]
ROOM = cost(BLOCK_SIZE)


def files(folder: Path) -> list[Path]:
    return list(folder.glob("?/*.block"))


def room(file: Path) -> int:
    os.sync()
    return file.stat().st_blocks * 512


def missing(store: BlockStore) -> list[int]:
    return [number for number in range(8) if store.get("a", number) is None]


def test_blocks_kept_together_are_one_file_and_found_one_by_one(
    opened: Opener, folder: Path
) -> None:
    assert opened().put("a", 3, *BLOCKS) == 8
    for _ in range(2):
        store = opened()
        buffer = bytearray(100)
        for number, block in enumerate(BLOCKS[:7], 3):
            assert store.get("a", number) == block
            assert store.read_into("a", number, 70_000, memoryview(buffer)) == 100
            assert buffer == block[70_000:70_100]
        assert store.get("a", 10) == b"end"
        assert store.get("a", 2) is store.get("a", 11) is None
    assert len(files(folder)) == 1
    assert (store.info().files, store.info().blocks) == (1, 8)
    assert store.verify().blocks == 8


@pytest.mark.parametrize("wrong", [[b"short", b"x"], [BLOCKS[0] + b"x"], [b"x", BLOCKS[0]]])
def test_only_the_last_may_be_shorter(opened: Opener, wrong: list[bytes]) -> None:
    with pytest.raises(ValueError, match="blocks of"):
        opened().put("a", 0, *wrong)


def test_a_damaged_block_takes_no_other_with_it(opened: Opener, folder: Path) -> None:
    store = opened()
    store.put("a", 0, *BLOCKS)
    (file,) = files(folder)
    with file.open("r+b") as damaged:
        damaged.seek(3 * BLOCK_SIZE + 500)
        damaged.write(b"\0\1\2\3")
    assert missing(store) == [3]
    store = opened()
    assert missing(store) == [3]
    assert store.put("a", 3, BLOCKS[3])
    assert missing(opened()) == []


@pytest.mark.parametrize("left", [0, 31, BLOCK_SIZE, 7 * BLOCK_SIZE, 7 * BLOCK_SIZE + 258])
def test_a_cut_file_serves_nothing_wrong(opened: Opener, folder: Path, left: int) -> None:
    store = opened()
    store.put("a", 0, *BLOCKS)
    os.truncate(files(folder)[0], left)
    assert missing(store) == list(range(8))
    assert store.info().bytes == 0


def test_swapped_parts_are_noticed(opened: Opener, folder: Path) -> None:
    store = opened()
    store.put("a", 0, *BLOCKS)
    (file,) = files(folder)
    body = file.read_bytes()
    file.write_bytes(body[BLOCK_SIZE : 2 * BLOCK_SIZE] + body[:BLOCK_SIZE] + body[2 * BLOCK_SIZE :])
    assert missing(store) == [0, 1]


def test_the_room_of_one_that_goes_is_free_and_the_file_goes_with_the_last(
    opened: Opener, folder: Path
) -> None:
    store = opened(8 * ROOM)
    store.put("a", 0, *BLOCKS)
    (file,) = files(folder)
    assert room(file) > 7 * BLOCK_SIZE
    for number in (1, 2, 3, 4, 5, 6, 7):
        store.get("a", number)
    store = opened(8 * ROOM)
    store.put("b", 0, BLOCKS[0])
    assert missing(store) == [0]
    assert file.exists()
    assert room(file) < 6.1 * BLOCK_SIZE
    store.put("b", 1, *BLOCKS[:3])
    assert missing(store) == [0, 1, 2]
    store.put("c", 0, *BLOCKS[:7], BLOCKS[0])
    assert missing(store) == list(range(8))
    assert not file.exists()
    assert sum(map(room, files(folder))) <= 8 * ROOM + 4096 * 3


def test_what_a_killed_process_did_not_note_is_given_back(folder: Path) -> None:
    for is_second in (False, True):
        store = BlockStore(folder, Limits(1 << 30, 0))
        if not is_second:
            store.put("a", 0, *BLOCKS)
            (file,) = files(folder)
        else:
            assert missing(store) == [0, 1, 6]
            assert room(file) < 4.1 * BLOCK_SIZE
        store.close()
        with sqlite3.connect(folder / "cache.db") as base:
            base.execute("DELETE FROM Cache WHERE key IN ('0:a', '1:a', '6:a')")
        (folder / "in-use").touch()


def test_where_files_cannot_have_holes_each_block_has_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, offset: int, length: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(punch, "punch", refuse)
    store = BlockStore(folder, Limits(1 << 30, 0))
    assert store.put("a", 0, *BLOCKS) == 8
    assert len(files(folder)) == 8
    assert missing(store) == []
    store.close()


def test_of_blocks_that_do_not_all_fit_the_first_are_kept(opened: Opener) -> None:
    store = opened(3 * ROOM)
    with store.reading("a"):
        assert store.put("a", 0, *BLOCKS) == 3
        assert missing(store) == [3, 4, 5, 6, 7]
    assert blocks.MOST_TOGETHER == 8
