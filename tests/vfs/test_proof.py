"""Files over 8 MiB are handed out block by block: what is wrong in them must come out."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Corrupt
from mirrorfs.vfs.reader import Handle, Reader, key_of
from mirrorfs.vfs.shelf import Shelf
from tests.vfs.fakes import FakeSource

MIB = 1 << 20


@pytest.fixture
def film(source: FakeSource) -> Entry:
    return source.put("film", os.urandom(20 * MIB))


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _damage(source: FakeSource, start: int, times: int = 1) -> None:
    """Let the bytes from ``start`` of a file come wrong."""
    read = source.read
    left = [times]

    def wrong(entry: Entry, first: int = 0, length: int | None = None) -> Iterator[bytes]:
        stop = entry.size if length is None else first + length
        at = start - first
        for piece in read(entry, first, length):
            body = bytearray(piece)
            if left[0] and first <= start < stop and 0 <= at < len(body):
                left[0] -= 1
                body[at] ^= 1
            at -= len(body)
            yield bytes(body)

    source.read = wrong  # type: ignore[method-assign]


def _blocks(handle: Handle, places: range) -> bytes:
    return b"".join(handle.read(place * MIB, MIB) for place in places)


def _whole(reader: Reader, entry: Entry) -> bytes:
    handle = reader.open(entry)
    try:
        return _blocks(handle, range(-(-entry.size // MIB)))
    finally:
        handle.close()


def test_a_file_disproved_while_nobody_waits_is_told_and_begun_anew(
    source: FakeSource, reader: Reader, film: Entry
) -> None:
    heard: list[Entry] = []
    reader.listen_for_disproofs(heard.append)
    _damage(source, 2 * MIB)
    handle = reader.open(film)
    _blocks(handle, range(11))
    _until(lambda: bool(heard))
    assert heard == [film]
    assert handle.is_spoilt
    with pytest.raises(Corrupt):
        handle.read(0, 10)
    other = reader.open(film)
    assert not other.is_spoilt
    assert _blocks(other, range(20)) == source.body("film")
    assert other.is_proven
    handle.close()
    other.close()


def test_what_is_fetched_again_after_a_good_proof_is_looked_at(
    source: FakeSource, reader: Reader, film: Entry
) -> None:
    handle = reader.open(film)
    assert _blocks(handle, range(20)) == source.body("film")
    reader.clear()
    _damage(source, 5 * MIB)
    assert handle.read(5 * MIB, MIB) == source.body("film")[5 * MIB : 6 * MIB]
    reader.clear()
    _damage(source, 7 * MIB, times=9)
    with pytest.raises(Corrupt):
        handle.read(7 * MIB, MIB)
    assert not handle.is_spoilt
    handle.close()


def test_a_proof_is_remembered_and_holds_for_what_is_fetched_later(
    source: FakeSource, reader: Reader, store: BlockStore, film: Entry
) -> None:
    _whole(reader, film)
    later = Reader(source, store, threading.Event())
    handle = later.open(film)
    assert handle.is_proven
    store._index.ask(lambda index: index._cache.delete(f"5:{key_of(film)}"), otherwise=None)
    _damage(source, 5 * MIB)
    assert _blocks(handle, range(20)) == source.body("film")
    handle.close()
    later.close()


@pytest.mark.parametrize("size", [12 * MIB, 80 * MIB - 5])
def test_a_file_read_backwards_is_proven(source: FakeSource, reader: Reader, size: int) -> None:
    entry = source.put("f", os.urandom(size))
    _damage(source, 9 * MIB)
    handle = reader.open(entry)
    last = -(-size // MIB) - 1
    for place in range(last, 0, -1):
        handle.read(place * MIB, MIB)
    with pytest.raises(Corrupt):
        handle.read(0, MIB)
    handle.close()
    assert _whole(reader, entry) == source.body("f")


def test_blocks_that_nobody_proved_are_proven_when_the_file_is_opened(
    source: FakeSource, reader: Reader, store: BlockStore, film: Entry
) -> None:
    heard: list[Entry] = []
    reader.listen_for_disproofs(heard.append)
    for place in range(20):
        body = source.body("film")[place * MIB : (place + 1) * MIB]
        store.put(key_of(film), place, bytes(MIB) if place == 13 else body)
    reader.open(film).close()
    _until(lambda: bool(heard))
    assert _whole(reader, film) == source.body("film")
    assert reader.open(film).is_proven


def test_a_file_is_not_proven_before_all_of_it_was_seen(
    source: FakeSource, reader: Reader, film: Entry
) -> None:
    handle = reader.open(film)
    handle.read(0, MIB)
    assert not handle.is_proven
    handle.close()


def test_a_hashing_that_fails_holds_nobody_up(
    reader: Reader, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = source.put("long", os.urandom(80 * MIB))
    get, failed = Shelf.get, threading.Event()

    def fail(shelf: Shelf, key: str, index: int, length: int) -> bytes | None:
        if index < 80 and not failed.is_set():
            failed.set()
            raise RuntimeError("a mistake of ours")
        return get(shelf, key, index, length)

    monkeypatch.setattr(Shelf, "get", fail)
    handle = reader.open(film)
    assert _blocks(handle, range(80)) == source.body("long")
    assert failed.is_set()
    handle.close()


def test_nobody_waits_for_the_hashing_of_what_was_kept_long_ago(
    source: FakeSource, reader: Reader, store: BlockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = source.put("film", bytes(100 * MIB))
    for first in range(0, 80, 8):
        store.put(key_of(entry), first, *[bytes(MIB)] * 8)
    begun, gate = threading.Event(), threading.Event()
    get = Shelf.get

    def wait(shelf: Shelf, key: str, index: int, length: int) -> bytes | None:
        if index == 0:
            begun.set()
            gate.wait(10)
        return get(shelf, key, index, length)

    monkeypatch.setattr(Shelf, "get", wait)
    handle = reader.open(entry)
    assert handle.read(90 * MIB, 10) == bytes(10)
    assert begun.wait(5)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(handle.read, 98 * MIB, 10)
        try:
            assert other.result(5) == bytes(10)
        finally:
            gate.set()
    handle.close()
