from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorfs.core.errors import BadAnswer, Misuse, NotFound
from mirrorfs.core.paths import parse
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.model import Side
from sync.scan import Entries, check_apart, scan
from sync.single import single
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
    assert Pair(one, two).keys == Pair(two, one).keys[::-1] == (one.key, two.key)
    assert parse(Pair(one, two).name)
    other = End(MemoryProvider(), "x", "cloud-1:y")
    assert Pair(one, other).name != Pair(one, two).name


@pytest.fixture
def twice(tmp_path: Path) -> Iterator[Path]:
    """A folder ``here`` that is also mounted as ``there``."""
    for name in ("here/sub", "there"):
        (tmp_path / name).mkdir(parents=True)
    subprocess.run(["mount", "--bind", tmp_path / "here", tmp_path / "there"], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path / "there"], check=True)


@pytest.mark.parametrize("one", ["here", "here/sub"])
@pytest.mark.parametrize("two", ["there", "there/sub", "there/sub/new"])
def test_one_folder_by_two_names_is_refused(twice: Path, one: str, two: str) -> None:
    for first, second in ((one, two), (two, one)):
        ends = (
            End(LocalProvider(twice / name), name, f"local:{twice / name}")
            for name in (first, second)
        )
        with pytest.raises(Misuse, match="overlap"):
            check_apart(Pair(*ends))


def test_hard_links_are_files_of_their_own_but_a_file_by_two_names_is_one(twice: Path) -> None:
    (twice / "here/a").write_bytes(b"text")
    both = {name: local(twice / name) for name in ("here", "there", "here/sub")}

    def ends(*names: tuple[str, str]) -> Pair:
        return Pair(
            *(
                End(single(both[above].target, parse(name), parse(name)), name, f"local:/{above}/x")
                for above, name in names
            )
        )

    with pytest.raises(Misuse, match="overlap"):
        check_apart(ends(("here", "a"), ("there", "a")))
    (twice / "here/sub/a").hardlink_to(twice / "here/a")
    check_apart(ends(("here", "a"), ("here/sub", "a")))
    with pytest.raises(Misuse, match="overlap"):
        check_apart(ends(("here", "a"), ("there", "a")))
