import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from mirrorfs.cache.database import NotKept
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot

Disk = Callable[[str], Path]


def path(text: str) -> RemotePath:
    return RemotePath(text)


def file(at: str, revision: str = "1") -> Entry:
    facts = {"public_id": f"x/{at}"}
    return Entry(path(at), Kind.FILE, f"id {at}", revision, 10, 1, md5("ab" * 16), facts)


def tree(*files: str, revision: str = "1") -> Snapshot:
    entries: dict[RemotePath, Entry] = {}
    for at in files:
        parts = at.split("/")
        for depth in range(1, len(parts)):
            above = path("/".join(parts[:depth]))
            entries[above] = folder(above)
        if parts[-1]:
            entries[path(at)] = file(at, revision)
    return Snapshot(entries, f"cursor {revision}")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "remote.sqlite"


@pytest.fixture
def store(place: Path) -> Iterator[ListingStore]:
    store = ListingStore(place)
    yield store
    store.close()


def names(store: ListingStore, at: str) -> list[str] | None:
    listing = store.folder(path(at))
    return None if listing is None else list(listing.entries)


def test_nothing_is_known_at_first(store: ListingStore) -> None:
    assert store.folder(ROOT) is None
    assert store.folders_of(["x"]) == {}
    state = store.state()
    assert (state.cursor, state.listed_at, state.complete) == ("", 0.0, False)
    assert (state.files, state.folders, state.bytes) == (0, 0, 0)


def test_a_whole_tree_is_kept_over_a_restart(store: ListingStore, place: Path) -> None:
    snapshot = tree("z.jpg", "a/b/c.jpg", "a/B.jpg", "empty/", "a/ä.jpg")
    store.replace_all(snapshot, 12.5)
    store.close()
    again = ListingStore(place)
    assert names(again, "") == ["a", "empty", "z.jpg"]
    assert names(again, "a") == ["B.jpg", "b", "ä.jpg"]
    assert names(again, "empty") == []
    assert names(again, "a/b/c.jpg") is None
    listing = again.folder(path("a/b"))
    assert listing
    assert listing.listed_at == 12.5
    assert listing.entries["c.jpg"] == snapshot.entries[path("a/b/c.jpg")]
    state = again.state()
    assert (state.cursor, state.listed_at, state.complete) == ("cursor 1", 12.5, True)
    assert (state.files, state.folders, state.bytes) == (4, 3, 40)
    again.close()


def test_a_new_tree_replaces_the_old_one_wholly(store: ListingStore) -> None:
    store.replace_all(tree("old/a.jpg", "both/b.jpg"), 1.0)
    store.replace_all(tree("new/c.jpg", "both/d.jpg", revision="2"), 2.0)
    assert names(store, "old") is None
    assert names(store, "") == ["both", "new"]
    assert names(store, "both") == ["d.jpg"]
    assert store.state().cursor == "cursor 2"


def test_a_folder_replaced_takes_vanished_folders_with_it(store: ListingStore) -> None:
    store.replace_all(tree("a/b/c/d.jpg", "a/b.jpg", "a-b/e.jpg", "a0/f.jpg"), 1.0)
    store.replace_folder(path("a"), [file("a/b.jpg"), folder(path("a/new"))], 2.0)
    assert names(store, "a") == ["b.jpg", "new"]
    assert names(store, "a/b") is names(store, "a/b/c") is names(store, "a/new") is None
    assert names(store, "a-b") == ["e.jpg"]
    assert names(store, "a0") == ["f.jpg"]
    assert not store.state().complete
    store.replace_folder(path("a/new"), [], 3.0)
    assert names(store, "a/new") == []
    assert store.state().complete
    assert (store.state().files, store.state().folders) == (3, 4)
    assert store.state().listed_at == 1.0
    store.replace_folder(ROOT, [folder(path("a-b"))], 4.0)
    assert names(store, "a") is names(store, "a/new") is names(store, "a0") is None
    assert names(store, "a-b") == ["e.jpg"]


def test_a_tree_listed_folder_by_folder_is_complete_at_the_last(store: ListingStore) -> None:
    store.replace_folder(path("a"), [], 1.0)
    assert not store.state().complete
    store.replace_folder(ROOT, [folder(path("a")), folder(path("b"))], 1.0)
    assert not store.state().complete
    store.replace_folder(path("b"), [file("b/c.jpg")], 1.0)
    assert store.state().complete


def test_ids_are_found(store: ListingStore) -> None:
    store.replace_all(tree("a/b/c.jpg", "d.jpg", "a/e.jpg"), 1.0)
    found = store.folders_of(["id a/b/c.jpg", "id d.jpg", "nobody"])
    assert found == {"id a/b/c.jpg": "a/b", "id d.jpg": ""}
    store.replace_folder(path("a/b"), [], 2.0)
    assert store.folders_of(iter(["id a/b/c.jpg"])) == {}


def test_advance_and_clear(store: ListingStore) -> None:
    store.replace_all(tree("a/b.jpg"), 1.0)
    store.advance("next", 2.0)
    assert (store.state().cursor, store.state().listed_at) == ("next", 2.0)
    assert store.state().complete
    store.clear()
    assert store.folder(ROOT) is None
    assert (store.state().cursor, store.state().listed_at) == ("", 0.0)


class Breaking(Mapping[RemotePath, Entry]):
    """A mapping that breaks off midway."""

    def __init__(self, entries: Mapping[RemotePath, Entry]) -> None:
        self._entries = entries

    def __getitem__(self, key: RemotePath) -> Entry:
        return self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[RemotePath]:
        for number, key in enumerate(self._entries):
            if number == 2:
                raise ConnectionError("gone")
            yield key


