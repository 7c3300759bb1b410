from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath, parse
from sync.conflict import Loser, Policy, Resolve
from sync.model import Side
from sync.plan import Wishes
from tests.sync.world import World

WHEN = datetime(2024, 5, 1, 12, 30, 5, tzinfo=UTC)


def file(size: int, modified: int) -> Entry:
    return Entry(RemotePath("a.jpg"), Kind.FILE, "id", "1", size, modified)


def renamed(policy: Policy, path: str, *taken: str) -> str:
    return policy.rename(parse(path), Side.ONE, lambda name: name in taken)


@pytest.mark.parametrize(
    ("resolve", "winner"),
    [
        (Resolve.NONE, None),
        (Resolve.ONE, Side.ONE),
        (Resolve.TWO, Side.TWO),
        (Resolve.NEWER, Side.TWO),
        (Resolve.OLDER, Side.ONE),
        (Resolve.LARGER, Side.ONE),
        (Resolve.SMALLER, Side.TWO),
    ],
)
def test_who_wins(resolve: Resolve, winner: Side | None) -> None:
    assert Policy(resolve=resolve).winner(file(9, 5), file(4, 7)) is winner


@pytest.mark.parametrize("resolve", [Resolve.NEWER, Resolve.OLDER, Resolve.LARGER])
def test_nobody_wins_when_they_are_level(resolve: Resolve) -> None:
    assert Policy(resolve=resolve).winner(file(9, 5), file(9, 5)) is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("d/a.jpg", "d/a (conflict desk 2024-05-01 12.30.05).jpg"),
        ("none", "none (conflict desk 2024-05-01 12.30.05)"),
        (".hidden", ".hidden (conflict desk 2024-05-01 12.30.05)"),
        ("a.tar.gz", "a.tar (conflict desk 2024-05-01 12.30.05).gz"),
    ],
)
def test_name_tells_host_and_time_before_the_extension(path: str, name: str) -> None:
    assert renamed(Policy(host="desk", when=WHEN), path) == name


def test_name_is_free_and_lawful() -> None:
    policy = Policy(host="a/b:c\0" * 50, when=WHEN)
    first = renamed(policy, f"{'ü' * 125}.jpg")
    second = renamed(policy, f"{'ü' * 125}.jpg", first)
    assert first != second
    for name in (first, second):
        assert paths.is_lawful(name)
        assert parse(name) == name
        assert name.endswith(".jpg")


def test_names_of_rclone() -> None:
    number, pathname = Policy(loser=Loser.NUM), Policy(loser=Loser.PATHNAME)
    assert renamed(number, "a.jpg") == "a.conflict1.jpg"
    assert renamed(number, "a.jpg", "a.conflict1.jpg") == "a.conflict2.jpg"
    assert renamed(pathname, "a.jpg") == "a.path1.jpg"
    assert renamed(pathname, "a.jpg", "a.path1.jpg") == "a.path1 2.jpg"
    assert renamed(Policy(loser=Loser.NUM, suffixes=("mine", "theirs")), "a") == "a.mine1"


@pytest.mark.parametrize("keeper", Side)
def test_keeper_keeps_the_name(keeper: Side) -> None:
    world = World(wishes=Wishes(Policy(keeper, host="desk", when=WHEN)))
    world.one.put("a.jpg", "path1")
    world.two.put("a.jpg", "path2")
    world.settle()
    assert world.one.files["a.jpg"] == keeper.value
    assert world.one.files["a (conflict desk 2024-05-01 12.30.05).jpg"] == keeper.other.value


def test_winner_keeps_the_name_against_the_keeper() -> None:
    world = World(wishes=Wishes(Policy(resolve=Resolve.LARGER, loser=Loser.NUM)))
    world.one.put("a.jpg", "larger")
    world.two.put("a.jpg", "small")
    world.settle()
    assert world.one.files == {"a.jpg": "larger", "a.conflict1.jpg": "small"}


def test_loser_goes_to_the_trash_if_that_was_asked() -> None:
    world = World(wishes=Wishes(Policy(resolve=Resolve.ONE, loser=Loser.DELETE)))
    world.one.put("a.jpg", "one")
    world.two.put("a.jpg", "two")
    made = world.settle()
    assert world.one.files == {"a.jpg": "one"}
    assert world.trash == ["two"]
    assert made.conflicts[0].moved_to is None


def test_nobody_goes_to_the_trash_without_a_winner() -> None:
    world = World(wishes=Wishes(Policy(resolve=Resolve.NEWER, loser=Loser.DELETE)))
    world.one.put("a.jpg", "one", modified=5)
    world.two.put("a.jpg", "two", modified=5)
    world.settle()
    assert sorted(world.one.files.values()) == ["one", "two"]
    assert world.trash == []


def test_conflict_of_a_conflict() -> None:
    world = World(wishes=Wishes(Policy(host="desk", when=WHEN)))
    world.one.put("a.jpg", "one")
    world.two.put("a.jpg", "two")
    world.one.put("A (conflict desk 2024-05-01 12.30.05).jpg", "in the way")
    world.settle()
    assert len(world.one.files) == 3
    assert "a (conflict desk 2024-05-01 12.30.05) 2.jpg" in world.one.files
