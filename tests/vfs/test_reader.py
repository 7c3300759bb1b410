import dataclasses
import errno
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.limits import Limits
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, Corrupt, Denied, RateLimited, Unavailable
from mirrorfs.vfs import content
from mirrorfs.vfs.reader import Reader
from tests.vfs.fakes import FakeSource

MIB = 1 << 20


def _all(reader: Reader, source: FakeSource, path: str, step: int = 128 << 10) -> bytes:
    handle = reader.open(source.entry(path))
    try:
        size = source.entry(path).size
        return b"".join(handle.read(offset, step) for offset in range(0, size + 1, step))
    finally:
        handle.close()


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 8 * MIB, 8 * MIB + 1, 21 * MIB + 5])
def test_every_byte_comes_and_comes_once(
    size: int, source: FakeSource, reader: Reader, store: BlockStore
) -> None:
    body = os.urandom(size)
    source.put("f", body)
    assert _all(reader, source, "f") == body
    assert source.sent == size
    again = Reader(source, store, threading.Event())
    assert _all(again, source, "f") == body
    again.close()
    assert source.sent == size


def test_copies_of_one_content_are_fetched_once(source: FakeSource, reader: Reader) -> None:
    first, second = source.put("a/f", b"same"), source.put("b/f", b"same")
    for entry in (first, second):
        handle = reader.open(dataclasses.replace(entry, content="image:1"))
        assert handle.read(0, 10) == b"same"
        handle.close()
    assert source.sent == 4


def test_a_file_that_moved_is_read_where_it_is_now(source: FakeSource, reader: Reader) -> None:
    body = os.urandom(12 * MIB)
    before = reader.open(source.put("old", body))
    assert before.read(0, 10) == body[:10]
    source.move("old", "new")
    after = reader.open(source.entry("new"))
    assert after.read(9 * MIB, 10) == body[9 * MIB :][:10]
    assert before.read(11 * MIB, 10) == body[11 * MIB :][:10]
    assert (before.entry.path, after.entry.path) == ("old", "new")
    before.close()
    after.close()


def test_nobody_gives_up_while_bytes_come(
    source: FakeSource, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "_PATIENCE", 1)
    read = source.read

    def slowly(entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        for piece in read(entry, start, length):
            time.sleep(0.4)
            yield piece

    source.read = slowly  # type: ignore[method-assign]
    body = os.urandom(4 * source.piece)
    source.put("f", body)
    assert _all(reader, source, "f") == body


def test_what_came_while_it_was_looked_for_is_not_fetched_again(
    source: FakeSource, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader.using(source.put("f", b"12345")) as found:

        def too_early(_: int) -> bool:
            monkeypatch.undo()
            found.fetch()
            return False

        monkeypatch.setattr(found, "_here", too_early)
        found.fetch()
    assert source.sent == 5


def test_a_system_that_knows_no_such_scheduling_reads_all_the_same(
    source: FakeSource, store: BlockStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    source.put("f", b"12345")
    reader = Reader(source, store, threading.Event())
    assert _all(reader, source, "f") == b"12345"
    reader.close()


def test_a_read_beyond_the_end_is_short(source: FakeSource, reader: Reader) -> None:
    handle = reader.open(source.put("f", b"hello"))
    assert handle.read(3, 100) == b"lo"
    assert handle.read(5, 100) == b""
    assert handle.read(500, 1) == b""
    handle.close()


def test_a_small_file_is_fetched_in_one_go(source: FakeSource, reader: Reader) -> None:
    source.put("f", os.urandom(3 * MIB))
    handle = reader.open(source.entry("f"))
    handle.read(0, 4096)
    assert source.reads == [("f", 0, None)]
    handle.close()
    assert _all(reader, source, "f") == source.body("f")
    assert len(source.reads) == 1


def test_looking_at_the_head_of_a_large_file_takes_one_block(
    source: FakeSource, reader: Reader
) -> None:
    source.put("f", os.urandom(50 * MIB))
    handle = reader.open(source.entry("f"))
    handle.read(0, 128 << 10)
    handle.read(128 << 10, 128 << 10)
    handle.close()
    assert source.reads == [("f", 0, MIB)]


def test_random_reads_take_what_they_need(source: FakeSource, reader: Reader) -> None:
    source.put("f", os.urandom(60 * MIB))
    handle = reader.open(source.entry("f"))
    dice = random.Random(7)
    wanted = set()
    for offset in (dice.randrange(0, 59) * MIB + 5000 for _ in range(12)):
        assert handle.read(offset, 4096) == source.body("f")[offset : offset + 4096]
        wanted.add(offset // MIB)
    handle.close()
    assert source.sent <= (len(wanted) + 4) * MIB


def test_reading_in_a_row_takes_larger_and_larger_pieces(
    source: FakeSource, reader: Reader
) -> None:
    source.put("f", os.urandom(100 * MIB))
    assert _all(reader, source, "f") == source.body("f")
    assert len(source.reads) < 12
    assert source.sent == 100 * MIB


def test_eight_readers_one_fetch(source: FakeSource, reader: Reader) -> None:
    source.put("f", os.urandom(5 * MIB))
    source.delay = 0.1
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: _all(reader, source, "f"), range(8)))
    assert set(bodies) == {source.body("f")}
    assert len(source.reads) == 1


def test_eight_readers_of_a_large_file(source: FakeSource, reader: Reader) -> None:
    source.put("f", os.urandom(30 * MIB))
    source.delay = 0.02
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda _: _all(reader, source, "f"), range(8)))
    assert set(bodies) == {source.body("f")}
    assert source.sent == 30 * MIB


