"""What is a part of a large file passes by the kernel's cache."""

import ctypes
import errno
import mmap
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.cache import direct
from mirrorfs.cache.blocks import BLOCK_SIZE, BlockStore
from mirrorfs.cache.direct import FLAG, Staging, in_pages, works_in
from mirrorfs.cache.frame import TRAILER_SIZE
from mirrorfs.cache.limits import Limits

Opener = Callable[..., BlockStore]
PAGE = 4096


def blocks(count: int, last: int) -> list[bytes]:
    return [os.urandom(BLOCK_SIZE) for _ in range(count - 1)] + [os.urandom(last)]


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("?/*.block")
    return file


def pages_in_memory(path: Path) -> int:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as pages:
        found = (ctypes.c_ubyte * in_pages(len(pages)))()
        start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        libc = ctypes.CDLL(None, use_errno=True)
        failed = libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(len(pages)), found)
        assert not failed, os.strerror(ctypes.get_errno())
        return sum(one & 1 for one in found)


def test_pieces_are_written_one_behind_the_other(tmp_path: Path) -> None:
    staging = Staging(3 * PAGE)
    for text in (b"a", b"b"):
        path = tmp_path / text.decode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | FLAG)
        staging.write(descriptor, [text * 5000, b"", text.upper() * 3192])
        os.close(descriptor)
        assert path.read_bytes() == text * 5000 + text.upper() * 3192


def test_more_than_there_is_room_for_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file, pytest.raises(ValueError, match="more than"):
        Staging(PAGE).write(file.fileno(), [bytes(1 << 21), b"x"])


@pytest.mark.parametrize("count", [4, 8])
@pytest.mark.parametrize("last", [1, PAGE - 4 * TRAILER_SIZE, BLOCK_SIZE])
def test_many_blocks_are_whole_pages_that_the_kernel_does_not_keep(
    opened: Opener, folder: Path, count: int, last: int
) -> None:
    kept = blocks(count, last)
    assert opened().put("a", 0, *kept) == count
    file = file_in(folder)
    assert file.stat().st_size == in_pages((count - 1) * BLOCK_SIZE + last + count * TRAILER_SIZE)
    assert pages_in_memory(file) == 0
    for _ in range(2):
        store = opened()
        assert [store.get("a", number) for number in range(count)] == kept
        assert store.verify().blocks == count


def test_few_blocks_stay_in_the_kernels_cache(opened: Opener, folder: Path) -> None:
    opened().put("a", 0, *blocks(3, 7))
    file = file_in(folder)
    assert file.stat().st_size == 2 * BLOCK_SIZE + 7 + 3 * TRAILER_SIZE
    assert pages_in_memory(file) == 513


def test_a_damaged_end_is_noticed(opened: Opener, folder: Path) -> None:
    kept = blocks(4, 100)
    store = opened()
    store.put("a", 0, *kept)
    with file_in(folder).open("r+b") as file:
        file.seek(-4 * TRAILER_SIZE - 1, os.SEEK_END)
        file.write(b"!")  # between the last block and the trailers, where nothing is
        file.seek(-1, os.SEEK_END)
        file.write(b"!")
    assert [store.get("a", number) for number in range(4)] == [*kept[:3], None]


def test_where_it_does_not_work_the_kernels_cache_is_used(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(staging: Staging, descriptor: int, pieces: list[bytes]) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    assert works_in(tmp_path)
    monkeypatch.setattr(direct.Staging, "write", refuse)
    assert not works_in(tmp_path)
    store = BlockStore(folder, Limits(1 << 30, 0))
    kept = blocks(8, 1)
    assert store.put("a", 0, *kept) == 8
    assert [store.get("a", number) for number in range(8)] == kept
    store.close()


def test_a_disk_that_refuses_later_gets_the_blocks_one_by_one(
    opened: Opener, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(staging: Staging, descriptor: int, pieces: list[bytes]) -> None:
        raise OSError(errno.EIO, "Input/output error")

    store = opened()
    kept = blocks(8, 1)
    store.put("b", 0, *kept)
    monkeypatch.setattr(direct.Staging, "write", refuse)
    assert store.put("a", 0, *kept) == 8
    assert len(list(folder.glob("?/*.block"))) == 1 + 8
    assert [store.get("a", number) for number in range(8)] == kept
