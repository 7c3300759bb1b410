from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from mirrorfs.core.paths import parse
from sync.compare import By, Compare
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
    Touch,
)
from sync.oneway import Rules, cleared, plan_one_way
from tests.sync.world import CLOUD, Half, World

COPY, SYNC, MOVE = Rules(), Rules(deletes=True), Rules(tells_equal=True)


def run(world: World, rules: Rules = SYNC) -> Plan:
    before = dict(world.one.entries)
    made = plan_one_way(world.look(), rules)
    world.carry_out(made.actions)
    assert world.one.entries == before
    return made


def settle(world: World, rules: Rules = SYNC) -> list[type[Action]]:
    made = run(world, rules)
    again = plan_one_way(world.look(), replace(rules, tells_equal=False))
    assert again.actions == ()
    return [type(action) for action in made.actions]


def mirrored(*files: str, **halves: Half) -> World:
    world = World(**halves)
    for path in files:
        world.one.put(path, f"body of {path}")
    settle(world)
    world.sent = 0
    return world


def test_copy_deletes_nothing() -> None:
    world = World()
    world.one.put("d/a.jpg", "a")
    world.two.put("mine.jpg", "mine")
    assert settle(world, COPY) == [MakeFolder, Copy]
    assert world.two.files == {"d/a.jpg": "a", "mine.jpg": "mine"}
    world.one.delete("d")
    assert settle(world, COPY) == [Forget]
    assert set(world.two.files) == {"d/a.jpg", "mine.jpg"}


def test_sync_makes_the_second_like_the_first() -> None:
    world = World()
    world.one.put("d/a.jpg", "a")
    world.one.put("same.jpg", "same")
    world.two.put("same.jpg", "same")
    world.two.put("d/a.jpg", "old")
    world.two.put("e/f/mine.jpg", "mine")
    assert settle(world) == [Adopt, Copy, Remove, Remove, Remove]
    assert world.two.files == world.one.files
    assert world.two.folders == {"d"}
    assert sorted(world.trash) == ["mine", "old"]


def test_unchanged_takes_nothing() -> None:
    assert plan_one_way(mirrored("d/a.jpg").look(), SYNC).actions == ()


@pytest.mark.parametrize("rules", [COPY, SYNC])
def test_edit_here_or_there_is_put_right(rules: Rules) -> None:
    world = mirrored("a.jpg", "b.jpg", "c.jpg")
    world.one.put("a.jpg", "edited")
    world.two.put("b.jpg", "spoiled")
    world.two.delete("c.jpg")
    assert settle(world, rules) == [Copy, Copy, Copy]
    assert world.two.files == world.one.files


def test_rename_here_is_a_rename_there() -> None:
    world = mirrored("a.jpg", "b.jpg")
    world.one.move("a.jpg", "d/n.jpg")
    assert settle(world) == [MakeFolder, Move]
    assert (world.sent, world.trash) == (0, [])
    assert world.two.files == world.one.files


def test_rename_there_is_undone() -> None:
    world = mirrored("a.jpg", "b.jpg")
    world.two.move("a.jpg", "n.jpg")
    assert settle(world) == [Move]
    assert world.two.files == world.one.files


def test_rename_without_a_past_is_known_by_its_bytes() -> None:
    world = World()
    world.one.put("new.jpg", "the same bytes")
    world.two.put("old.jpg", "the same bytes")
    assert settle(world) == [Move]


def test_rename_is_a_copy_where_nothing_is_deleted() -> None:
    world = mirrored("a.jpg")
    world.one.move("a.jpg", "n.jpg")
    assert settle(world, COPY) == [Copy]
    assert set(world.two.files) == {"a.jpg", "n.jpg"}


def test_shift_of_500_files_moves_no_byte() -> None:
    names = [f"{number:03}.jpg" for number in range(501)]
    world = mirrored(*names[:-1])
    for old, new in reversed(list(pairwise(names))):
        world.one.move(old, new)
    assert settle(world) == [Move] * 500
    assert world.two.files == world.one.files


def test_two_files_change_places() -> None:
    world = mirrored("a.jpg", "b.jpg")
    world.one.swap("a.jpg", "b.jpg")
    settle(world)
    assert (world.sent, world.trash) == (0, [])
    assert world.two.files == world.one.files


def test_another_file_at_the_old_place_is_not_taken_for_it() -> None:
    world = mirrored("a.jpg")
    world.two.move("a.jpg", "b.jpg")
    world.two.put("a.jpg", "another")
    settle(world, COPY)
    assert world.two.files == {"a.jpg": "body of a.jpg", "b.jpg": "body of a.jpg"}


def test_file_and_folder() -> None:
    world = mirrored("x", "y/a.jpg")
    world.one.delete("x")
    world.one.put("x/inside.jpg", "inside")
    world.one.delete("y")
    world.one.put("y", "file")
    blocked = plan_one_way(world.look(), COPY)
    assert {skip.path for skip in blocked.skips} == {"x", "x/inside.jpg", "y"}
    settle(world)
    assert world.two.files == world.one.files