def test_who_opens_again_meanwhile_waits_for_the_same_fetch(
    source: FakeSource, reader: Reader
) -> None:
    source.put("f", os.urandom(2 * MIB))
    source.delay = 0.2
    impatient = reader.open(source.entry("f"))
    peek = threading.Thread(target=impatient.read, args=(0, 10))
    peek.start()
    _until(lambda: len(source.reads) == 1)
    peeking = reader.open(source.entry("f"))
    peeking.close()
    peek.join()
    impatient.close()
    assert _all(reader, source, "f") == source.body("f")
    assert len(source.reads) == 1


def test_a_stream_stops_when_its_reader_is_gone(source: FakeSource, reader: Reader) -> None:
    source.put("f", os.urandom(100 * MIB))
    handle = reader.open(source.entry("f"))
    for offset in range(0, 8 * MIB, MIB):
        handle.read(offset, MIB)
    handle.close()
    sent = source.sent
    time.sleep(0.3)
    assert source.sent <= max(sent, 0) + 33 * MIB
    assert source.sent < 60 * MIB


class TestChanged:
    def test_an_open_file_is_never_a_mixture(self, source: FakeSource, reader: Reader) -> None:
        body = os.urandom(20 * MIB)
        source.put("f", body)
        handle = reader.open(source.entry("f"))
        assert handle.read(0, MIB) == body[:MIB]
        source.put("f", os.urandom(20 * MIB))
        assert handle.read(0, MIB) == body[:MIB]
        with pytest.raises(Changed):
            handle.read(15 * MIB, MIB)
        handle.close()
        assert _all(reader, source, "f") == source.body("f")

    def test_what_is_kept_stays_readable(self, source: FakeSource, reader: Reader) -> None:
        body = os.urandom(3 * MIB)
        source.put("f", body)
        handle = reader.open(source.entry("f"))
        handle.read(0, 1)
        source.put("f", b"other")
        assert handle.read(0, 9 * MIB) == body
        handle.close()


