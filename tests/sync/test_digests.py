from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirrorfs.core.digest import Digest, of
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import Changed, MirrorError, NoFile, NotFound, RateLimited
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.core.provider import Snapshot
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.aside import aside
from sync.digests import DigestMemory, Wanted
from sync.ends import End, Pair
from sync.errors import StateFailed
from sync.model import Agreed, Side, Tree, fact_of
from sync.proving import Prover, Wish, portions_of
from sync.rows import Rows
from sync.scan import scan
from tests.sync.sides import local, memory, put


class Counting(LocalProvider):
    """A folder whose reads are counted, and whose files may be closed to reading."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[int]:
        with super().opened(entry) as file:
            self.reads.append(entry.path)
            yield file


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


def test_an_inode_may_have_64_bits(
    disk: Counting, end: End, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(disk, "a.txt", b"text")
    for name in ("lstat", "fstat"):
        monkeypatch.setattr(os, name, huge(getattr(os, name)))
    entry = disk.stat(parse("a.txt"))
    for _ in range(2):
        with closing(DigestMemory(tmp_path / "digests.sqlite", Later())) as store:
            assert store.digest(end, entry, "md5") == of(b"text")
    assert disk.reads == ["a.txt"]


def huge(look: Callable[..., os.stat_result]) -> Callable[..., object]:
    """Return what tells of the same files with the largest inodes that there can be."""

    def told(*args: Any, **options: Any) -> object:
        found = look(*args, **options)
        fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        return SimpleNamespace(**fields | {"st_ino": 2**64 - found.st_ino})

    return told


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


def test_another_file_that_looks_alike_is_seen_though_it_is_known(
    disk: Counting, end: End, store: DigestMemory
) -> None:
    entry, other = put(disk, "a", b"text"), put(disk, "b", b"TEXT")
    for one in (entry, other):
        store.digest(end, one, "md5")
    disk.place(other.path).replace(disk.place(entry.path))
    with pytest.raises(Changed):
        store.digest(end, entry, "md5")
    assert disk.reads == ["a", "b"]


def test_a_change_while_it_is_read_is_seen_by_its_ctime(
    disk: Counting, end: End, store: DigestMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = put(disk, "a.txt", b"text")
    place, read = disk.place(entry.path), os.read

    def read_and_edit(file: int, size: int) -> bytes:
        piece, before = read(file, size), os.fstat(file).st_ctime_ns
        while os.fstat(file).st_ctime_ns == before:
            place.write_bytes(b"TEXT")
            os.utime(place, ns=(entry.modified, entry.modified))
        return piece

    with monkeypatch.context() as patched:
        patched.setattr(os, "read", read_and_edit)
        with pytest.raises(Changed, match="while it was read"):
            store.digest(end, entry, "md5")
    assert store.digest(end, entry, "md5") == of(b"TEXT")
    assert disk.reads == ["a.txt"] * 2


def test_a_file_that_is_cut_off_while_it_is_read_is_seen(
    disk: Counting, end: End, store: DigestMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = put(disk, "a.txt", b"text")
    place, read = disk.place(entry.path), os.read

    def cut_off_and_read(file: int, size: int) -> bytes:
        place.write_bytes(b"")
        return read(file, size)

    monkeypatch.setattr(os, "read", cut_off_and_read)
    with pytest.raises(Changed):
        store.digest(end, entry, "md5")


def test_a_file_that_is_moved_while_it_is_read_is_seen(
    disk: Counting, end: End, store: DigestMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = put(disk, "d/a.txt", b"text")
    above, read = disk.place(parse("d")), os.read

    def move_and_read(file: int, size: int) -> bytes:
        above.rename(above.with_name("e"))
        return read(file, size)

    monkeypatch.setattr(os, "read", move_and_read)
    with pytest.raises(NotFound):
        store.digest(end, entry, "md5")


def test_many_are_told_each_by_itself(disk: Counting, end: End, store: DigestMemory) -> None:
    known, new, gone, linked = (put(disk, path, path.encode()) for path in ("a", "b", "c", "d/e"))
    far = memory("far")
    remote = put(far.target, "f", b"f")
    store.digest(end, known, "md5")
    store.close()
    disk.remove(gone)
    above = disk.place(linked.path).parent
    above.rename(above.with_name("elsewhere")).with_name("d").symlink_to("elsewhere")
    store = DigestMemory(disk.place(ROOT).parent / "digests.sqlite", Later())
    asked = [gone, known, linked, new, known]
    files = [Wanted(end, entry, "md5") for entry in asked] + [Wanted(far, remote, "sha1")]
    told = list(store.digests(files))
    assert [one for one in told if isinstance(one, Digest)] == [
        of(b"a"),
        of(b"b"),
        of(b"a"),
        of(b"f", "sha1"),
    ]
    assert [type(one) for one in told[0:3:2]] == [NotFound, NoFile]
    assert disk.reads == ["a", "b"]


def test_nobody_waits_for_long_for_who_reads_small_files(
    disk: Counting, end: End, store: DigestMemory
) -> None:
    one, two = (Wanted(end, put(disk, path, path.encode()), "md5") for path in "ab")
    slow = store.digests([one, one])
    assert next(slow) == of(b"a")
    assert list(store.digests([two])) == [of(b"b")]
    assert list(slow) == [of(b"a")]


@pytest.mark.parametrize("window", [1, 8])
def test_portions_grow_with_what_went_before(window: int) -> None:
    entries = [Entry(parse(f"{n}"), Kind.FILE, f"{n}", size=4096) for n in range(20_000)]
    wishes = [Wish(Side.ONE, entry, "md5") for entry in entries]
    portions = list(portions_of(wishes, window))
    assert [*chain(*portions)] == wishes
    assert [len(portion) for portion in portions[: 4 * window]] == [1] * 4 * window
    before = 0
    for portion in portions:
        assert len(portion) <= 1 + before / (4 * window)
        before += len(portion)
    assert len(portions) < 20_000 / 32


def test_large_files_are_handed_out_one_by_one() -> None:
    sizes = [100] * 1000 + [1 << 20, 1 << 30, 1 << 20]
    entries = [Entry(parse(f"{n}"), Kind.FILE, f"{n}", size=one) for n, one in enumerate(sizes)]
    portions = list(portions_of((Wish(Side.TWO, entry, "md5") for entry in entries), 1))
    assert [[wish.entry.size for wish in portion] for portion in portions[-2:]] == [
        [1 << 30],
        [1 << 20],
    ]


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
