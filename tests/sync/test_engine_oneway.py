"""Whole runs of copy, sync and move."""

from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import BadAnswer, MirrorError, NotFound, RateLimited, Unavailable
from mirrorfs.core.paths import RemotePath, parse
from mirrorfs.core.provider import Readable, Snapshot, Traits
from mirrorfs.providers.memory import MemoryProvider
from sync import trash
from sync.compare import By, Compare
from sync.ends import End
from sync.errors import Refused
from sync.model import Copy, Outcome, Result, Side
from sync.oneway import Rules
from sync.options import Comparing, Keeping, Safety
from sync.state import State
from sync.watching import Silent
from tests.sync.sides import bisync, edit, local, memory, oneway, put, results, state_of, tree

DAY = 86400.0
COPY, SYNC, MOVE = Rules(), Rules(deletes=True), Rules(tells_equal=True)


class Ahead(SystemClock):
    """A clock that is ``seconds`` ahead."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds


@pytest.fixture
def one() -> End:
    return memory("one")


@pytest.fixture
def two(tmp_path: Path) -> End:
    return local(tmp_path / "two")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return state_of(tmp_path)


def test_copy_removes_nothing(one: End, two: End, state: State) -> None:
    put(one.target, "a/new.txt", b"new")
    put(one.target, "both.txt", b"of the source")
    put(two.target, "both.txt", b"of the target")
    put(two.target, "mine.txt", b"mine")
    report = oneway(one, two, state, COPY)
    assert results(report) == {Result.DONE}
    assert tree(two.target) == {
        "a/new.txt": b"new",
        "both.txt": b"of the source",
        "mine.txt": b"mine",
    }
    assert {item.place.read_bytes() for item in trash.items(state.trash)} == {b"of the target"}
    again = oneway(one, two, state, COPY)
    assert [a for a in again.plan.actions if isinstance(a, Copy)] == []


def test_sync_makes_the_target_hold_what_the_source_holds(one: End, two: End, state: State) -> None:
    for name in ("a", "b", "moved"):
        put(one.target, name, name.encode())
    oneway(one, two, state, SYNC)
    one.target.rename(one.target.stat(parse("moved")), parse("c/moved"))
    one.target.remove(one.target.stat(parse("b")))
    edit(one.target, "a", b"edited")
    put(two.target, "mine", b"mine")
    report = oneway(one, two, state, SYNC)
    assert results(report) == {Result.DONE}
    assert tree(two.target) == tree(one.target) == {"a": b"edited", "c/moved": b"moved"}
    assert sum(outcome.sent for outcome in report.outcomes) == len(b"edited")
    kept = {item.place.read_bytes() for item in trash.items(state.trash)}
    assert kept == {b"a", b"b", b"mine"}


@pytest.mark.parametrize(
    "error", [BadAnswer("half a page"), RateLimited("used up", 2e9), Unavailable("down")]
)
def test_a_listing_that_fails_touches_nothing(
    one: End, two: End, state: State, error: MirrorError
) -> None:
    put(one.target, "a", b"a")
    oneway(one, two, state, SYNC)

    def fail(verb: str, path: str) -> None:
        if verb == "scan":
            raise error

    assert isinstance(one.target, MemoryProvider)
    one.target.hook = fail
    with pytest.raises(type(error)):
        oneway(one, two, state, SYNC)
    assert tree(two.target) == {"a": b"a"}


def test_a_move_leaves_at_the_source_what_did_not_arrive(one: End, two: End, state: State) -> None:
    put(one.target, "fine", b"fine")
    put(one.target, "equal", b"equal")
    put(two.target, "equal", b"equal")
    put(one.target, "spoilt", b"spoilt")

    def fail(verb: str, path: str) -> None:
        if verb == "read" and path == "spoilt":
            raise BadAnswer("no")

    assert isinstance(one.target, MemoryProvider)
    one.target.hook = fail
    report = oneway(one, two, state, MOVE)
    one.target.hook = lambda _verb, _path: None
    assert results(report) == {Result.DONE, Result.FAILED}
    assert tree(two.target) == {"fine": b"fine", "equal": b"equal"}
    assert tree(one.target) == {"spoilt": b"spoilt"}
    assert [item.path for item in trash.items(state.trash)] == ["equal"]


class Converting(MemoryProvider):
    """Keeps another form of whatever it is sent, and of videos says so beforehand."""

    sent = 0

    @property
    def traits(self) -> Traits:
        return replace(super().traits, converts=frozenset({"mp4"}))

    def write(self, path: RemotePath, body: Readable, **named: Any) -> Entry:
        data = body.read()
        self.sent += 1
        kept = data + b", converted"
        return super().write(path, BytesIO(kept), **named | {"size": len(kept)})


def test_a_move_leaves_the_only_original_where_it_is(two: End, state: State) -> None:
    service = Converting()
    put(two.target, "a.mp4", b"original")
    for _ in range(2):
        report = oneway(two, memory("service", service), state, MOVE)
        assert tree(two.target) == {"a.mp4": b"original"}
        assert [(skip.path, skip.side) for skip in report.plan.skips] == [("a.mp4", Side.ONE)]
        assert results(report) == {Result.DONE}
    assert service.sent == 1
    oneway(memory("service", service), memory("other"), state, MOVE)
    assert tree(service) == {"a.mp4": b"original, converted"}


def test_a_service_that_stores_other_bytes_is_not_filled_with_them(two: End, state: State) -> None:
    service = Converting()
    put(two.target, "a.txt", b"text")
    for _ in range(3):
        report = bisync(two, memory("service", service), state)
        assert results(report) == {Result.FAILED}
        assert tree(two.target) == {"a.txt": b"text"}
        assert tree(service) == {}


class Retouching(Silent):
    """Writes other bytes to a file once it was sent, as many, and sets its time back."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def ended(self, outcome: Outcome) -> None:
        if isinstance(outcome.action, Copy):
            found = self._place.stat()
            while self._place.stat().st_ctime_ns == found.st_ctime_ns:
                self._place.write_bytes(b"later")
                os.utime(self._place, ns=(found.st_atime_ns, found.st_mtime_ns))


