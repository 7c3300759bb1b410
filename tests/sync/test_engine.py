"""Whole runs between a folder of this machine and a tree in memory."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    BadAnswer,
    Denied,
    MirrorError,
    Misuse,
    NotFound,
    RateLimited,
    Unavailable,
)
from mirrorfs.core.paths import parse
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync import trash
from sync.brake import Limits
from sync.compare import By, Compare
from sync.ends import End, Pair
from sync.errors import PairBusy, Refused
from sync.lock import locked
from sync.manifest import RUNNING, Manifest
from sync.model import Result, Side, Stop
from sync.options import Comparing, Safety, Scope
from sync.pace import Halt
from sync.part import Part
from sync.state import State
from tests.core.fakes import FakeClock
from tests.sync.sides import (
    Noting,
    bisync,
    edit,
    left_over,
    local,
    memory,
    put,
    results,
    state_of,
    tree,
)


@pytest.fixture
def one(tmp_path: Path) -> End:
    return local(tmp_path / "one")


@pytest.fixture
def two() -> End:
    return memory("two")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return state_of(tmp_path)


def remove(end: End, path: str) -> None:
    end.target.remove(end.target.stat(parse(path)))


def test_both_sides_are_alike_and_stay_so(one: End, two: End, state: State) -> None:
    put(one.target, "here/a.txt", b"a")
    put(two.target, "there/b.txt", b"b")
    put(one.target, "same.txt", b"same")
    put(two.target, "same.txt", b"same")
    first = bisync(one, two, state)
    assert results(first) == {Result.DONE}
    wanted = {"here/a.txt": b"a", "there/b.txt": b"b", "same.txt": b"same"}
    assert tree(one.target) == tree(two.target) == wanted
    second = bisync(one, two, state)
    assert second.plan.actions == ()
    edit(one.target, "here/a.txt", b"edited")
    remove(two, "there/b.txt")
    third = bisync(one, two, state)
    assert results(third) == {Result.DONE}
    wanted = {"here/a.txt": b"edited", "same.txt": b"same", "there/": b""}
    assert tree(one.target) == tree(two.target) == wanted
    assert {item.place.read_bytes() for item in trash.items(state.trash)} == {b"a", b"b"}


def test_a_conflict_keeps_both(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"mine")
    put(two.target, "a.txt", b"theirs")
    report = bisync(one, two, state)
    assert len(report.plan.conflicts) == 1
    assert tree(one.target) == tree(two.target)
    assert tree(one.target)["a.txt"] == b"theirs"
    assert sorted(tree(one.target).values()) == [b"mine", b"theirs"]
    assert bisync(one, two, state).plan.actions == ()


def test_a_dry_run_does_nothing(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"a")
    report = bisync(one, two, state, dry_run=True)
    assert len(report.plan.actions) == 1
    assert report.outcomes == ()
    assert tree(two.target) == {}
    assert len(bisync(one, two, state).outcomes) == 1


@pytest.mark.parametrize("side", Side)
def test_a_rename_sends_nothing(one: End, two: End, state: State, side: Side) -> None:
    ends = {Side.ONE: one, Side.TWO: two}
    for number in range(20):
        put(one.target, f"a/{number}.txt", b"%d" % number)
    bisync(one, two, state)
    target = ends[side].target
    for number in range(20):
        entry = target.stat(parse(f"a/{number}.txt"))
        target.rename(entry, parse(f"b/c/{number}.txt"))
    told = Noting()
    report = bisync(one, two, state, told=told)
    assert results(report) == {Result.DONE}
    assert (sum(one.sent for one in report.outcomes), told.bytes) == (0, 0)
    assert tree(one.target) == tree(two.target)
    assert "b/c/19.txt" in tree(one.target)


class Counting(LocalProvider):
    reads = 0

    def opened(self, entry: Entry) -> AbstractContextManager[int]:
        type(self).reads += 1
        return super().opened(entry)


def test_unchanged_files_are_not_read_again(tmp_path: Path, state: State) -> None:
    ends = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for number in range(30):
            put(LocalProvider(tmp_path / name), f"{number}.txt", b"%d" % number)
        ends.append(End(Counting(tmp_path / name), name, f"local:{tmp_path / name}"))
    Counting.reads = 0
    first = bisync(*ends, state)
    assert first.plan.conflicts == ()
    assert Counting.reads == 60
    Counting.reads = 0
    assert bisync(*ends, state).plan.actions == ()
    assert Counting.reads == 0


def test_without_checksums_no_file_is_read(tmp_path: Path, state: State) -> None:
    ends = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        put(LocalProvider(tmp_path / name), "a.txt", b"same")
        ends.append(End(Counting(tmp_path / name), name, f"local:{tmp_path / name}"))
    Counting.reads = 0
    quick = Comparing(Compare(frozenset({By.SIZE, By.MODIFIED}), trusts_times=True))
    report = bisync(*ends, state, comparing=quick)
    assert results(report) == {Result.DONE}
    assert report.plan.conflicts == ()
    assert Counting.reads == 0


def test_a_damaged_manifest_deletes_nothing(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"a")
    put(one.target, "b.txt", b"b")
    bisync(one, two, state)
    remove(one, "b.txt")
    (manifest,) = (state.folder / "bisync").glob("*.sqlite")
    manifest.write_bytes(b"garbage" * 1000)
    told = Noting()
    report = bisync(one, two, state, told=told)
    assert results(report) == {Result.DONE}
    assert "damaged" in told.notes[0]
    assert tree(one.target) == tree(two.target) == {"a.txt": b"a", "b.txt": b"b"}


def test_resync_is_a_first_run_again(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"a")
    bisync(one, two, state)
    remove(one, "a.txt")
    bisync(one, two, state, resync=True)
    assert tree(one.target) == {"a.txt": b"a"}


@pytest.mark.parametrize(
    "error",
    [
        BadAnswer("half a page"),
        BadAnswer("<html>"),
        RateLimited("used up", 2_000_000_000),
        Unavailable("down"),
        NotFound("no such folder"),
    ],
)
@pytest.mark.parametrize("rows", [False, True], ids=["first", "later"])
def test_a_listing_that_fails_touches_nothing(
    one: End, two: End, state: State, error: MirrorError, rows: bool
) -> None:
    put(one.target, "a.txt", b"a")
    if rows:
        bisync(one, two, state)
    before = tree(one.target), tree(two.target)

    def fail(verb: str, path: str) -> None:
        if verb == "scan":
            raise error

    assert isinstance(two.target, MemoryProvider)
    two.target.hook = fail
    with pytest.raises(type(error)):
        bisync(one, two, state)
    two.target.hook = lambda _verb, _path: None
    assert (tree(one.target), tree(two.target)) == before


def test_filtered_files_are_left_alone(one: End, two: End, state: State) -> None:
    def select(found):  # type: ignore[no-untyped-def]
        return {path: entry for path, entry in found.items() if not path.endswith(".tmp")}

    put(one.target, "a.txt", b"a")
    put(one.target, "b.tmp", b"b")
    bisync(one, two, state)
    bisync(one, two, state, scope=Scope(select, "no tmp"))
    assert set(tree(two.target)) == {"a.txt", "b.tmp"}
    remove(one, "b.tmp")
    report = bisync(one, two, state, scope=Scope(select, "no tmp"))
    assert report.plan.actions == ()
    assert set(tree(two.target)) == {"a.txt", "b.tmp"}


def test_two_runs_at_once(one: End, two: End, state: State, tmp_path: Path) -> None:
    with locked(state.lock(Pair(one, two)), FakeClock()), pytest.raises(PairBusy):
        bisync(one, two, state)
    with locked(state.lock(Pair(two, one)), FakeClock()), pytest.raises(PairBusy):
        bisync(one, two, state)
    bisync(one, two, state)


def test_the_state_folder_lies_outside(one: End, two: End, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="lies within"):
        bisync(one, two, State(tmp_path / "one" / "state"))


def test_hostile_names_stay_inside(one: End, two: End, state: State, tmp_path: Path) -> None:
    names = ["a/..b", "-rf", "a\\..\\b", "c\nd", "e\u202ef.txt", "~", "$(x)", "%2e%2e", "x" * 255]
    for name in names:
        put(two.target, name, name.encode())
    bisync(one, two, state)
    assert tree(one.target) == tree(two.target)
    assert {place.name for place in tmp_path.iterdir()} == {"one", "state"}
    assert bisync(one, two, state).plan.actions == ()


@pytest.mark.parametrize("part", [Part(), Part(frozenset({parse("a.txt")}))], ids=["all", "part"])
def test_a_file_that_became_a_link_is_not_taken_for_deleted(
    one: End, two: End, state: State, part: Part
) -> None:
    put(one.target, "a.txt", b"a")
    put(one.target, "b.txt", b"b")
    bisync(one, two, state)
    remove(one, "a.txt")
    (Path(one.label) / "a.txt").symlink_to("b.txt")
    report = bisync(one, two, state, scope=Scope(part=part))
    assert [skip.path for skip in report.plan.skips] == ["a.txt"]
    assert tree(two.target) == {"a.txt": b"a", "b.txt": b"b"}


def test_links_are_named_and_left_alone(one: End, two: End, state: State) -> None:
    (Path(one.label) / "link").symlink_to("/etc/passwd")
    (Path(one.label) / "mine").symlink_to("/etc/passwd")
    put(two.target, "link", b"remote")
    put(two.target, "fine.txt", b"fine")
    report = bisync(one, two, state)
    skips = [(skip.path, skip.error) for skip in report.plan.skips]
    assert skips == [("link", True), ("mine", False)], "an error is what keeps a file from coming"
    assert (Path(one.label) / "link").is_symlink()
    assert tree(two.target) == {"link": b"remote", "fine.txt": b"fine"}
    assert tree(one.target) == {"fine.txt": b"fine"}


def test_an_edit_during_the_run_is_not_lost(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"old")
    bisync(one, two, state)
    edit(two.target, "a.txt", b"newer")
    disk = LocalProvider(Path(one.label))

    def edit_meanwhile(verb: str, path: str) -> None:
        if verb == "read":
            edit(disk, "a.txt", b"edited meanwhile")

    assert isinstance(two.target, MemoryProvider)
    two.target.hook = edit_meanwhile
    report = bisync(one, two, state)
    assert results(report) == {Result.CHANGED}
    two.target.hook = lambda _verb, _path: None
    assert tree(one.target) == {"a.txt": b"edited meanwhile"}
    bisync(one, two, state)
    assert tree(one.target) == tree(two.target)
    assert set(tree(one.target).values()) == {b"edited meanwhile", b"newer"}


def test_stopping_is_told_and_the_next_run_goes_on(one: End, two: End, state: State) -> None:
    halt = Halt()
    for number in range(30):
        put(one.target, f"{number}.txt", b"%d" % number)

    def ask(verb: str, path: str) -> None:
        if verb == "write":
            halt.ask(Stop.ASKED, "You pressed Ctrl-C.")

    assert isinstance(two.target, MemoryProvider)
    two.target.hook = ask
    report = bisync(one, two, state, halt=halt)
    assert (report.stop, report.note) == (Stop.ASKED, "You pressed Ctrl-C.")
    assert results(report) == {Result.DONE, Result.STOPPED}
    done = sum(outcome.result is Result.DONE for outcome in report.outcomes)
    assert 0 < done <= 8
    two.target.hook = lambda _verb, _path: None
    again = bisync(one, two, state)
    assert len(again.outcomes) == 30 - done
    assert tree(one.target) == tree(two.target)


def test_temporary_files_of_a_killed_run_go(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"a")
    bisync(one, two, state)
    pair = Pair(one, two)
    manifest = Manifest(state.manifest(pair, "bisync"), pair.keys)
    manifest.set_note("status", RUNNING)
    manifest.close()
    (Path(one.label) / f".mirrorfs-{'a' * 16}.part").write_bytes(b"half")
    bisync(one, two, state)
    assert left_over(Path(one.label)) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path, two: End, state: State) -> None:
    one = local(small_disk / "one")
    put(one.target, "kept.txt", b"old")
    bisync(one, two, state)
    put(two.target, "large.bin", bytes(500_000))
    put(two.target, "small.txt", b"small")
    edit(two.target, "kept.txt", bytes(400_000))
    report = bisync(one, two, state)
    assert results(report) == {Result.DONE, Result.FAILED}
    assert {str(o.reason) for o in report.outcomes if o.result is Result.FAILED} == {
        "kept.txt: No space left on device.",
        "large.bin: No space left on device.",
    }
    assert tree(one.target) == {"kept.txt": b"old", "small.txt": b"small"}
    assert left_over(small_disk) == []
    assert trash.items(state.trash) == []


def test_a_read_only_disk_is_an_outcome(small_disk: Path, two: End, state: State) -> None:
    one = local(small_disk / "one")
    put(one.target, "a.txt", b"old")
    put(one.target, "b.txt", b"b")
    bisync(one, two, state)
    edit(two.target, "a.txt", b"newer")
    remove(two, "b.txt")
    put(two.target, "c.txt", b"c")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    report = bisync(one, two, state)
    assert results(report) == {Result.FAILED}
    assert tree(one.target) == {"a.txt": b"old", "b.txt": b"b"}
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    bisync(one, two, state)
    assert tree(one.target) == tree(two.target) == {"a.txt": b"newer", "c.txt": b"c"}


def test_an_unreadable_file_is_not_taken_for_deleted(two: End, state: State) -> None:
    class Closed(LocalProvider):
        """A folder in which one file may not be read; root may read everything."""

        def opened(self, entry: Entry) -> AbstractContextManager[int]:
            if entry.path == "closed.txt":
                raise Denied("closed.txt: Permission denied.")
            return super().opened(entry)

    place = state.folder.parent / "one"
    place.mkdir()
    one = End(Closed(place), "one", f"local:{place}")
    put(one.target, "closed.txt", b"secret")
    put(one.target, "open.txt", b"open")
    report = bisync(one, two, state)
    assert results(report) == {Result.DONE, Result.FAILED}
    assert tree(two.target) == {"open.txt": b"open"}
    put(two.target, "closed.txt", b"SECRET")
    again = bisync(one, two, state)
    assert [skip.path for skip in again.plan.skips] == ["closed.txt"]
    assert (place / "closed.txt").read_bytes() == b"secret"
    assert tree(two.target)["closed.txt"] == b"SECRET"
    os.utime(place / "open.txt")


def brake_for(one: End, two: End, state: State) -> None:
    for number in range(10):
        put(one.target, f"{number}.txt", b"%d" % number)
    bisync(one, two, state)


@pytest.mark.parametrize("side", Side)
def test_an_emptied_side_empties_nothing(one: End, two: End, state: State, side: Side) -> None:
    brake_for(one, two, state)
    ends = {Side.ONE: one, Side.TWO: two}
    for number in range(10):
        remove(ends[side], f"{number}.txt")
    with pytest.raises(Refused, match="holds no file at all"):
        bisync(one, two, state)
    assert len(tree(ends[side.other].target)) == 10
    bisync(one, two, state, resync=True)
    assert len(tree(ends[side].target)) == 10


def test_many_deletions_are_refused_unless_forced(one: End, two: End, state: State) -> None:
    brake_for(one, two, state)
    for number in range(6):
        remove(one, f"{number}.txt")
    told = Noting()
    bisync(one, two, state, dry_run=True, told=told)
    assert "6 of 10 files" in told.notes[0]
    with pytest.raises(Refused, match="6 of 10 files"):
        bisync(one, two, state)
    assert len(tree(two.target)) == 10
    bisync(one, two, state, safety=Safety(Limits(max_delete=60)))
    assert len(tree(two.target)) == 4


def test_other_filters_are_refused(one: End, two: End, state: State) -> None:
    put(one.target, "a.txt", b"a")
    bisync(one, two, state, scope=Scope(key="first"))
    with pytest.raises(Refused, match="filters"):
        bisync(one, two, state, scope=Scope(key="other"), safety=Safety(force=True))
    bisync(one, two, state, scope=Scope(key="other"), resync=True)
    bisync(one, two, state, scope=Scope(key="other"))


def test_a_missing_canary_is_refused(one: End, two: End, state: State) -> None:
    put(one.target, "RCLONE_TEST", b"")
    safety = Safety(Limits(canary="RCLONE_TEST"))
    with pytest.raises(Refused, match="missing on path2"):
        bisync(one, two, state, safety=safety)
    put(two.target, "RCLONE_TEST", b"")
    bisync(one, two, state, safety=safety)
