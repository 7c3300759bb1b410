from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mirrorfs.core.digest import Digest, of
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, MirrorError, RateLimited
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.core.provider import Snapshot
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.aside import aside
from sync.digests import DigestMemory
from sync.ends import End, Pair
from sync.errors import StateFailed
from sync.model import Agreed, Side, Tree, fact_of
from sync.proving import Prover
from sync.rows import Rows
from sync.scan import scan
from tests.sync.sides import local, memory, put


class Counting(LocalProvider):
    """A folder whose reads are counted, and whose files may be closed to reading."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []

    def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self.reads.append(entry.path)
        return super().read(entry, start, length)


@pytest.fixture
def disk(tmp_path: Path) -> Counting:
    (tmp_path / "one").mkdir()
    return Counting(tmp_path / "one")


@pytest.fixture
def end(disk: Counting, tmp_path: Path) -> End:
    return End(disk, "one", f"local:{tmp_path}/one")


class Mute(MemoryProvider):
    """A service that tells no checksums."""

    def scan(self, folder: RemotePath) -> Snapshot:
        found = super().scan(folder)
        mute = {path: replace(one, digest=None) for path, one in found.entries.items()}
        return replace(found, entries=mute)


class Later:
    """A clock that is so many seconds ahead."""

    def __init__(self, ahead: float = 10.0) -> None:
        self.ahead = ahead

    def now(self) -> float:
        return time.time() + self.ahead

    def sleep(self, seconds: float) -> None:
        raise AssertionError


@pytest.fixture
def store(tmp_path: Path) -> DigestMemory:
    return DigestMemory(tmp_path / "digests.sqlite", Later())


def test_a_file_is_read_once(disk: Counting, end: End, store: DigestMemory, tmp_path: Path) -> None:
    entry = put(disk, "a.txt", b"text")
    assert store.digest(end, entry, "md5") == of(b"text")
    store.close()
    again = DigestMemory(tmp_path / "digests.sqlite", Later())
    assert again.digest(end, entry, "md5") == of(b"text")
    assert disk.reads == ["a.txt"]
    assert again.digest(end, entry, "sha1") == of(b"text", "sha1")
    assert disk.reads == ["a.txt"] * 2


def test_who_asks_for_nothing_opens_no_file(store: DigestMemory, tmp_path: Path) -> None:
    store.close()
    assert not (tmp_path / "digests.sqlite").exists()


def test_a_moved_file_is_read_once_more(disk: Counting, end: End, tmp_path: Path) -> None:
    entry = put(disk, "a.txt", b"text")
    with closing(DigestMemory(tmp_path / "digests.sqlite", Later())) as store:
        store.digest(end, entry, "md5")
    disk.place(entry.path).rename(disk.place(parse("")) / "b.txt")  # sets ctime
    for _ in range(2):
        with closing(DigestMemory(tmp_path / "digests.sqlite", Later())) as store:
            store.digest(end, disk.stat(parse("b.txt")), "md5")
    assert disk.reads == ["a.txt", "b.txt"]


def test_an_edit_that_hides_its_time_is_seen(disk: Counting, end: End, tmp_path: Path) -> None:
    entry = put(disk, "a.txt", b"text")
    with closing(DigestMemory(tmp_path / "digests.sqlite", Later())) as store:
        store.digest(end, entry, "md5")
    store = DigestMemory(tmp_path / "digests.sqlite", Later())
    place = disk.place(entry.path)
    before = place.stat().st_ctime_ns
    while place.stat().st_ctime_ns == before:
        place.write_bytes(b"TEXT")
        os.utime(place, ns=(entry.modified, entry.modified))
    assert disk.stat(entry.path) == entry
    assert store.digest(end, entry, "md5") == of(b"TEXT")


def test_what_changed_a_moment_ago_is_not_remembered(
    disk: Counting, end: End, tmp_path: Path
) -> None:
    entry = put(disk, "a.txt", b"text")
    for _ in range(2):
        with closing(DigestMemory(tmp_path / "digests.sqlite", Later(-0.001))) as store:
            store.digest(end, entry, "md5")
    assert disk.reads == ["a.txt"] * 2


def test_a_file_that_changed_since_it_was_listed(
    disk: Counting, end: End, store: DigestMemory
) -> None:
    entry = put(disk, "a.txt", b"text")
    disk.place(entry.path).write_bytes(b"longer")
    with pytest.raises(Changed):
        store.digest(end, entry, "md5")


def prove(pair: Pair, store: DigestMemory, rows: dict[str, Agreed]) -> dict[str, Digest | None]:
    trees = scan(pair, dict)
    with ThreadPoolExecutor(2) as executor:
        found = Prover(pair, store, executor, 4).complete(trees, Rows.of(rows.values(), trees))
    return {path: entry.digest for path, entry in found[Side.ONE].entries.items()}


def test_only_what_may_be_the_same_is_read(disk: Counting, end: End, store: DigestMemory) -> None:
    other = memory("two")
    for path, mine, theirs in (
        ("same", b"1111", b"1111"),
        ("differs", b"2222", b"3333"),
        ("longer", b"44444", b"444"),
        ("alone", b"5", b""),
    ):
        put(disk, path, mine)
        if theirs:
            put(other.target, path, theirs)
    found = prove(Pair(end, other), store, {})
    assert found["same"] == of(b"1111")
    assert found["differs"] == of(b"2222")
    assert sorted(disk.reads) == ["differs", "same"]


def test_unchanged_files_are_not_read(disk: Counting, end: End, store: DigestMemory) -> None:
    other = memory("two")
    rows = {}
    for path in ("a", "touched", "moved"):
        one, two = put(disk, path, path.encode()), put(other.target, path, path.encode())
        rows[path] = Agreed(one.path, fact_of(replace(one, digest=two.digest)), fact_of(two))
    os.utime(disk.place(parse("touched")), ns=(1, 1))
    moved = disk.place(parse("moved"))
    moved.rename(moved.with_name("elsewhere"))
    moved.with_name("saved anew").write_bytes(b"moved")
    found = prove(Pair(end, other), store, rows)
    assert found["a"] is None
    assert found["touched"] == of(b"touched")
    assert found["saved anew"] == of(b"moved")
    assert "a" not in disk.reads


def test_what_was_left_waiting_is_read_with_what_is_as_large(store: DigestMemory) -> None:
    one, two = memory("one", Mute()), memory("two")
    waiting = aside(parse("a"), ROOT)
    for path, data in (("b", b"text"), (waiting, b"text"), ("c", b"longer"), ("d", b"TEXT")):
        put(one.target, path, data)
    assert prove(Pair(one, two), store, {}) == {
        "b": of(b"text"),
        waiting: of(b"text"),
        "c": None,
        "d": of(b"TEXT"),
    }


def test_what_cannot_be_read_is_withheld(disk: Counting, end: End, store: DigestMemory) -> None:
    other = memory("two")
    put(disk, "a", b"text")
    put(other.target, "a", b"TEXT")
    trees = scan(Pair(end, other), dict)
    disk.place(parse("a")).write_bytes(b"edited meanwhile")
    with ThreadPoolExecutor(2) as executor:
        found = Prover(Pair(end, other), store, executor, 4).complete(trees, Rows())
    assert set(found[Side.ONE].withheld) == {"a"}
    assert not found[Side.ONE].entries
    assert found[Side.TWO] == trees[Side.TWO]


def test_a_side_without_checksums_can_be_downloaded(store: DigestMemory, tmp_path: Path) -> None:
    one, two = local(tmp_path / "one"), local(tmp_path / "two")
    put(one.target, "a", b"text")
    put(two.target, "a", b"text")
    pair = Pair(one, two)
    with ThreadPoolExecutor(2) as executor:
        found = Prover(pair, store, executor, 4).complete(scan(pair, dict), Rows())
    assert {tree.entries[parse("a")].digest for tree in found.values()} == {of(b"text")}


def test_small_files_of_a_service_are_read_at_the_same_time(store: DigestMemory) -> None:
    together = threading.Barrier(3)

    class Slow(Mute):
        def read(self, entry: Entry, start: int = 0, length: int | None = None) -> Iterator[bytes]:
            together.wait(5.0)
            return super().read(entry, start, length)

    one, two = memory("one", Slow()), memory("two")
    for number in range(6):
        for end in (one, two):
            put(end.target, f"{number}", b"text")
    pair = Pair(one, two)
    with ThreadPoolExecutor(3) as executor:
        found = Prover(pair, store, executor, 3, downloads=True).complete(scan(pair, dict), Rows())
    assert {entry.digest for entry in found[Side.ONE].entries.values()} == {of(b"text")}


@pytest.mark.parametrize("error", [RateLimited("All calls are used up.", 0.0), StateFailed("no")])
def test_what_stops_all_is_no_matter_of_one_file(store: DigestMemory, error: MirrorError) -> None:
    one, two = memory("one"), memory("two")
    pair = Pair(one, two)
    for end in (one, two):
        put(end.target, "a", b"text")
    assert isinstance(one.target, MemoryProvider)

    def fail(verb: str, path: str) -> None:
        if verb == "read":
            raise error

    one.target.hook = fail
    mute = {
        side: Tree({path: replace(entry, digest=None) for path, entry in tree.entries.items()})
        for side, tree in scan(pair, dict).items()
    }
    with ThreadPoolExecutor(2) as executor, pytest.raises(type(error)):
        Prover(pair, store, executor, 4, downloads=True).complete(mute, Rows())
