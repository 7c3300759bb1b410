import os
import time
from collections.abc import Callable, Iterator

import pytest

from mirrorfs.core import paths
from mirrorfs.core.errors import RateLimited
from mirrorfs.vfs import ahead as module
from mirrorfs.vfs import globs
from mirrorfs.vfs.ahead import Ahead
from mirrorfs.vfs.order import by_name, files_of, number, walk_on
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.tree import Tree
from mirrorfs.vfs.view import View
from tests.vfs.fakes import FakeClock, FakeSource


@pytest.fixture
def album(source: FakeSource) -> FakeSource:
    for folder in ("a", "b"):
        for n in range(30):
            source.put(f"{folder}/{n:03}.jpg", os.urandom(20_000))
    return source


@pytest.fixture
def view(album: FakeSource, grow: Callable[..., Tree]) -> View:
    return View(grow(), globs.parse([], []))


@pytest.fixture
def ahead(reader: Reader, view: View, clock: FakeClock) -> Iterator[Ahead]:
    opened = Ahead(reader, view.children, clock)
    yield opened
    opened.close()


def _read(reader: Reader, view: View, path: str, size: int = 1 << 20) -> None:
    handle = reader.open(view.lookup(paths.parse(path)))
    handle.read(0, size)
    handle.close()


def _fetched(source: FakeSource) -> set[str]:
    """Return what was read, once it stopped becoming more."""
    before = -1
    while len(source.reads) != before:
        before = len(source.reads)
        time.sleep(0.15)
    return {path for path, _, _ in source.reads}


@pytest.mark.usefixtures("ahead")
class TestWalk:
    def test_two_files_in_a_row_bring_the_next(
        self, album: FakeSource, reader: Reader, view: View
    ) -> None:
        _read(reader, view, "a/004.jpg")
        assert _fetched(album) == {"a/004.jpg"}
        _read(reader, view, "a/005.jpg")
        assert _fetched(album) >= {"a/006.jpg", "a/007.jpg"}
        assert "a/003.jpg" not in _fetched(album)
        assert len(_fetched(album)) <= 2 + 16

    def test_the_window_grows_and_goes_on_in_the_next_folder(
        self, album: FakeSource, reader: Reader, view: View
    ) -> None:
        for n in range(12):
            _read(reader, view, f"a/{n:03}.jpg")
            _fetched(album)
        assert _fetched(album) >= {f"a/{n:03}.jpg" for n in range(30)} | {"b/000.jpg"}
        assert len(album.reads) == len(_fetched(album))

    def test_by_inode_number_as_cp_does(
        self, album: FakeSource, reader: Reader, view: View
    ) -> None:
        order = files_of(paths.parse("a"), view.children, number)
        for entry in order[:2]:
            _read(reader, view, entry.path)
        assert _fetched(album) >= {entry.path for entry in order[2:8]}

    def test_two_walks_at_once(self, album: FakeSource, reader: Reader, view: View) -> None:
        for n in range(3):
            _read(reader, view, f"a/{n:03}.jpg")
            _read(reader, view, f"b/{n:03}.jpg")
        assert _fetched(album) >= {"a/004.jpg", "a/008.jpg", "b/004.jpg", "b/008.jpg"}

    def test_heads_alone_bring_nothing(self, album: FakeSource, reader: Reader, view: View) -> None:
        for n in range(10):
            _read(reader, view, f"a/{n:03}.jpg", size=4096)
        assert len(_fetched(album)) == 10

    def test_any_order_brings_nothing(self, album: FakeSource, reader: Reader, view: View) -> None:
        order = [entry.path for entry in files_of(paths.parse("a"), view.children, number)]
        seen: list[str] = []
        for n in (20, 3, 11, 27, 8, 15):
            name = f"a/{n:03}.jpg"
            follows = seen and order.index(name) == order.index(seen[-1]) + 1
            if not follows:
                _read(reader, view, name)
                seen.append(name)
        assert _fetched(album) == set(seen)

    def test_a_limit_stops_it_and_nobody_notices(
        self, album: FakeSource, reader: Reader, view: View
    ) -> None:
        _read(reader, view, "a/000.jpg")
        _read(reader, view, "a/001.jpg")
        _fetched(album)
        album.down = RateLimited("used up", 9e9)
        for n in range(2, 9):
            _read(reader, view, f"a/{n:03}.jpg")
        tried = len(_fetched(album))
        album.down = None
        for n in range(2, 9):
            _read(reader, view, f"a/{n:03}.jpg")
        assert len(_fetched(album)) == tried

    def test_a_file_that_fails_is_left_alone(
        self, album: FakeSource, reader: Reader, view: View, clock: FakeClock
    ) -> None:
        for n in range(2, 30):
            album.lie(f"a/{n:03}.jpg")
        for _ in range(2):
            _read(reader, view, "a/000.jpg")
            _read(reader, view, "a/001.jpg")
            assert "a/002.jpg" in _fetched(album)
            clock.sleep(31)
        tried = [path for path, _, _ in album.reads]
        assert len(tried) == len(set(tried))


def test_it_is_bounded_in_bytes(
    source: FakeSource,
    view: View,
    reader: Reader,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BYTES", 100_000)
    ahead = Ahead(reader, view.children, clock)
    for n in range(4):
        _read(reader, view, f"a/{n:03}.jpg")
    assert len(_fetched(source)) <= 4 + 6
    ahead.close()


def test_large_files_are_left_to_their_own_reading_ahead(
    source: FakeSource, view: View, reader: Reader, clock: FakeClock
) -> None:
    source.put("a/0025.mov", bytes(9 << 20))
    ahead = Ahead(reader, view.children, clock)
    _read(reader, view, "a/000.jpg")
    _read(reader, view, "a/001.jpg")
    assert "a/0025.mov" not in _fetched(source)
    ahead.close()


def test_a_walk_goes_down_before_it_goes_on(source: FakeSource, view: View) -> None:
    source.put("a/sub/x.jpg", b"x")
    source.put("a/sub/deeper/y.jpg", b"y")
    following = [e.path for e in walk_on(paths.parse("a"), view.children, by_name)]
    assert following[:3] == ["a/sub/x.jpg", "a/sub/deeper/y.jpg", "b/000.jpg"]
    following = [e.path for e in walk_on(paths.parse("a/sub/deeper"), view.children, by_name)]
    assert following[0] == "b/000.jpg"


def test_inode_numbers_do_not_change_with_the_content(source: FakeSource) -> None:
    before = source.put("f", b"one")
    assert number(source.put("f", b"two")) == number(before)
    assert number(source.put("g", b"two")) != number(before)
