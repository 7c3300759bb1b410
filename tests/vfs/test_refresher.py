"""When it is looked: after a failure, and soon but not in a storm for a file that is another."""

from collections.abc import Callable

import pytest

from mirrorfs.core import paths
from mirrorfs.core.errors import Changed, MirrorError, NotFound, RateLimited, Unavailable
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.refresher import Refresher
from mirrorfs.vfs.tree import Tree
from tests.vfs.fakes import FakeClock, FakeSource

LARGE = 9 << 20


@pytest.fixture
def tree(source: FakeSource, grow: Callable[..., Tree]) -> Tree:
    source.put("a/f", b"1" * LARGE)
    source.put("a/g", b"g")
    tree = grow()
    tree.prepare()
    return tree


@pytest.fixture
def refresher(tree: Tree, reader: Reader, clock: FakeClock) -> Refresher:
    made = Refresher(tree, clock)
    reader.listen_for_outdated(made.doubt)
    return made


def _read(tree: Tree, reader: Reader, path: str) -> bytes:
    handle = reader.open(tree.lookup(paths.parse(path)))
    try:
        return handle.read(0, 1)
    finally:
        handle.close()


@pytest.mark.parametrize("size", [3, LARGE])
def test_a_replaced_file_makes_the_next_look_soon(
    size: int, source: FakeSource, tree: Tree, reader: Reader, refresher: Refresher
) -> None:
    before = reader.open(tree.lookup(paths.parse("a/f")))
    source.put("a/f", b"2" * size)
    refresher.step()
    assert source.calls["changes"] == 0
    with pytest.raises(Changed):
        before.read(0, 1)
    refresher.step()
    assert _read(tree, reader, "a/f") == b"2"
    with pytest.raises(Changed):
        before.read(0, 1)
    before.close()
    refresher.step()
    assert source.calls["changes"] == 1


def test_a_file_that_is_gone_does_so_too(
    source: FakeSource,
    tree: Tree,
    reader: Reader,
    refresher: Refresher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source.remove("a/g")

    def gone(*_: object) -> None:
        raise NotFound("a/g")

    with monkeypatch.context() as patched:
        patched.setattr(source, "read", gone)
        with pytest.raises(NotFound):
            _read(tree, reader, "a/g")
    refresher.step()
    assert list(tree.children(paths.parse("a")).entries) == ["f"]


def test_looks_are_apart_and_further_when_they_do_not_help(
    source: FakeSource, tree: Tree, refresher: Refresher, clock: FakeClock
) -> None:
    entry = tree.lookup(paths.parse("a/f"))
    looks = []
    for second in range(100):
        refresher.doubt(entry)
        before = source.calls["changes"]
        refresher.step()
        if source.calls["changes"] > before:
            looks.append(second)
        clock.sleep(1)
    assert looks == [0, 20, 60]


def test_a_look_that_helped_leaves_the_next_ten_seconds_away(
    source: FakeSource, tree: Tree, refresher: Refresher, clock: FakeClock
) -> None:
    for body in (b"2", b"3"):
        source.put("a/f", body)
        refresher.doubt(tree.lookup(paths.parse("a/f")))
        refresher.step()
    assert source.calls["changes"] == 1
    clock.sleep(10)
    refresher.step()
    assert source.calls["changes"] == 2


@pytest.mark.parametrize("error", [Unavailable("down"), RateLimited("used up", 1_000_100.0)])
def test_after_a_failure_it_keeps_to_the_pause(
    error: MirrorError, source: FakeSource, tree: Tree, refresher: Refresher, clock: FakeClock
) -> None:
    source.down = error
    entry = tree.lookup(paths.parse("a/f"))
    refresher.doubt(entry)
    refresher.step()
    refresher.doubt(entry)
    clock.sleep(14)
    refresher.step()
    assert source.calls["changes"] == 1


def test_offline_nobody_is_asked(
    source: FakeSource, grow: Callable[..., Tree], tree: Tree, clock: FakeClock
) -> None:
    tree = grow(offline=True)
    refresher = Refresher(tree, clock)
    refresher.doubt(tree.lookup(paths.parse("a/f")))
    refresher.step()
    assert source.calls == {"scan": 1}


@pytest.mark.parametrize("error", [Unavailable("down"), NotFound("The folder is gone.")])
def test_the_retry_comes_when_it_was_said(
    error: MirrorError, source: FakeSource, tree: Tree, clock: FakeClock
) -> None:
    refresher = Refresher(tree, clock)
    source.down = error
    with pytest.raises(type(error)):
        tree.refresh()
    clock.time = tree.status().retry_at - 1
    refresher.step()
    assert source.calls["changes"] == 1
    source.down = None
    clock.sleep(1)
    refresher.step()
    assert source.calls["changes"] == 2
    assert tree.due() == clock.now() + 300


@pytest.mark.parametrize(
    "error", [Unavailable("down"), NotFound("The folder is gone."), KeyError("a mistake")]
)
def test_pauses_grow_while_it_fails(
    error: Exception, source: FakeSource, tree: Tree, clock: FakeClock
) -> None:
    refresher = Refresher(tree, clock)
    clock.sleep(301)
    source.down = error  # type: ignore[assignment]
    for _ in range(1800):
        refresher.step()
        clock.sleep(2)
    assert source.calls["changes"] == 9