def test_a_move_keeps_what_was_written_after_it_was_sent(two: End, state: State) -> None:
    put(two.target, "a", b"early")
    service = memory("service")

    report = oneway(two, service, state, MOVE, told=Retouching(Path(two.label) / "a"))

    assert results(report) == {Result.DONE}
    assert tree(service.target) == {"a": b"early"}
    assert tree(two.target) == {}
    assert [item.place.read_bytes() for item in trash.items(state.trash)] == [b"later"]


def test_a_move_believes_no_earlier_run(two: End, state: State, tmp_path: Path) -> None:
    source = local(tmp_path / "source")
    for name in ("same", "rotten"):
        put(source.target, name, name.encode())
    oneway(source, two, state, COPY)
    place = Path(two.label) / "rotten"
    times = place.stat()
    place.write_bytes(b"ROTTEN")
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    oneway(source, two, state, MOVE)
    assert tree(source.target) == {}
    assert tree(two.target) == {"same": b"same", "rotten": b"rotten"}
    kept = {item.place.read_bytes() for item in trash.items(state.trash)}
    assert kept == {b"same", b"ROTTEN"}


@pytest.mark.parametrize("body", [b"text", b"TEXT"])
def test_a_move_reads_what_tells_no_checksum(two: End, state: State, body: bytes) -> None:
    class Mute(MemoryProvider):
        def scan(self, folder: RemotePath) -> Snapshot:
            found = super().scan(folder)
            mute = {path: replace(one, digest=None) for path, one in found.entries.items()}
            return replace(found, entries=mute)

    service = memory("mute", Mute())
    put(two.target, "a", b"text")
    put(service.target, "a", body)
    report = oneway(two, service, state, MOVE)
    is_sent = any(isinstance(one.action, Copy) for one in report.outcomes)
    assert is_sent is (body != b"text")
    assert tree(two.target) == {}
    assert tree(service.target) == {"a": b"text"}
    assert [item.place.read_bytes() for item in trash.items(state.trash)] == [body]


@pytest.mark.parametrize(("by", "body"), [(By.SIZE, b"4321"), (By.MODIFIED, b"54321")])
def test_what_only_looks_equal_is_not_moved(
    one: End, two: End, state: State, by: By, body: bytes
) -> None:
    for end in (one, two):
        put(end.target, "same", b"same")
    put(one.target, "a", b"1234")
    put(two.target, "a", body)
    comparing = Comparing(Compare(frozenset({by}), trusts_times=True))
    for _ in range(2):
        report = oneway(one, two, state, MOVE, comparing=comparing, keeping=Keeping(days=0))
        assert [(skip.path, skip.side, skip.error) for skip in report.plan.skips] == [
            ("a", Side.ONE, True)
        ]
        assert tree(one.target) == {"a": b"1234"}
        assert tree(two.target) == {"same": b"same", "a": body}
    assert results(oneway(one, two, state, COPY)) == {Result.DONE}
    assert tree(two.target)["a"] == b"1234"


def test_a_copy_is_no_agreement_for_bisync(one: End, two: End, state: State) -> None:
    put(one.target, "a", b"a")
    oneway(one, two, state, COPY)
    two.target.remove(two.target.stat(parse("a")))
    bisync(one, two, state)
    assert tree(one.target) == tree(two.target) == {"a": b"a"}


def test_a_clock_far_ahead_lets_nothing_expire(one: End, two: End, state: State) -> None:
    put(two.target, "a", b"a")
    put(one.target, "b", b"b")
    oneway(one, two, state, SYNC, safety=Safety(force=True))
    for ahead in (DAY, 300 * DAY, 301 * DAY):
        oneway(one, two, state, SYNC, clock=Ahead(ahead))
        assert [item.path for item in trash.items(state.trash)] == ["a"]
    oneway(one, two, state, SYNC, clock=Ahead(307 * DAY))
    assert trash.items(state.trash) == []


def test_an_empty_source_empties_nothing(one: End, two: End, state: State) -> None:
    put(two.target, "a", b"a")
    put(two.target, "b", b"b")
    with pytest.raises(Refused, match="path1 holds no file"):
        oneway(one, two, state, SYNC)
    assert tree(two.target) == {"a": b"a", "b": b"b"}


def test_a_folder_that_is_not_there_yet_is_made(one: End, two: End, state: State) -> None:
    place = Path(two.label)
    place.rmdir()
    oneway(one, two, state, COPY, dry_run=True)
    assert not place.exists()
    oneway(one, two, state, COPY)
    assert place.is_dir()
    put(one.target, "a", b"a")
    oneway(one, two, state, COPY)
    assert tree(two.target) == {"a": b"a"}
    (place / "a").unlink()
    place.rmdir()
    with pytest.raises(NotFound):
        oneway(one, two, state, COPY)
    assert not place.exists()
