"""A run that is killed at any step is continued by the next, and nothing is lost.

The steps are those that Python tells of before it asks the system (``sys.addaudithook``): each
file opened for writing, each rename, link, removal and folder made, and each action that begins
or has ended.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.core.paths import parse
from sync import trash
from sync.ends import End
from sync.execute import Effort
from sync.model import Action, Outcome
from sync.state import State
from sync.watching import Silent
from tests.sync.sides import bisync, edit, left_over, local, put, state_of, tree

EVENTS = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.utime", "os.truncate"}
FIRST = {
    "both.txt": b"in both",
    "edited here": b"old 1",
    "edited there": b"old 2",
    "gone here": b"gone 1",
    "gone there": b"gone 2",
    "dir/moved here": b"moved 1",
    "dir/moved there": b"moved 2",
    "swapped 1": b"first of two",
    "swapped 2": b"second of two",
    "file, then folder": b"a file",
    "fought over": b"peace",
    "old folder/inside": b"inside",
}


class Steps(Silent):
    """Counts steps, and kills the process at one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def began(self, action: Action) -> None:
        self.step()

    def ended(self, outcome: Outcome) -> None:
        self.step()

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        writing = (
            event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writing or event in EVENTS:
            self.step()

    def step(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def begin(one: End, two: End, state: State) -> None:
    """Agree on some files, then change both sides in every way."""
    for path, data in FIRST.items():
        put(one.target, path, data)
    bisync(one, two, state)
    for end, here in ((one, "here"), (two, "there")):
        edit(end.target, f"edited {here}", f"edited {here}".encode())
        end.target.remove(end.target.stat(parse(f"gone {here}")))
        rename(end, f"dir/moved {here}", f"elsewhere/{here}/moved")
        put(end.target, f"new {here}/file", f"new {here}".encode())
        edit(end.target, "fought over", f"war {here}".encode())
    rename(one, "swapped 1", "swapped")
    rename(one, "swapped 2", "swapped 1")
    rename(one, "swapped", "swapped 2")
    one.target.remove(one.target.stat(parse("file, then folder")))
    put(one.target, "file, then folder/x", b"in a folder")
    two.target.remove(two.target.stat(parse("old folder/inside")))
    two.target.remove(two.target.stat(parse("old folder")))


def rename(end: End, path: str, new: str) -> None:
    end.target.rename(end.target.stat(parse(path)), parse(new))


def killed_at(last: int, run: Callable[[Steps], None]) -> int | None:
    """Do a run in a child that is killed at a step; without one return how many there were."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        steps = Steps(last)
        sys.addaudithook(steps.audit)
        run(steps)
        os.write(writing, str(steps.count).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if last == 0:
        return int(told)
    return None if os.WIFSIGNALED(status) else int(told)


def scene(tmp_path: Path, name: str) -> tuple[End, End, State]:
    place = tmp_path / name
    one, two, state = local(place / "one"), local(place / "two"), state_of(place)
    begin(one, two, state)
    return one, two, state


def versions(*ends: End) -> set[bytes]:
    return {data for end in ends for data in tree(end.target).values()}


def kept(state: State) -> set[bytes]:
    return {item.place.read_bytes() for item in trash.items(state.trash)}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory, where flushing takes no time, if there is such a disk."""
    memory = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def wanted(scratch: Path) -> tuple[int, dict[str, bytes]]:
    """How many steps a whole run has, and what it leads to."""
    one, two, state = scene(scratch, "whole")
    count = killed_at(0, lambda steps: once(one, two, state, steps))
    assert count
    assert tree(one.target) == tree(two.target)
    return count, tree(one.target)


def once(one: End, two: End, state: State, told: Steps | None = None) -> Any:
    return bisync(one, two, state, told=told, effort=Effort(transfers=1, pause=0.001))


@pytest.mark.parametrize("part", range(8))
def test_killed_at_every_step(
    scratch: Path, wanted: tuple[int, dict[str, bytes]], part: int
) -> None:
    count, outcome = wanted
    assert count > 60
    for last in range(1 + part, count + 1, 8):
        one, two, state = scene(scratch, str(last))
        before = versions(one, two)
        assert killed_at(last, lambda steps: once(one, two, state, steps)) is None  # noqa: B023
        assert before <= versions(one, two) | kept(state), last
        once(one, two, state)
        assert tree(one.target) == tree(two.target) == outcome, last
        assert before <= versions(one, two) | kept(state), last
        assert once(one, two, state).plan.actions == (), last
        assert left_over(scratch / str(last)) == [], last