def test_a_tree_that_breaks_off_changes_nothing(store: ListingStore) -> None:
    store.replace_all(tree("a/b.jpg"), 1.0)
    broken = Snapshot(Breaking(tree("c/d.jpg", "e/f.jpg").entries), "other")
    with pytest.raises(ConnectionError):
        store.replace_all(broken, 2.0)
    unwritable = Entry(path("z/b.jpg"), Kind.FILE, "x", facts={"a": object()})
    entries = {**tree("c/d.jpg", "z/").entries, unwritable.path: unwritable}
    with pytest.raises(TypeError):
        store.replace_all(Snapshot(entries, "other"), 2.0)
    assert names(store, "") == ["a"]
    assert names(store, "a") == ["b.jpg"]
    assert store.state().cursor == "cursor 1"
    store.replace_all(tree("c/d.jpg"), 3.0)
    assert names(store, "") == ["c"]


def test_readers_see_the_old_tree_or_the_new_one(store: ListingStore) -> None:
    trees = [tree(*(f"f{n}/p.jpg" for n in range(200)), revision=str(r)) for r in range(2)]
    store.replace_all(trees[0], 0.0)
    missing: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            missing.extend(n for n in range(0, 200, 20) if names(store, f"f{n}") != ["p.jpg"])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        store.replace_all(trees[turn % 2], 1.0)
    done.set()
    for thread in threads:
        thread.join()
    assert not missing


WRITER = """
import sys
from pathlib import Path
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.provider import Snapshot

store = ListingStore(Path(sys.argv[1]))
for turn in range(1000):
    entries = {f"f{n}": folder(f"f{n}") for n in range(300)}
    entries |= {f"f{n}/{turn}": Entry(f"f{n}/{turn}", Kind.FILE, f"{n}") for n in range(300)}
    store.replace_all(Snapshot(entries, str(turn)), float(turn))
    print(turn, flush=True)
"""


def test_kill_9_leaves_the_old_tree_or_the_new_one(place: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    for _ in range(5):
        writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    told = writer.stdout.read().split()
    writer.wait()
    store = ListingStore(place)
    turn = store.state().cursor
    assert int(turn) >= int(told[-1] if told else 4)
    assert all(names(store, f"f{n}") == [turn] for n in range(300))
    store.close()


@pytest.mark.parametrize("content", [b"", b"garbage" * 999, b"SQLite format 3\0" + b"x" * 5000])
def test_what_is_no_database_is_begun_anew(place: Path, content: bytes) -> None:
    place.write_bytes(content)
    _works(place)


def test_another_version_is_begun_anew(place: Path) -> None:
    _works(place)
    with sqlite3.connect(place) as base:
        base.execute("PRAGMA user_version = 99")
    store = ListingStore(place)
    assert store.folder(ROOT) is None
    store.close()
    _works(place)


def test_a_file_damaged_while_in_use_is_begun_anew(store: ListingStore, place: Path) -> None:
    store.replace_all(tree(*(f"f{n}/p.jpg" for n in range(500))), 1.0)
    store.close()
    again = ListingStore(place)
    with place.open("r+b") as base:
        base.seek(4096)
        base.write(b"\xff" * place.stat().st_size)
    for number in range(500):
        assert names(again, f"f{number}") in (None, ["p.jpg"])
    again.state()
    try:
        again.replace_all(tree("a/b.jpg"), 2.0)
    except NotKept:
        again.replace_all(tree("a/b.jpg"), 2.0)
    assert names(again, "a") == ["b.jpg"]
    again.close()


def test_no_flipped_byte_changes_an_entry(place: Path, tmp_path: Path) -> None:
    snapshot = tree(*(f"f{n}/p{m}.jpg" for n in range(20) for m in range(8)))
    store = ListingStore(place)
    store.replace_all(snapshot, 1.0)
    store.close()
    whole = place.read_bytes()
    for seed in range(60):
        chance = random.Random(seed)
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 10, 100, 1000])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (tmp_path / "copy").mkdir()
        copy = tmp_path / "copy" / "remote.sqlite"
        copy.write_bytes(damaged)
        _judge(copy, snapshot)
        shutil.rmtree(tmp_path / "copy")


def _judge(place: Path, snapshot: Snapshot) -> None:
    store = ListingStore(place)
    for number in range(20):
        listing = store.folder(path(f"f{number}"))
        if listing:
            assert len(listing.entries) == 8
            for entry in listing.entries.values():
                assert entry == snapshot.entries[entry.path]
    for id_, at in store.folders_of([f"id f{n}/p0.jpg" for n in range(20)]).items():
        assert id_ == f"id {at}/p0.jpg"
    assert store.state().cursor in {"", "cursor 1"}
    try:
        store.replace_folder(path("f3"), [folder(path("f3/new"))], 2.0)
        store.replace_folder(ROOT, [folder(path("f3"))], 2.0)
    except NotKept:
        store.replace_all(snapshot, 3.0)
    store.close()


def _works(place: Path) -> None:
    store = ListingStore(place)
    store.replace_all(tree("a/b.jpg"), 1.0)
    assert names(store, "a") == ["b.jpg"]
    store.close()


def test_a_full_disk_leaves_the_old_tree(disk: Disk) -> None:
    point = disk("size=2m")
    store = ListingStore(point / "remote.sqlite")
    store.replace_all(tree("a/b.jpg"), 1.0)
    with pytest.raises(NotKept, match="full"):
        store.replace_all(tree(*(f"f{n}/{m}.jpg" for n in range(100) for m in range(500))), 2.0)
    assert names(store, "a") == ["b.jpg"]
    assert store.state().cursor == "cursor 1"
    store.replace_all(tree("c/d.jpg"), 3.0)
    assert names(store, "c") == ["d.jpg"]
    store.close()
