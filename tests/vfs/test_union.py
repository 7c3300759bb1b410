"""Several remotes below one root, without a kernel."""

import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.limits import Limits
from mirrorfs.cache.listings import ListingStore
from mirrorfs.core.errors import NotFound, Unavailable
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.fuse_ops import Operations, Ownership
from mirrorfs.vfs import globs
from mirrorfs.vfs.branch import Branch
from mirrorfs.vfs.order import ORDERS, files_of
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.tree import Tree, TreeOptions
from mirrorfs.vfs.union import Union
from mirrorfs.vfs.view import View
from tests.vfs.fakes import FakeClock, FakeSource

Grow = Callable[[str, FakeSource], Branch]


@pytest.fixture
def branch(tmp_path: Path, clock: FakeClock) -> Iterator[Grow]:
    with ExitStack() as stack:

        def grown(name: str, source: FakeSource) -> Branch:
            listings = ListingStore(tmp_path / f"{name}.sqlite")
            stack.callback(listings.close)
            store = BlockStore(tmp_path / name, Limits(1 << 30, 0))
            stack.callback(store.close)
            tree = Tree(source, listings, TreeOptions(), clock)
            reader = Reader(source, store, threading.Event())
            stack.callback(reader.close)
            return Branch(tree, View(tree, globs.parse([], [])), reader)

        yield grown


@pytest.fixture
def sources() -> dict[str, FakeSource]:
    """Two accounts that hold the same names, ids and revisions."""
    found = {"Cloudinary": FakeSource(), "SmugMug": FakeSource()}
    for source in found.values():
        source.put("a/one.jpg", b"same", modified=1_600_000_000 * 10**9)
        source.put("a/two.jpg", b"same too", modified=1_600_000_000 * 10**9)
    return found


@pytest.fixture
def union(branch: Grow, sources: dict[str, FakeSource]) -> Union:
    return Union({name: branch(name, source) for name, source in sources.items()})


@pytest.fixture
def operations(union: Union) -> Operations:
    return Operations(union, Ownership(1, 2))


def _read(operations: Operations, path: str) -> bytes:
    info: Any = SimpleNamespace(fh=0, flags=os.O_RDONLY, keep_cache=0, direct_io=0)
    operations.open(path, info)
    try:
        return operations.read(None, 100, 0, info)
    finally:
        operations.release(None, info)


def test_each_remote_is_a_folder(operations: Operations) -> None:
    listed = operations.listed(operations.opendir("/"))
    assert [seen.name for seen in listed] == ["Cloudinary", "SmugMug"]
    assert operations.getattr("/SmugMug")["st_mode"] == stat.S_IFDIR | 0o755
    assert operations.getattr("/")["st_nlink"] == 4
    assert _read(operations, "/SmugMug/a/two.jpg") == b"same too"


def test_the_root_and_the_folders_are_as_new_as_what_is_in_them(
    operations: Operations, union: Union, sources: dict[str, FakeSource]
) -> None:
    sources["SmugMug"].put("new.jpg", b"new", modified=1_700_000_000 * 10**9)
    for name in sources:
        union.glances(RemotePath(name))
    assert operations.getattr("/Cloudinary")["st_mtime"] == 1_600_000_000 * 10**9
    assert operations.getattr("/SmugMug")["st_mtime"] == 1_700_000_000 * 10**9
    assert operations.getattr("/")["st_mtime"] == 1_700_000_000 * 10**9


def test_numbers_never_meet_and_are_the_same_wherever_they_are_told(
    operations: Operations,
) -> None:
    told: dict[str, int] = {"/": operations.getattr("/")["st_ino"]}
    for folder in ("/", "/Cloudinary", "/SmugMug", "/Cloudinary/a", "/SmugMug/a"):
        for seen in operations.listed(operations.opendir(folder)):
            path = f"{folder.rstrip('/')}/{seen.name}"
            told[path] = seen.number
            assert operations.getattr(path)["st_ino"] == seen.number
    assert len(told) == 9
    assert len(set(told.values())) == len(told)
    assert all(0 < number < 1 << 63 for number in told.values())


def test_a_folder_is_still_in_the_order_that_reading_ahead_expects(
    union: Union, branch: Grow
) -> None:
    source = FakeSource()
    for n in range(200):
        source.put(f"{n:03}.jpg", b"x")
    alone = branch("alone", source)
    several = Union({"Z": alone, "A": branch("other", FakeSource())})
    shown = sorted(several.glances(RemotePath("Z")), key=lambda seen: seen.number)
    expected = files_of(ROOT, alone.view.children, ORDERS[1])
    assert [seen.name for seen in shown] == [entry.path for entry in expected]


@pytest.mark.parametrize("path", ["Nowhere", "Nowhere/a", "smugmug/a"])
def test_what_is_in_no_remote_is_not_there(union: Union, path: str) -> None:
    with pytest.raises(NotFound):
        union.lookup(RemotePath(path))
    with pytest.raises(NotFound):
        union.glances(RemotePath(path))


def test_one_that_fails_is_seen_in_its_own_folder_only(
    operations: Operations, sources: dict[str, FakeSource]
) -> None:
    sources["SmugMug"].down = Unavailable("It is down.")
    assert len(operations.listed(operations.opendir("/"))) == 2
    assert operations.getattr("/SmugMug")["st_mode"] & stat.S_IFDIR
    assert _read(operations, "/Cloudinary/a/one.jpg") == b"same"
    with pytest.raises(Unavailable):
        operations.opendir("/SmugMug")


def test_one_that_failed_is_not_asked_again_at_once(
    union: Union, sources: dict[str, FakeSource], clock: FakeClock
) -> None:
    sources["SmugMug"].down = Unavailable("It is down.")
    for _ in range(5):
        with pytest.raises(Unavailable):
            union.glances(RemotePath("SmugMug"))
    assert sources["SmugMug"].calls["scan"] == 1
    sources["SmugMug"].down = None
    clock.sleep(60)
    assert [seen.name for seen in union.glances(RemotePath("SmugMug"))] == ["a"]


def test_the_whole_is_the_sum(operations: Operations) -> None:
    for folder in ("/Cloudinary", "/SmugMug"):
        operations.opendir(folder)
    assert operations.statfs("/")["f_files"] == 2 * (2 + 1 + 1)


def test_facts_are_the_remotes_own(operations: Operations) -> None:
    assert operations.getxattr("/SmugMug/a/one.jpg", "user.mirrorfs.id") == b"id:a/one.jpg"


def test_nothing_can_be_made_in_the_root(operations: Operations) -> None:
    with pytest.raises(OSError, match="Read-only") as caught:
        operations.mkdir("/New", 0o755)
    assert caught.value.errno == errno.EROFS
