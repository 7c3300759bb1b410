"""A run that is killed at any step is continued by the next, and nothing is lost.

Which steps those are is said in :mod:`tests.sync.crashes`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.core.paths import parse
from sync.ends import End
from sync.execute import Effort
from sync.state import State
from tests.sync.crashes import Steps, kept, killed_at
from tests.sync.sides import bisync, edit, left_over, local, put, state_of, tree

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


def scene(tmp_path: Path, name: str) -> tuple[End, End, State]:
    place = tmp_path / name
    one, two, state = local(place / "one"), local(place / "two"), state_of(place)
    begin(one, two, state)
    return one, two, state


def versions(*ends: End) -> set[bytes]:
    return {data for end in ends for data in tree(end.target).values()}


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