def test_update_leaves_what_is_newer() -> None:
    world = World()
    world.one.put("newer.jpg", "mine", modified=100)
    world.one.put("older.jpg", "mine", modified=100)
    world.two.put("newer.jpg", "theirs", modified=50)
    world.two.put("older.jpg", "theirs", modified=150)
    run(world, Rules(deletes=True, update=True))
    assert world.two.files == {"newer.jpg": "mine", "older.jpg": "theirs"}


def test_ignore_existing_leaves_what_is_there() -> None:
    world = World()
    world.one.put("a.jpg", "mine")
    world.one.put("b.jpg", "mine")
    world.two.put("a.jpg", "theirs")
    run(world, Rules(deletes=True, ignore_existing=True))
    assert world.two.files == {"a.jpg": "theirs", "b.jpg": "mine"}


def test_immutable_names_what_differs() -> None:
    world = World()
    world.one.put("a.jpg", "mine")
    world.two.put("a.jpg", "theirs")
    made = run(world, Rules(deletes=True, immutable=True))
    assert made.actions == ()
    assert [(skip.path, skip.error) for skip in made.skips] == [("a.jpg", True)]


def test_size_only_and_ignore_size() -> None:
    world = World()
    world.one.put("a.jpg", "mine", modified=5)
    world.two.put("a.jpg", "your", modified=9)
    world.compare = Compare(frozenset({By.SIZE}), trusts_times=True)
    assert settle(world) == [Adopt]
    world.rows.clear()
    world.two.put("a.jpg", "longer", modified=5)
    world.compare = Compare(frozenset({By.MODIFIED}), trusts_times=True)
    assert settle(world) == [Adopt]


def test_always_copies_what_is_equal() -> None:
    world = mirrored("a.jpg")
    assert [type(one) for one in run(world, Rules(always=True)).actions] == [Copy]


def test_touch_goes_one_way_only() -> None:
    world = mirrored("a.jpg", "b.jpg")
    world.one.touch("a.jpg", 5_000)
    world.two.touch("b.jpg", 6_000)
    assert settle(world) == [Touch, Touch]
    assert world.two.entries[parse("a.jpg")].modified == 5_000
    assert world.two.entries[parse("b.jpg")].modified != 6_000


@pytest.mark.parametrize("side", Side)
def test_withheld_is_not_deleted(side: Side) -> None:
    world = mirrored("d/a.jpg", "b.jpg")
    world.withheld[side] = {parse("d"): "It cannot be read."}
    made = run(world)
    assert made.actions == ()
    assert [(skip.path, skip.side) for skip in made.skips] == [("d", side)]


def test_withheld_on_the_first_keeps_what_the_second_has_there() -> None:
    world = World()
    world.one.put("b.jpg", "b")
    world.two.put("d/mine.jpg", "mine")
    world.withheld[Side.ONE] = {parse("d"): "It cannot be read."}
    run(world)
    assert world.two.files == {"b.jpg": "b", "d/mine.jpg": "mine"}


def test_what_the_second_cannot_hold_is_skipped() -> None:
    pictures = Half("two", replace(CLOUD, holds=frozenset({"jpg"})))
    world = World(two=pictures)
    world.one.put("a.jpg", "a")
    world.one.put("notes.txt", "text")
    made = run(world)
    assert [skip.path for skip in made.skips] == ["notes.txt"]
    assert world.two.files == {"a.jpg": "a"}


def test_what_a_side_converts_is_not_sent_again_and_replaces_nothing() -> None:
    videos = replace(CLOUD, converts=frozenset({"mp4"}), keeps_modified=False)
    there = mirrored("a.mp4", two=Half("two", videos))
    there.two.put("a.mp4", "processed")
    assert settle(there) == [Adopt]
    assert there.two.files == {"a.mp4": "processed"}
    back = World(one=Half("one", videos))
    back.one.put("a.mp4", "processed")
    back.two.put("a.mp4", "original")
    made = run(back)
    assert back.two.files == {"a.mp4": "original"}
    assert [(skip.path, skip.error) for skip in made.skips] == [("a.mp4", False)]


def test_empty_folders_only_if_wanted() -> None:
    world = World()
    world.one.mkdir(parse("d/e"))
    assert run(world).actions == ()
    assert len(run(world, Rules(deletes=True, empty_folders=True)).actions) == 2
    assert world.two.folders == {"d", "d/e"}
    world.one.delete("d")
    settle(world)
    assert world.two.folders == set()


def test_move_removes_only_what_is_there_for_certain() -> None:
    world = World()
    for name in ("same.jpg", "sent.jpg", "failed.jpg"):
        world.one.put(name, name)
    world.two.put("same.jpg", "same.jpg")
    now = world.look()
    made = plan_one_way(now, MOVE)
    outcomes = []
    for action in made.actions:
        fails = isinstance(action, Copy) and action.path == "failed.jpg"
        if not fails:
            world.do(action)
        outcomes.append(Outcome(action, Result.FAILED if fails else Result.DONE))
    world.carry_out(cleared(now, made, outcomes).actions)
    assert set(world.one.files) == {"failed.jpg"}
    assert set(world.two.files) == {"same.jpg", "sent.jpg"}
    assert world.rows == {}
