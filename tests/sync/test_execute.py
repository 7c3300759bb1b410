"""The hands, with plans made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.digest import of
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import BadAnswer, RateLimited, Unavailable, Unsupported
from mirrorfs.core.paths import RemotePath, parse
from mirrorfs.core.provider import Readable
from mirrorfs.providers.memory import MemoryProvider
from sync.bandwidth import Bandwidth
from sync.deeds import Deeds
from sync.ends import End, Pair
from sync.execute import Effort, Execution
from sync.keeping import BackupFolder
from sync.manifest import Manifest
from sync.model import (
    Action,
    Adopt,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Outcome,
    Plan,
    Remove,
    Result,
    Side,
    Stop,
    Touch,
)
from sync.pace import Halt, Limits, Pace
from sync.trash import Trash
from tests.sync.sides import Noting, content, edit, left_over, local, memory, put, tree

ONE, TWO = Side.ONE, Side.TWO
DONE, CHANGED, FAILED, STOPPED = Result.DONE, Result.CHANGED, Result.FAILED, Result.STOPPED


@dataclass
class Bench:
    """A folder of this machine on the first side, a tree in memory on the second."""

    root: Path
    pair: Pair
    manifest: Manifest
    trash: Trash
    service: MemoryProvider
    halt: Halt = field(default_factory=Halt)
    effort: Effort = field(default_factory=lambda: Effort(pause=0.001))
    told: Noting = field(default_factory=Noting)

    def do(self, *actions: Action) -> list[Outcome]:
        known = self.manifest.rows()
        clock = SystemClock()
        pace = Pace(Bandwidth(), clock, frozenset())
        deeds = Deeds(self.pair, self.manifest, self.trash, pace, known)
        with ThreadPoolExecutor(4) as executor:
            execution = Execution(deeds, self.effort, self.halt, self.told, clock)
            done = execution.carry_out(Plan(actions), executor)
        return [one for action in actions for one in done if one.action is action]

    def one(self, action: Action) -> Outcome:
        (outcome,) = self.do(action)
        return outcome

    def at(self, side: Side, path: str) -> Entry:
        return self.pair.of(side).target.stat(parse(path))

    def put(self, side: Side, path: str, data: bytes) -> Entry:
        return put(self.pair.of(side).target, path, data)

    def edit(self, side: Side, path: str, data: bytes) -> Entry:
        return edit(self.pair.of(side).target, path, data)

    def tree(self, side: Side) -> dict[str, bytes]:
        return tree(self.pair.of(side).target)

    def rows(self) -> set[str]:
        return set(self.manifest.rows())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    service = MemoryProvider()
    pair = Pair(local(tmp_path / "one"), memory("two", service))
    manifest = Manifest(tmp_path / "state" / "pair.sqlite", pair.keys)
    trash = Trash(tmp_path / "state" / "trash", pair, 1_700_000_000)
    yield Bench(tmp_path / "one", pair, manifest, trash, service)
    assert left_over(tmp_path) == []


def copy(side: Side, source: Entry, replaces: Entry | None = None) -> Copy:
    return Copy(side, source, source.path, replaces, source.path)


@pytest.mark.parametrize("side", Side)
def test_a_new_file_is_copied_and_agreed(bench: Bench, side: Side) -> None:
    source = bench.put(side.other, "a/b.txt", b"text")
    outcome = bench.one(copy(side, source))
    assert (outcome.result, outcome.sent, outcome.trash) == (DONE, 4, "")
    assert bench.tree(side) == {"a/b.txt": b"text"}
    row = bench.manifest.rows()[source.path]
    assert row.of(side.other).revision == source.revision
    assert row.of(side).revision == bench.at(side, "a/b.txt").revision
    assert row.one.digest == row.two.digest == of(b"text")
    assert row.of(side).modified == source.modified


@pytest.mark.parametrize("side", Side)
def test_what_is_replaced_is_kept(bench: Bench, side: Side) -> None:
    old = bench.put(side, "a.txt", b"old")
    source = bench.put(side.other, "a.txt", b"newer")
    outcome = bench.one(copy(side, source, old))
    assert outcome.result is DONE
    assert bench.tree(side) == {"a.txt": b"newer"}
    assert Path(outcome.trash).read_bytes() == b"old"
    assert Path(outcome.trash).stat().st_mtime_ns == old.modified


@pytest.mark.parametrize("side", Side)
def test_what_is_not_as_planned_stays(bench: Bench, side: Side) -> None:
    old = bench.put(side, "a.txt", b"old")
    source = bench.put(side.other, "a.txt", b"newer")
    bench.edit(side, "a.txt", b"edited since")
    fresh = bench.put(side, "b.txt", b"fresh")
    outcomes = bench.do(
        copy(side, source, old),
        Remove(side, old, old.path),
        Copy(side, source, fresh.path, None, fresh.path),
        Move(side, old, parse("c.txt"), None, parse("c.txt")),
    )
    assert [outcome.result for outcome in outcomes] == [CHANGED] * 4
    assert bench.tree(side) == {"a.txt": b"edited since", "b.txt": b"fresh"}
    assert bench.rows() == set()


@pytest.mark.parametrize("side", Side)
def test_a_source_that_is_not_as_planned_is_not_copied(bench: Bench, side: Side) -> None:
    source = bench.put(side.other, "a.txt", b"one")
    gone = bench.put(side.other, "b.txt", b"two")
    bench.edit(side.other, "a.txt", b"edited since")
    bench.pair.of(side.other).target.remove(gone)
    old = bench.put(side, "a.txt", b"old")
    outcomes = bench.do(copy(side, source, old), copy(side, gone))
    assert [outcome.result for outcome in outcomes] == [CHANGED, CHANGED]
    assert bench.tree(side) == {"a.txt": b"old"}
    assert not list(bench.trash.folder.rglob("a*"))


@pytest.mark.parametrize("side", Side)
def test_a_removed_file_is_kept_and_its_row_goes(bench: Bench, side: Side) -> None:
    source = bench.put(side.other, "a.txt", b"text")
    bench.one(copy(side, source))
    outcome = bench.one(Remove(side, bench.at(side, "a.txt"), source.path))
    assert outcome.result is DONE
    assert Path(outcome.trash).read_bytes() == b"text"
    assert bench.tree(side) == {}
    assert bench.rows() == set()


def test_what_a_backup_folder_took_comes_back_when_the_copy_fails(bench: Bench) -> None:
    backup = BackupFolder(bench.service, parse(""), parse("backup"))
    bench.trash = backup  # type: ignore[assignment]
    old, source = bench.put(TWO, "a.txt", b"old"), bench.put(ONE, "a.txt", b"newer")
    gone = bench.put(TWO, "b.txt", b"gone")
    spoilt = replace(source, digest=of(b"other"))
    outcomes = bench.do(copy(TWO, spoilt, old), Remove(TWO, gone, None))
    assert [outcome.result for outcome in outcomes] == [FAILED, DONE]
    assert bench.tree(TWO) == {"a.txt": b"old", "backup/b.txt": b"gone"}
    assert bench.one(copy(TWO, source, bench.at(TWO, "a.txt"))).result is DONE
    assert bench.tree(TWO)["a.txt"] == b"newer"
    assert bench.tree(TWO)["backup/a.txt"] == b"old"


def test_what_cannot_be_kept_is_not_removed(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    bench.trash = Trash(tmp_path / "file", bench.pair, 0)
    old = [bench.put(side, "a.txt", b"old") for side in Side]
    outcomes = bench.do(*(Remove(side, old[n], old[n].path) for n, side in enumerate(Side)))
    assert [outcome.result for outcome in outcomes] == [FAILED, FAILED]
    assert bench.tree(ONE) == bench.tree(TWO) == {"a.txt": b"old"}


def test_a_remote_file_too_large_for_the_trash_stays(bench: Bench, tmp_path: Path) -> None:
    bench.trash = Trash(tmp_path / "state" / "trash", bench.pair, 0, largest=3)
    small, large = bench.put(TWO, "small", b"abc"), bench.put(TWO, "large", b"abcd")
    linked = bench.put(ONE, "large", b"abcd")
    outcomes = bench.do(
        Remove(TWO, small, None), Remove(TWO, large, None), Remove(ONE, linked, None)
    )
    assert [outcome.result for outcome in outcomes] == [DONE, FAILED, DONE]
    assert "--backup-dir" in outcomes[1].reason
    assert bench.tree(TWO) == {"large": b"abcd"}


@pytest.mark.parametrize("side", Side)
def test_a_move_sends_nothing(bench: Bench, side: Side) -> None:
    source = bench.put(side.other, "a.txt", b"text")
    bench.one(copy(side, source))
    bench.told.bytes = 0
    new = bench.pair.of(side.other).target.rename(source, parse("b/c.txt"))
    moved = Move(side, bench.at(side, "a.txt"), new.path, new, new.path, source.path)
    outcome = bench.one(moved)
    assert (outcome.result, outcome.sent, bench.told.bytes) == (DONE, 0, 0)
    assert bench.tree(side) == {"b/c.txt": b"text"}
    assert bench.rows() == {"b/c.txt"}
    row = bench.manifest.rows()[new.path]
    assert row.one.digest == row.two.digest == of(b"text")


def test_where_a_side_cannot_move_it_copies_and_removes(bench: Bench) -> None:
    entry = bench.put(TWO, "a.txt", b"text")

    def refuse(verb: str, path: str) -> None:
        if verb == "rename":
            raise Unsupported("no")

    bench.service.hook = refuse
    outcome = bench.one(Move(TWO, entry, parse("b.txt"), None, parse("b.txt")))
    assert (outcome.result, outcome.sent) == (DONE, 4)
    assert bench.tree(TWO) == {"b.txt": b"text"}


class Forgetful(MemoryProvider):
    """Moves nothing, and loses the first answer to ``verb``; tells checksums if ``tells``."""

    def __init__(self, verb: str, *, tells: bool) -> None:
        super().__init__()
        self.verb = verb
        self.tells = tells

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        raise Unsupported("no")

    def stat(self, path: RemotePath) -> Entry:
        found = super().stat(path)
        return found if self.tells else replace(found, digest=None)

    def write(self, path: RemotePath, body: Readable, **named: Any) -> Entry:
        done = super().write(path, body, **named)
        self._lose("write")
        return done

    def remove(self, entry: Entry) -> None:
        super().remove(entry)
        self._lose("remove")

    def _lose(self, verb: str) -> None:
        if self.verb == verb:
            self.verb = ""
            raise Unavailable("No answer came.")


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("verb", ["write", "remove"])
def test_a_lost_answer_leaves_no_second_copy(bench: Bench, verb: str, *, tells: bool) -> None:
    service = Forgetful("", tells=tells)
    bench.pair = Pair(bench.pair.one, memory("two", service))
    bench.put(TWO, "a.txt", b"text")
    entry = bench.at(TWO, "a.txt")
    service.verb = verb
    outcome = bench.one(Move(TWO, entry, parse("b.txt"), None, parse("b.txt")))
    is_proven = tells or verb == "write"  # else what it was cannot be read any more
    assert outcome.result is (DONE if is_proven else CHANGED)
    assert bench.tree(TWO) == {"b.txt": b"text"}


@pytest.mark.parametrize("tells", [True, False])
def test_what_is_another_file_stays(bench: Bench, *, tells: bool) -> None:
    bench.pair = Pair(bench.pair.one, memory("two", Forgetful("", tells=tells)))
    for path, data in (("a.txt", b"text"), ("b.txt", b"TEXT")):
        bench.put(TWO, path, data)
    entry = bench.at(TWO, "a.txt")
    outcome = bench.one(Move(TWO, entry, parse("b.txt"), None, parse("b.txt")))
    assert outcome.result is CHANGED
    assert bench.tree(TWO) == {"a.txt": b"text", "b.txt": b"TEXT"}


def test_a_later_action_means_what_was_moved(bench: Bench) -> None:
    entry = bench.put(TWO, "a.txt", b"text")
    source = bench.put(ONE, "b.txt", b"newer")
    refusing = True

    def refuse(verb: str, path: str) -> None:
        if verb == "rename" and refusing:
            raise Unsupported("no")

    bench.service.hook = refuse
    path = parse("b.txt")
    outcomes = bench.do(
        Move(TWO, entry, path, None, path), Copy(TWO, source, path, replace(entry, path=path), path)
    )
    assert [outcome.result for outcome in outcomes] == [DONE, DONE]
    assert bench.tree(TWO) == {"b.txt": b"newer"}


def test_bytes_that_could_not_be_copied_are_not_removed(bench: Bench) -> None:
    here, there = bench.put(ONE, "a.txt", b"text"), bench.put(TWO, "b.txt", b"text")
    here = replace(here, digest=of(b"text"))

    def refuse(verb: str, path: str) -> None:
        if verb == "write":
            raise BadAnswer("no")

    bench.service.hook = refuse
    outcomes = bench.do(copy(TWO, here), Remove(TWO, there, there.path))
    assert [outcome.result for outcome in outcomes] == [FAILED, FAILED]
    assert bench.tree(TWO) == {"b.txt": b"text"}


def test_rows_alone(bench: Bench) -> None:
    one, two = bench.put(ONE, "a.txt", b"text"), bench.put(TWO, "a.txt", b"text")
    assert bench.one(Adopt(one.path, one, two)).result is DONE
    assert bench.rows() == {"a.txt"}
    touched = bench.one(Touch(ONE, one, 7_000_000_000, two, one.path))
    assert touched.result is DONE
    assert bench.at(ONE, "a.txt").modified == 7_000_000_000
    assert bench.manifest.rows()[one.path].one.modified == 7_000_000_000
    assert bench.one(Forget(one.path)).result is DONE
    assert bench.rows() == set()


def test_folders_come_and_go(bench: Bench) -> None:
    partner = bench.service.mkdir(parse("a/b"))
    assert bench.one(MakeFolder(ONE, partner.path, partner)).result is DONE
    assert bench.tree(ONE) == {"a/b/": b""}
    assert bench.rows() == {"a/b"}
    put(bench.pair.one.target, "a/b/new.txt", b"x")
    full = bench.one(Remove(ONE, bench.at(ONE, "a/b"), partner.path))
    assert full.result is CHANGED
    assert bench.one(Remove(TWO, partner, partner.path)).result is DONE
    assert bench.tree(TWO) == {"a/": b""}
    assert bench.tree(ONE) == {"a/b/new.txt": b"x"}


def test_one_failure_stops_nothing_else(bench: Bench) -> None:
    def refuse(verb: str, path: str) -> None:
        if verb == "write" and path == "bad":
            raise ZeroDivisionError("a bug")

    bench.service.hook = refuse
    entries = [bench.put(ONE, name, name.encode()) for name in ("a", "bad", "c")]
    outcomes = {str(one.action.path): one for one in bench.do(*(copy(TWO, e) for e in entries))}  # type: ignore[union-attr]
    assert {path: one.result for path, one in outcomes.items()} == {
        "a": DONE,
        "bad": FAILED,
        "c": DONE,
    }
    assert "a bug" in outcomes["bad"].reason
    assert bench.rows() == {"a", "c"}


def test_what_may_work_later_is_tried_again(bench: Bench) -> None:
    failures = iter([Unavailable("down"), Unavailable("down")])

    def fail(verb: str, path: str) -> None:
        if verb == "write" and (error := next(failures, None)):
            raise error

    bench.service.hook = fail
    assert bench.one(copy(TWO, bench.put(ONE, "a", b"text"))).result is DONE
    assert [reason for reason, _ in bench.told.waits] == ["down", "down"]
    assert bench.told.bytes == 4
    bench.service.hook = lambda verb, path: (_ for _ in ()).throw(Unavailable("down"))
    outcome = bench.one(copy(TWO, bench.put(ONE, "b", b"text")))
    assert (outcome.result, outcome.reason) == (FAILED, "down")


def test_a_used_up_quota_begins_nothing_more(bench: Bench) -> None:
    def refuse(verb: str, path: str) -> None:
        raise RateLimited("used up", 2_000_000_000)

    bench.service.hook = refuse
    bench.effort = replace(bench.effort, transfers=1)
    entries = [bench.put(ONE, name, b"text") for name in "abc"]
    results = [one.result for one in bench.do(*(copy(TWO, entry) for entry in entries))]
    assert results == [FAILED, STOPPED, STOPPED]
    assert bench.halt.stop is Stop.QUOTA


def test_limits_of_bytes_and_time(bench: Bench) -> None:
    bench.effort = replace(bench.effort, limits=Limits(transfer=10), transfers=1)
    entries = [bench.put(ONE, name, b"text") for name in "abc"]
    results = [one.result for one in bench.do(*(copy(TWO, entry) for entry in entries))]
    assert results == [DONE, DONE, STOPPED]
    assert bench.halt.stop is Stop.TRANSFER
    bench.halt = Halt()
    bench.effort = replace(bench.effort, limits=Limits(deadline=1.0))
    assert bench.one(copy(TWO, entries[2])).result is STOPPED
    assert bench.halt.stop is Stop.TIME


def test_stopping_finishes_what_is_in_flight(bench: Bench) -> None:
    def ask(verb: str, path: str) -> None:
        if verb == "write":
            bench.halt.ask(Stop.ASKED, "Ctrl-C")

    bench.service.hook = ask
    bench.effort = replace(bench.effort, transfers=1)
    entries = [bench.put(ONE, name, b"text") for name in "abc"]
    outcomes = bench.do(*(copy(TWO, entry) for entry in entries), Forget(parse("a")))
    assert [one.result for one in outcomes] == [DONE, STOPPED, STOPPED, STOPPED]
    assert bench.rows() == {"a"}


def test_immutable_replaces_nothing(bench: Bench) -> None:
    old, source = bench.put(TWO, "a", b"old"), bench.put(ONE, "a", b"new")
    bench.effort = replace(bench.effort, immutable=True)
    assert bench.one(copy(TWO, source, old)).result is FAILED
    assert content(bench.service, "a") == b"old"


def test_moved_bytes_that_change_on_their_way_are_refused(bench: Bench) -> None:
    entry = bench.put(TWO, "a.txt", b"text")
    broken = replace(entry, digest=of(b"other"))
    outcome = bench.one(copy(ONE, broken))
    assert outcome.result is FAILED
    assert bench.tree(ONE) == {}


def test_ends_know_a_disk(tmp_path: Path) -> None:
    assert local(tmp_path / "x").disk
    assert End(MemoryProvider(), "m:", "memory:").disk is None
