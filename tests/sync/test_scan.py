from __future__ import annotations

from pathlib import Path

import pytest

from mirrorfs.core.errors import BadAnswer, Misuse, NotFound
from mirrorfs.core.paths import parse
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.model import Side
from sync.scan import Entries, check_apart, scan
from tests.sync.sides import local, memory, put


def test_both_sides_as_they_are(tmp_path: Path) -> None:
    pair = Pair(local(tmp_path / "one"), memory("two"))
    put(pair.one.target, "a/x", b"x")
    put(pair.two.target, "b", b"yy")
    (tmp_path / "one" / "a" / "link").symlink_to("x")
    told: dict[Side, int] = {}
    trees = scan(pair, dict, told.__setitem__)
    assert set(trees[Side.ONE].entries) == {"a", "a/x"}
    assert set(trees[Side.ONE].withheld) == {"a/link"}
    assert set(trees[Side.TWO].entries) == {"b"}
    assert told == {Side.ONE: 2, Side.TWO: 1}


def test_what_filters_leave_out_is_known_to_be_there(tmp_path: Path) -> None:
    def select(found: Entries) -> Entries:
        return {path: one for path, one in found.items() if not path.startswith(("out", "in/no"))}

    pair = Pair(local(tmp_path / "one"), memory("two"))
    for path in ("out/deep/x", "in/no", "in/yes"):
        put(pair.one.target, path, b"x")
    tree = scan(pair, select)[Side.ONE]
    assert set(tree.entries) == {"in", "in/yes"}
    assert tree.left_out == {"out", "in/no"}


def test_one_side_that_fails_is_an_error(tmp_path: Path) -> None:
    def fail(verb: str, path: str) -> None:
        raise BadAnswer("half a page")

    with pytest.raises(BadAnswer):
        scan(Pair(local(tmp_path / "one"), memory("two", MemoryProvider(fail))), dict)
    gone = local(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(NotFound):
        scan(Pair(gone, memory("two")), dict)


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [
        ("local:/a/b", "local:/a/b", False),
        ("local:/a/b", "local:/a/b/c", False),
        ("local:/a/b", "local:/a", False),
        ("local:/", "local:/a", False),
        ("local:/a/b", "local:/a/bc", True),
        ("cloud-1:", "cloud-1:x", False),
        ("cloud-1:x", "cloud-1:y", True),
        ("cloud-1:x", "cloud-2:x", True),
        ("cloud-1:a", "local:/a", True),
    ],
)
def test_overlapping_sides_are_refused(one: str, two: str, apart: bool) -> None:
    pair = Pair(*(End(MemoryProvider(), key, key) for key in (one, two)))
    if apart:
        check_apart(pair)
    else:
        with pytest.raises(Misuse, match="overlap"):
            check_apart(pair)


def test_a_pair_is_the_same_in_either_order() -> None:
    one, two = (End(MemoryProvider(), key, key) for key in ("local:/ä b/c", "cloud-1:x"))
    assert Pair(one, two).name == Pair(two, one).name
    assert Pair(one, two).is_flipped is not Pair(two, one).is_flipped
    assert parse(Pair(one, two).name)
    other = End(MemoryProvider(), "x", "cloud-1:y")
    assert Pair(one, other).name != Pair(one, two).name
