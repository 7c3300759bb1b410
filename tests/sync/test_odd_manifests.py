"""Runs whose manifest is not what it should be: refused in a sentence, and nothing is lost."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from mirrorfs.core.errors import MirrorError, Misuse
from mirrorfs.core.paths import parse
from sync.ends import End, Pair
from sync.errors import StateFailed
from sync.state import State
from tests.sync.sides import bisync, local, memory, put, state_of, tree


@pytest.fixture
def state(tmp_path: Path) -> State:
    return state_of(tmp_path)


@pytest.fixture
def one(tmp_path: Path) -> End:
    return local(tmp_path / "one")


@pytest.fixture
def two() -> End:
    return memory("two")


def agreed(one: End, two: End, state: State) -> Path:
    """Bring two files in line, remove one of them, and return the manifest."""
    for name in ("kept", "gone"):
        put(one.target, name, b"text")
    bisync(one, two, state)
    one.target.remove(one.target.stat(parse("gone")))
    return state.manifest(Pair(one, two), "bisync")


def check_refused(one: End, two: End, state: State, kind: type[MirrorError], told: str) -> None:
    """Check that a run is refused in these words, with a way out, and changes nothing."""
    place = state.manifest(Pair(one, two), "bisync")
    before = tree(one.target), tree(two.target), place.read_bytes()
    for dry_run in (True, False):
        with pytest.raises(kind, match=told) as raised:
            bisync(one, two, state, dry_run=dry_run)
        assert str(place) in raised.value.message
        assert "Move it away" in raised.value.hint
    assert (tree(one.target), tree(two.target), place.read_bytes()) == before


def test_the_manifest_of_another_pair(one: End, two: End, state: State) -> None:
    other = memory("three")
    put(other.target, "only here", b"text")
    place = state.manifest(Pair(one, other), "bisync")
    shutil.copy(agreed(one, two, state), place)
    check_refused(one, other, state, Misuse, "is the manifest of local:.* and memory-two:")
    place.rename(place.with_name("elsewhere"))
    bisync(one, other, state)
    assert set(tree(one.target)) == set(tree(other.target)) == {"kept", "only here"}


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ("UPDATE agreed SET kind1 = 'link' WHERE path = 'gone'", "'link' is neither"),
        ("UPDATE agreed SET size2 = NULL WHERE path = 'kept'", "no size"),
        ("UPDATE agreed SET id2 = x'00' WHERE path = 'kept'", "no names"),
        ("DROP TABLE agreed", "'agreed' is missing"),
    ],
)
def test_a_manifest_that_makes_no_sense(
    one: End, two: End, state: State, order: str, told: str
) -> None:
    place = agreed(one, two, state)
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute(order)
        connection.commit()
    check_refused(one, two, state, StateFailed, told)
    place.rename(place.with_name("elsewhere"))
    bisync(one, two, state)
    assert set(tree(one.target)) == set(tree(two.target)) == {"kept", "gone"}


def test_a_row_of_no_sense_is_written_anew_by_resync(one: End, two: End, state: State) -> None:
    place = agreed(one, two, state)
    with contextlib.closing(sqlite3.connect(place)) as connection:
        connection.execute("UPDATE agreed SET kind1 = 'link'")
        connection.commit()
    bisync(one, two, state, resync=True)
    assert set(tree(one.target)) == set(tree(two.target)) == {"kept", "gone"}
    assert bisync(one, two, state).outcomes == ()
