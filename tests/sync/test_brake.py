from __future__ import annotations

from dataclasses import replace

import pytest

from mirrorfs.core.paths import parse
from sync.brake import (
    Danger,
    Limits,
    check,
    check_one_way,
    filters_changed,
)
from sync.model import Side
from sync.oneway import Rules, plan_one_way
from tests.sync.world import World, agreed

COPY = Rules()
NAMES = [f"{number}.jpg" for number in range(10)]


def dangers(world: World, limits: Limits | None = None) -> list[Danger]:
    found = check(world.look(), world.plan(), limits or Limits())
    assert all(one.sentence.endswith(".") or "?" in one.sentence for one in found)
    assert all(one.way_out.endswith(".") for one in found)
    return [one.danger for one in found]


def test_nothing_is_wrong_with_few_changes() -> None:
    world = agreed(*NAMES)
    for name in NAMES[:5]:
        world.one.delete(name)
    world.one.put(NAMES[6], "edited")
    assert dangers(world) == []


def test_more_deletions_than_the_limit() -> None:
    world = agreed(*NAMES)
    for name in NAMES[:6]:
        world.one.delete(name)
    assert dangers(world) == [Danger.DELETES]
    assert dangers(world, Limits(max_delete=60)) == []
    assert dangers(world, Limits(max_delete=100, max_deletes=5)) == [Danger.DELETES]
    (refusal,) = check(world.look(), world.plan(), Limits())
    assert "6 of 10 files" in refusal.sentence
    assert "path2" in refusal.sentence


@pytest.mark.parametrize("keeps_ids", [True, False])
def test_renames_are_no_deletions(keeps_ids: bool) -> None:
    world = agreed(*(f"d/{name}" for name in NAMES))
    world.one.keeps_ids = keeps_ids
    world.one.move("d", "e")
    assert dangers(world, Limits(max_delete=0)) == []


@pytest.mark.parametrize("side", Side)
def test_empty_side(side: Side) -> None:
    world = agreed(*NAMES)
    for name in NAMES:
        world.half(side).delete(name)
    assert dangers(world)[0] is Danger.EMPTY
    assert side.value in check(world.look(), world.plan(), Limits())[0].sentence


def test_first_run_onto_an_empty_side_is_fine() -> None:
    world = World()
    world.one.put("a.jpg", "a")
    assert dangers(world) == []


def test_everything_changed_at_once() -> None:
    world = agreed(*NAMES)
    for name in NAMES:
        world.two.put(name, "encrypted")
    assert dangers(world) == [Danger.EVERYTHING]
    world.two.put(NAMES[0], f"body of {NAMES[0]}")
    assert dangers(world) == []


def test_everything_touched_is_fine() -> None:
    world = agreed(*NAMES)
    for name in NAMES:
        world.one.touch(name)
    assert dangers(world) == []


def test_canary() -> None:
    limits = Limits(canary="RCLONE_TEST")
    world = agreed("a.jpg")
    assert dangers(world, limits) == [Danger.CANARY]
    world.one.put("d/RCLONE_TEST", "")
    assert dangers(world, limits) == [Danger.CANARY]
    world.two.put("d/RCLONE_TEST", "")
    assert dangers(world, limits) == []
    world.two.put("e/RCLONE_TEST", "")
    (refusal,) = check(world.look(), world.plan(), limits)
    assert refusal.sentence.startswith("e/RCLONE_TEST is missing on path1")
    assert not refusal.may_force


def test_filters() -> None:
    assert filters_changed("key", "key") is None
    changed = filters_changed("key", "other")
    assert changed
    assert (changed.danger, changed.may_force) == (Danger.FILTERS, False)


def one_way(world: World, limits: Limits) -> list[Danger]:
    now = world.look()
    return [
        one.danger for one in check_one_way(now, plan_one_way(now, Rules(deletes=True)), limits)
    ]


def test_one_way() -> None:
    world = World()
    for name in NAMES:
        world.two.put(name, name)
    assert one_way(world, Limits()) == [Danger.EMPTY, Danger.DELETES]
    for name in NAMES[:4]:
        world.one.put(name, name)
    assert one_way(world, Limits()) == [Danger.DELETES]
    assert one_way(world, Limits(max_delete=60)) == []
    world.withheld[Side.ONE] = {parse(name): "It cannot be read." for name in NAMES[4:]}
    assert one_way(world, replace(Limits(), max_delete=0)) == []


@pytest.mark.parametrize("rules", [COPY, Rules(deletes=True)])
def test_a_place_that_held_files_is_not_filled_anew_unasked(rules: Rules) -> None:
    world = agreed(*NAMES)
    for name in NAMES:
        world.two.delete(name)
    (refusal,) = check_one_way(world.look(), plan_one_way(world.look(), rules), Limits())
    assert (refusal.danger, refusal.may_force) == (Danger.EMPTY, True)
    assert "path2 holds no file at all, and 10 files were there" in refusal.sentence
    world.two.put(NAMES[0], "one of them")
    assert check_one_way(world.look(), plan_one_way(world.look(), rules), Limits()) == ()


def test_a_new_place_is_filled() -> None:
    world = World()
    world.one.put("a.jpg", "new")
    assert check_one_way(world.look(), plan_one_way(world.look(), COPY), Limits()) == ()
