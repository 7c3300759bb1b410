"""The work of a vigil with the real engine: a folder of this machine and a tree in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import MirrorError, NotFound, RateLimited
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.dirty import Stamp, changed
from sync.ends import End, Pair
from sync.errors import Vanished
from sync.execute import Effort
from sync.ground import Ground
from sync.options import Options
from sync.part import Part
from sync.tending import Go, Means, Tending, both_ways, one_way
from tests.sync.sides import edit, local, memory, put, state_of, tree

WHOLE = Part()


class Calls:
    """Notes what is asked of a provider, and fails when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.meanwhile: Callable[[], object] | None = None

    def __call__(self, verb: str, path: str) -> None:
        self.asked.append((verb, path))
        if self.meanwhile and verb == "write":
            self.meanwhile()
        if self.error and verb == "write":
            raise self.error


class Scene:
    def __init__(self, folder: Path, executor: ThreadPoolExecutor) -> None:
        self.root = folder / "one"
        self.near = local(self.root)
        self.calls = Calls()
        self.far = memory("far", MemoryProvider(hook=self.calls))
        self.ground = Ground(self.root)
        options = Options(state_of(folder), effort=Effort(pause=0.0, tries=1))
        means = Means(executor, SystemClock(), "bisync", both_ways, lambda: None)
        self.work = Tending(Pair(self.near, self.far), self.ground, options, means)

    def run(self, *paths: str, unsettled: str = "") -> frozenset[RemotePath]:
        left = frozenset({RemotePath(unsettled)} if unsettled else ())
        return self.work.reconcile(Part(frozenset(map(RemotePath, paths)), left))

    def whole(self) -> None:
        assert self.work.reconcile(WHOLE) == frozenset()
        self.calls.asked.clear()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ThreadPoolExecutor(4) as executor:
        scene = Scene(tmp_path, executor)
        put(scene.near.target, "a/1", b"one")
        put(scene.near.target, "a/2", b"two")
        put(scene.far.target, "b/3", b"three")
        scene.whole()
        yield scene
        scene.work.close()


def test_only_what_is_asked_for_is_looked_at_and_brought_in_line(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"edited")
    edit(scene.near.target, "a/2", b"edited too")
    put(scene.near.target, "new/deep/4", b"four")
    assert scene.run("a/1", "new") == frozenset()
    assert ("scan", "") not in scene.calls.asked
    assert tree(scene.far.target) == {
        "a/1": b"edited",
        "a/2": b"two",
        "b/3": b"three",
        "new/deep/4": b"four",
    }
    scene.whole()
    assert tree(scene.far.target) == tree(scene.near.target)


def test_deletions_and_renames_are_done_where_they_are_asked_for(scene: Scene) -> None:
    (scene.root / "a/1").rename(scene.root / "a/moved")
    (scene.root / "b/3").unlink()
    scene.run("a/1", "a/moved")
    assert tree(scene.far.target) == {"a/moved": b"one", "a/2": b"two", "b/3": b"three"}
    assert ("rename", "a/1") in scene.calls.asked
    scene.run("b/3")
    assert "b/3" not in tree(scene.far.target)


def test_a_file_that_is_renamed_and_edited_at_once(scene: Scene) -> None:
    (scene.root / "a/1").rename(scene.root / "a/moved")
    (scene.root / "a/moved").write_bytes(b"edited")
    scene.run("a/1", "a/moved")
    assert tree(scene.far.target) == {"a/moved": b"edited", "a/2": b"two", "b/3": b"three"}


def test_two_files_that_swap_their_names(scene: Scene) -> None:
    (scene.root / "a/1").rename(scene.root / "aside")
    (scene.root / "a/2").rename(scene.root / "a/1")
    (scene.root / "aside").rename(scene.root / "a/2")
    scene.run("a/1", "a/2", "aside")
    assert tree(scene.far.target) == {"a/1": b"two", "a/2": b"one", "b/3": b"three"}


def test_a_renamed_file_and_an_edit_of_it_from_afar_lose_nothing(scene: Scene) -> None:
    (scene.root / "a/1").rename(scene.root / "a/moved")
    edit(scene.far.target, "a/1", b"from afar")
    scene.run("a/1", "a/moved")
    scene.whole()
    assert b"from afar" in tree(scene.near.target).values()
    assert tree(scene.near.target) == tree(scene.far.target)


def test_a_whole_folder_that_was_moved_in_and_one_that_was_renamed(scene: Scene) -> None:
    (scene.root / "a").rename(scene.root / "z")
    scene.run("a", "z")
    assert tree(scene.far.target) == {"z/1": b"one", "z/2": b"two", "b/3": b"three"}


def test_what_is_unsettled_stays_as_it_is_on_both_sides(scene: Scene) -> None:
    (scene.root / "a/1").unlink()  # as an editor does, before it puts the new one there
    edit(scene.far.target, "a/2", b"from afar")
    (scene.root / "a/half").write_bytes(b"ha")
    scene.run("a", unsettled="a/1")
    assert tree(scene.far.target)["a/1"] == b"one"
    assert tree(scene.near.target) == {"a/2": b"from afar", "a/half": b"ha", "b/3": b"three"}
    scene.work.reconcile(Part(None, frozenset({RemotePath("a/1")})))
    assert tree(scene.far.target)["a/1"] == b"one"


def test_what_is_no_file_any_more_is_left_alone(scene: Scene) -> None:
    (scene.root / "a/1").unlink()
    (scene.root / "a/1").symlink_to("2")
    scene.run("a/1")
    assert tree(scene.far.target)["a/1"] == b"one"