class TestProof:
    def test_what_the_provider_cannot_bring_is_not_tried_twice(
        self, source: FakeSource, reader: Reader
    ) -> None:
        source.put("f", os.urandom(2 * MIB))
        source.damage = 1
        with pytest.raises(Corrupt):
            _all(reader, source, "f")
        assert len(source.reads) == 1
        assert _all(reader, source, "f") == source.body("f")

    def test_a_small_file_that_is_never_right_is_never_served(
        self, source: FakeSource, reader: Reader, store: BlockStore
    ) -> None:
        source.put("f", os.urandom(2 * MIB))
        source.lie("f")
        with pytest.raises(Corrupt):
            _all(reader, source, "f")
        assert store.info().blocks == 0

    def test_a_large_file_is_proven_at_its_end(
        self, source: FakeSource, reader: Reader, store: BlockStore
    ) -> None:
        source.put("f", os.urandom(20 * MIB))
        source.lie("f")
        with pytest.raises(Corrupt):
            _all(reader, source, "f")
        _until(lambda: store.info().blocks == 0)

    def test_a_large_file_is_proven_also_when_some_of_it_was_kept(
        self, source: FakeSource, reader: Reader
    ) -> None:
        source.put("f", os.urandom(20 * MIB))
        source.lie("f")
        handle = reader.open(source.entry("f"))
        handle.read(7 * MIB, 10)
        handle.close()
        with pytest.raises(Corrupt):
            _all(reader, source, "f")

    def test_a_damaged_block_on_disk_is_fetched_again(
        self, source: FakeSource, store: BlockStore, tmp_path: Path
    ) -> None:
        source.put("f", os.urandom(3 * MIB))
        first = Reader(source, store, threading.Event())
        _all(first, source, "f")
        first.close()
        store.close()
        for place, file in enumerate(sorted((tmp_path / "blocks").rglob("*.block"))):
            damaged = bytearray(file.read_bytes())
            damaged[len(damaged) // 2] ^= 1
            file.write_bytes(damaged if place else damaged[:100])
        reopened = BlockStore(tmp_path / "blocks", Limits(1 << 30, 0))
        second = Reader(source, reopened, threading.Event())
        assert _all(second, source, "f") == source.body("f")
        second.close()
        reopened.close()
        assert len(source.reads) == 2


class TestDown:
    def test_what_is_kept_is_served(self, source: FakeSource, reader: Reader) -> None:
        source.put("kept", os.urandom(2 * MIB))
        source.put("other", b"other")
        _all(reader, source, "kept")
        source.down = Unavailable("down")
        assert _all(reader, source, "kept") == source.body("kept")
        with pytest.raises(Unavailable):
            _all(reader, source, "other")
        source.down = None
        assert _all(reader, source, "other") == b"other"

    def test_a_stream_that_breaks_goes_on_where_it_broke(
        self, source: FakeSource, reader: Reader
    ) -> None:
        source.put("f", os.urandom(24 * MIB))
        handle = reader.open(source.entry("f"))
        handle.read(0, 4 * MIB)

        broken = threading.Event()
        send = source._send

        def breaking(body: bytes):  # type: ignore[no-untyped-def]
            for count, piece in enumerate(send(body)):
                if count == 9 and not broken.is_set():
                    broken.set()
                    raise Unavailable("cut")
                yield piece

        source._send = breaking  # type: ignore[method-assign]
        whole = b"".join(handle.read(offset, MIB) for offset in range(0, 24 * MIB, MIB))
        assert whole == source.body("f")
        assert broken.is_set()
        handle.close()

    @pytest.mark.parametrize("error", [RateLimited("used up", 9e9), Denied("no")])
    def test_some_errors_are_not_tried_again(
        self, error: Exception, source: FakeSource, reader: Reader
    ) -> None:
        source.put("f", b"body")
        source.down = error  # type: ignore[assignment]
        with pytest.raises(type(error)):
            _all(reader, source, "f")
        assert len(source.reads) == 1


@pytest.mark.parametrize("count", [1, 5, 12])
def test_many_who_read_in_a_row_on_a_full_disk_fetch_each_byte_once(
    count: int, source: FakeSource, tmp_path: Path
) -> None:
    store = BlockStore(tmp_path / "full", Limits(1000, 0))
    reader = Reader(source, store, threading.Event())
    size = 30 * MIB
    handles = [reader.open(source.put(f"{n}", bytes([n]) * size)) for n in range(count)]
    for offset in range(0, size, MIB):
        for n, handle in enumerate(handles):
            assert handle.read(offset, MIB) == bytes([n]) * MIB
        _until(lambda: not any(handle._content._flights for handle in handles))
    assert source.sent == count * size
    for handle in handles:
        handle.close()
    assert reader.window() > 1
    reader.close()
    store.close()


@pytest.mark.parametrize("size", [3 * MIB, 40 * MIB])
def test_a_full_disk_means_reading_through(size: int, source: FakeSource, tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "full", Limits(1000, 0))
    reader = Reader(source, store, threading.Event())
    source.put("f", os.urandom(size))
    assert _all(reader, source, "f") == source.body("f")
    assert source.sent < 1.5 * size
    assert store.info().blocks == 0
    reader.close()
    store.close()


def test_a_full_disk_does_not_make_files_come_again_and_again(
    source: FakeSource, tmp_path: Path
) -> None:
    store = BlockStore(tmp_path / "full", Limits(1000, 0))
    reader = Reader(source, store, threading.Event())
    handles = [reader.open(source.put(f"{n}", os.urandom(8 * MIB))) for n in range(12)]
    for place in range(8):
        for n, handle in enumerate(handles):
            piece = source.body(f"{n}")[place * MIB : (place + 1) * MIB]
            assert handle.read(place * MIB, MIB) == piece
    assert len(source.reads) == 12
    for handle in handles:
        handle.close()
    _until(lambda: not reader._contents)
    assert not reader._supply.shelf._refused
    reader.close()
    store.close()
