"""What a run that was killed left under a waiting name gets its own again; a copy goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mirrorfs.core.digest import of
from mirrorfs.core.paths import ROOT, RemotePath, parse
from sync.aside import aside, is_aside, own_name
from sync.brake import Limits, check
from sync.model import Move, Remove, Side
from tests.sync.world import CLOUD, Half, World, agreed

WAITING = aside(parse("a.jpg"), ROOT)
MUTE = replace(CLOUD, digest=None)


def names(world: World) -> set[str]:
    return {*world.one.files, *world.two.files}


@pytest.mark.parametrize("path", ["a.jpg", "d/a.jpg", "a", "d/.hidden", "a.tar.gz", "a.b c"])
def test_own_name_is_what_it_was(path: str) -> None:
    folder = RemotePath(path.rpartition("/")[0])
    assert own_name(aside(parse(path), folder)) == path
    assert own_name(aside(aside(parse(path), folder), folder)) == path
    assert own_name(parse(path)) == path


@pytest.mark.parametrize("side", Side)
def test_a_second_copy_goes_to_the_trash(side: Side) -> None:
    world = agreed("a.jpg", "b.jpg")
    world.half(side).put(WAITING, "body of a.jpg")
    plan = world.settle()
    assert [type(one) for one in plan.actions] == [Remove]
    assert names(world) == {"a.jpg", "b.jpg"}
    assert world.trash == ["body of a.jpg"]
    assert world.sent == 0


@pytest.mark.parametrize("side", Side)
def test_the_only_holder_of_its_bytes_is_brought_back(side: Side) -> None:
    world = agreed("b.jpg")
    world.half(side).put(WAITING, "alone")
    world.settle()
    assert world.one.files == {"a.jpg": "alone", "b.jpg": "body of b.jpg"}
    assert world.trash == []


def test_where_its_name_is_taken_it_gets_another() -> None:
    world = agreed("a.jpg")
    world.one.put(WAITING, "alone")
    world.settle()
    assert sorted(world.one.files.values()) == ["alone", "body of a.jpg"]
    assert not any(map(is_aside, map(parse, names(world))))
    assert world.trash == []


def test_of_two_that_are_the_only_ones_one_stays() -> None:
    world = agreed("c.jpg")
    world.one.put(WAITING, "alone")
    world.one.put(aside(parse("b.jpg"), ROOT), "alone")
    world.settle()
    assert list(world.one.files.values()).count("alone") == 1
    assert world.trash == ["alone"]


def test_what_is_about_to_go_is_no_other_copy() -> None:
    world = agreed("b.jpg", "c.jpg", "d.jpg")
    world.one.put(WAITING, "body of b.jpg")
    world.two.delete(parse("b.jpg"))
    world.settle()
    assert world.two.files["a.jpg"] == "body of b.jpg"


def test_what_is_about_to_be_replaced_is_no_other_copy() -> None:
    world = agreed("b.jpg", "c.jpg")
    world.one.put(WAITING, "body of b.jpg")
    world.two.put("b.jpg", "newer")
    world.settle()
    assert world.two.files["a.jpg"] == "body of b.jpg"
    assert world.two.files["b.jpg"] == "newer"


def test_nothing_goes_whose_bytes_are_not_known() -> None:
    world = agreed("a.jpg", "b.jpg", one=Half("one", MUTE))
    world.one.put(WAITING, "body of a.jpg")
    world.settle()
    assert sorted(world.two.files.values()) == ["body of a.jpg", "body of a.jpg", "body of b.jpg"]
    assert world.trash == []


@pytest.mark.parametrize("traits", [CLOUD, MUTE])
def test_it_is_known_again_by_its_name_where_nothing_else_tells(traits: object) -> None:
    world = agreed("a.jpg", "b.jpg", one=Half("one", traits))  # type: ignore[arg-type]
    world.one.delete(parse("a.jpg"))
    world.one.put(WAITING, "body of a.jpg", id_="another")
    world.settle()
    assert world.one.files == {"a.jpg": "body of a.jpg", "b.jpg": "body of b.jpg"}


def test_what_was_left_makes_room_for_what_steps_aside_now() -> None:
    world = agreed("a.jpg", "b.jpg", "c.jpg")
    for path, id_ in (("a.jpg", "2"), ("b.jpg", "1")):
        body = "body of b.jpg" if path == "a.jpg" else "body of a.jpg"
        world.one.put(path, body, id_=id_)
    world.one.move(parse("a.jpg"), parse("between"))
    world.one.move(parse("b.jpg"), parse("a.jpg"))
    world.one.move(parse("between"), parse("b.jpg"))
    world.two.put(WAITING, "body of c.jpg")
    world.settle()
    assert names(world) == {"a.jpg", "b.jpg", "c.jpg"}


def test_what_was_left_and_goes_elsewhere_makes_room_too() -> None:
    world = agreed("c", "d")
    world.two.move(parse("c"), aside(parse("c"), ROOT))
    world.one.move(parse("c"), parse("d2/a"))
    world.one.put("c/a", "inside")
    world.two.put("c", "newer")
    world.settle()
    assert not any(map(is_aside, map(parse, names(world))))
    assert set(world.one.files.values()) == {"body of c", "body of d", "inside", "newer"}


def test_both_sides_may_have_it() -> None:
    world = World()
    for side in Side:
        world.half(side).put(WAITING, "alone")
    plan = world.settle()
    assert names(world) == {"a.jpg"}
    assert [type(one) for one in plan.actions] == [Move, Move]
    assert world.sent == 0


def test_a_copy_that_goes_is_no_deletion() -> None:
    world = agreed("a.jpg")
    world.one.put(WAITING, "body of a.jpg")
    now = world.look()
    assert world.plan().actions
    assert check(now, world.plan(), Limits(max_deletes=0)) == ()
    assert of(b"body of a.jpg") == now.trees[Side.ONE].entries[WAITING].digest