def test_own_downloads_have_no_echo(scene: Scene) -> None:
    put(scene.far.target, "b/4", b"four")
    edit(scene.far.target, "a/1", b"edited")
    scene.far.target.remove(scene.far.target.stat(RemotePath("a/2")))
    scene.whole()
    told = {RemotePath(path) for path in ("b/4", "b", "a/1", "a/2", "a", "never")}
    assert changed(told, scene.ground.look, scene.work.known) == frozenset()
    (scene.root / "b/4").write_bytes(b"mine")
    assert changed(told, scene.ground.look, scene.work.known) == {"b/4"}


def test_changes_of_the_other_side_are_told_by_their_folders(scene: Scene) -> None:
    assert scene.work.remote_changes() == {"a"}  # what was sent there
    assert scene.work.remote_changes() == frozenset()
    edit(scene.far.target, "a/1", b"edited")
    assert scene.work.remote_changes() == {"a"}
    assert scene.work.remote_changes() == frozenset()
    put(scene.far.target, "top", b"new")
    assert scene.work.remote_changes() is None


def test_both_sides_edited_at_once_lose_nothing(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"mine")
    edit(scene.far.target, "a/1", b"theirs")
    scene.run("a/1")
    assert sorted(tree(scene.far.target).values()) == [b"mine", b"theirs", b"three", b"two"]
    assert tree(scene.far.target) == tree(scene.near.target)


def test_a_file_that_changes_while_it_is_sent_is_left_and_sent_whole_later(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"half")
    scene.calls.meanwhile = lambda: (scene.root / "a/1").write_bytes(b"half and half")
    assert scene.run("a/1") == {"a/1"}
    scene.calls.meanwhile = None
    assert scene.run("a/1") == frozenset()
    assert tree(scene.far.target)["a/1"] == b"half and half"


def test_what_a_run_could_not_do_is_told_and_a_limit_is_an_error(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"edited")
    edit(scene.near.target, "a/2", b"edited too")
    scene.calls.error = RateLimited("All calls are used up.", 5e9)
    with pytest.raises(RateLimited) as caught:
        scene.run("a/1", "a/2")
    assert caught.value.retry_at == 5e9
    scene.calls.error = None
    assert scene.run("a/1", "a/2") == frozenset()
    assert tree(scene.far.target) == tree(scene.near.target)


def test_who_is_told_to_stop_begins_nothing(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"edited")
    scene.work.stop()
    with pytest.raises(MirrorError, match="Stopped"):
        scene.run("a/1")
    assert tree(scene.far.target)["a/1"] == b"one"


def make_root(far: End) -> None:
    far.target.mkdir(ROOT)


def between(folder: Path, near: End, far: End, executor: ThreadPoolExecutor, go: Go) -> Tending:
    command = "bisync" if go is both_ways else "sync"
    options = Options(state_of(folder), effort=Effort(pause=0.0, tries=1))
    means = Means(executor, SystemClock(), command, go, lambda: make_root(far))
    return Tending(Pair(near, far), Ground(folder / "one"), options, means)


@pytest.mark.parametrize("go", [both_ways, one_way(deletes=True)], ids=["two-way", "one-way"])
def test_a_far_folder_is_made_once_and_never_again(tmp_path: Path, go: Go) -> None:
    root, away, place = tmp_path / "far", tmp_path / "away", tmp_path / "one"
    near, far = local(place), End(LocalProvider(root), str(root), f"local:{root}")
    with ThreadPoolExecutor(4) as executor:
        work = between(tmp_path, near, far, executor, go)
        put(near.target, "a/1", b"one")
        assert work.reconcile(WHOLE) == frozenset()
        assert tree(far.target) == {"a/1": b"one"}
        root.rename(away)
        put(near.target, "b/2", b"two")
        for part in (WHOLE, Part(frozenset({RemotePath("b/2"), RemotePath("b")}))):
            with pytest.raises(Vanished, match="There was one at the last run"):
                work.reconcile(part)
        assert tree(near.target) == {"a/1": b"one", "b/2": b"two"}
        assert not root.exists()
        away.rename(root)
        assert work.reconcile(WHOLE) == frozenset()
        assert tree(far.target) == {"a/1": b"one", "b/2": b"two"}
        work.close()


def test_two_empty_sides_of_which_one_is_not_there_are_a_mistake(tmp_path: Path) -> None:
    root = tmp_path / "far"
    near, far = local(tmp_path / "one"), End(LocalProvider(root), str(root), f"local:{root}")
    with ThreadPoolExecutor(4) as executor:
        work = between(tmp_path, near, far, executor, both_ways)
        with pytest.raises(NotFound, match="there is no such folder"):
            work.reconcile(WHOLE)
        work.close()
    assert not root.exists()


def test_who_is_told_to_stop_while_a_run_begins_begins_nothing(scene: Scene) -> None:
    edit(scene.near.target, "a/1", b"edited")
    look = scene.ground.look

    def stopping(path: RemotePath) -> Stamp | None:
        scene.work.stop()
        return look(path)

    scene.ground.look = stopping  # type: ignore[method-assign]
    with pytest.raises(MirrorError, match="Stopped"):
        scene.run("a/1")
    assert tree(scene.far.target)["a/1"] == b"one"


def test_of_what_was_not_begun_nothing_is_logged(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(200):
        (scene.root / f"{number}.txt").write_bytes(b"%d" % number)
    scene.calls.error = RateLimited("All calls are used up.", 5e9)
    with pytest.raises(RateLimited):
        scene.work.reconcile(WHOLE)
    assert 1 <= len(caplog.records) < 20
