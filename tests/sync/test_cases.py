"""Every case that has a name: what two sides hold after it, and what it took."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from mirrorfs.core.paths import parse
from mirrorfs.core.provider import Traits
from sync.compare import By, Compare
from sync.conflict import Policy
from sync.model import (
    Adopt,
    Change,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Remove,
    Side,
    Touch,
)
from sync.plan import Wishes
from sync.table import RULES, TABLE, Keep, decide
from tests.sync.world import CLOUD, Half, World, agreed

A, B, C = "body of a.jpg", "body of b.jpg", "body of c.jpg"
KIND = "conflict 1970-01-01 00.00.00"


def kinds(plan: object) -> list[type]:
    return [type(action) for action in plan.actions]  # type: ignore[attr-defined]


def test_table_knows_all_pairs_that_there_are() -> None:
    past = set(Change) - {Change.NEW}
    assert set(TABLE) >= {(one, two) for one in past for two in past}
    assert set(TABLE) - {(one, two) for one in past for two in past} == {
        (Change.NEW, Change.NEW),
        (Change.NEW, Change.SAME),
        (Change.SAME, Change.NEW),
    }
    assert all(rule.why.endswith(".") for rule in RULES)
    assert len({frozenset((rule.first, rule.second)) for rule in RULES}) == len(RULES)


@pytest.mark.parametrize(("one", "two"), TABLE)
def test_table_is_fair_to_both_sides(one: Change, two: Change) -> None:
    mirrored = {Keep.ONE: Keep.TWO, Keep.TWO: Keep.ONE}
    there, back = decide(one, two), decide(two, one)
    assert mirrored.get(there, there) is back


def change(half: Half, what: Change) -> None:
    """Do ``what`` to ``a.jpg``; new bytes are called after the side."""
    match what:
        case Change.NEW | Change.EDITED:
            half.put("a.jpg", half.name)
        case Change.TOUCHED:
            half.touch("a.jpg", 7_000 + len(half.name))
        case Change.MOVED:
            half.move("a.jpg", f"{half.name}.jpg")
        case Change.DELETED:
            half.delete("a.jpg")
        case Change.RETYPED:
            half.delete("a.jpg")
            half.put("a.jpg/inside.jpg", "inside")


@pytest.mark.parametrize(("one", "two"), TABLE)
def test_each_row_of_the_table(one: Change, two: Change) -> None:
    """Both sides end alike, with the version that the table names, and with no other lost."""
    is_new = Change.NEW in {one, two}
    world = agreed("b.jpg") if is_new else agreed("a.jpg", "b.jpg")
    change(world.one, one)
    change(world.two, two)
    made = world.settle()
    left = set(world.one.files.values()) - {B, "inside"}
    edits = {half.name for half, what in ((world.one, one), (world.two, two))
             if what in {Change.NEW, Change.EDITED}}  # fmt: skip
    keep = decide(one, two)
    if keep is Keep.NEITHER:
        assert left == set()
    elif edits:
        assert left == edits
    else:
        assert left == {A}
    assert set(world.trash) <= {A}
    assert len(made.conflicts) == (keep is Keep.COMPARE) + (
        {one, two} == {Change.RETYPED, Change.EDITED}
    )
    if keep is Keep.EQUAL:
        assert world.sent == 0
    names = [f"{side.name.lower()}.jpg" for side in (Side.ONE, Side.TWO)
             if Change.MOVED is (one if side is Side.ONE else two)]  # fmt: skip
    if names:
        assert names[-1] in world.one.files
        assert world.one.files.keys().isdisjoint({"a.jpg"})


def exchange(half: Half) -> None:
    half.swap("a.jpg", "b.jpg")


def turn_into_folder(half: Half) -> None:
    half.delete("a.jpg")
    half.put("a.jpg/inside.jpg", "inside")


def turn_into_file(half: Half) -> None:
    half.move("x/c.jpg", "c.jpg")
    half.delete("x")
    half.put("x", "file")


def move_inwards(half: Half) -> None:
    half.move("a.jpg", "between")
    half.move("between", "a.jpg/a.jpg")


def rename_over(half: Half) -> None:
    half.delete("b.jpg")
    half.move("a.jpg", "b.jpg")


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    "act", [exchange, turn_into_folder, turn_into_file, move_inwards, rename_over]
)
def test_killed_at_every_step(act: Callable[[Half], None], side: Side) -> None:
    """The next run ends what a killed one began, and nothing is left beside."""
    steps = 1
    number = 0
    while number < steps:
        world = agreed("a.jpg", "b.jpg", "x/c.jpg", "x/d.jpg")
        act(world.half(side))
        wanted = world.half(side).files
        actions = world.plan().actions
        steps = len(actions)
        assert steps > 1
        for action in actions[:number]:
            world.do(action)
        world.moved.clear()
        for _ in range(3):
            world.run()
        assert world.one.files == world.two.files == wanted
        assert world.plan().actions == ()
        number += 1


def test_same_same() -> None:
    assert agreed("a.jpg").plan().actions == ()


@pytest.mark.parametrize("side", Side)
def test_new_here(side: Side) -> None:
    world = agreed("a.jpg")
    world.half(side).put("new/n.jpg", "new")
    assert kinds(world.settle()) == [MakeFolder, Copy]
    assert world.one.files == {"a.jpg": A, "new/n.jpg": "new"}
    assert world.trash == []


@pytest.mark.parametrize("side", Side)
def test_edited_here(side: Side) -> None:
    world = agreed("a.jpg")
    world.half(side).put("a.jpg", "edited")
    assert kinds(world.settle()) == [Copy]
    assert world.one.files == {"a.jpg": "edited"}
    assert world.trash == [A]


@pytest.mark.parametrize("side", Side)
def test_deleted_here(side: Side) -> None:
    world = agreed("a.jpg", "b.jpg")
    world.half(side).delete("a.jpg")
    assert kinds(world.settle()) == [Remove]
    assert world.one.files == {"b.jpg": B}
    assert world.trash == [A]


def test_deleted_on_both() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.delete("a.jpg")
    world.two.delete("a.jpg")
    assert kinds(world.settle()) == [Forget]
    assert world.trash == []


def test_edited_on_both_to_equal_bytes_never_conflicts() -> None:
    world = agreed("a.jpg")
    world.one.put("a.jpg", "edited")
    world.two.put("a.jpg", "edited", modified=77)
    assert kinds(world.settle()) == [Adopt]
    assert world.sent == 0


def test_new_on_both_with_equal_bytes_is_adopted() -> None:
    world = agreed("a.jpg")
    world.one.put("n.jpg", "new")
    world.two.put("n.jpg", "new", modified=77)
    made = world.settle()
    assert (kinds(made), made.conflicts) == ([Adopt], ())
    assert world.sent == 0


@pytest.mark.parametrize("path", ["a.jpg", "new.jpg"])
def test_edited_or_new_on_both_and_different_keeps_both(path: str) -> None:
    world = agreed("a.jpg")
    world.one.put(path, "mine")
    world.two.put(path, "theirs")
    made = world.settle()
    moved_to = path.replace(".jpg", f" ({KIND}).jpg")
    assert world.one.files.items() >= {path: "theirs", moved_to: "mine"}.items()
    assert kinds(made) == [Move, Copy, Copy]
    assert world.trash == []
    (conflict,) = made.conflicts
    assert (conflict.kept, conflict.moved_to) == (Side.TWO, moved_to)
    assert (conflict.one.size, conflict.two.size) == (4, 6)


@pytest.mark.parametrize("side", Side)
def test_edit_beats_delete(side: Side) -> None:
    world = agreed("d/a.jpg")
    world.half(side).put("d/a.jpg", "edited")
    world.half(side.other).delete("d")
    assert kinds(world.settle()) == [MakeFolder, Copy]
    assert world.one.files == {"d/a.jpg": "edited"}
    assert world.one.folders == world.two.folders == {"d"}


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("child", ["d/e/a.jpg", "d/e/new.jpg"])
def test_folder_deleted_here_with_a_child_edited_or_new_there(side: Side, child: str) -> None:
    world = agreed("d/e/a.jpg", "d/e/b.jpg", "d/f/c.jpg")
    world.half(side).delete("d")
    world.half(side.other).put(child, "edited")
    world.settle()
    assert world.one.files == {child: "edited"}
    assert world.one.folders == world.two.folders == {"d", "d/e"}
    assert len(world.trash) == (2 if child == "d/e/a.jpg" else 3)


@pytest.mark.parametrize("side", Side)
def test_folder_deleted_here_goes_there(side: Side) -> None:
    world = agreed("d/e/a.jpg", "d/b.jpg", "c.jpg")
    world.half(side).delete("d")
    assert kinds(world.settle()) == [Remove, Remove, Remove, Remove]
    assert world.one.folders == world.two.folders == set()


@pytest.mark.parametrize("side", Side)
def test_file_becomes_folder(side: Side) -> None:
    world = agreed("a.jpg")
    world.half(side).delete("a.jpg")
    world.half(side).put("a.jpg/inside.jpg", "inside")
    watched = Watched(world, side.other)
    watched.settle()
    assert world.one.files == {"a.jpg/inside.jpg": "inside"}
    assert world.trash == [A]
    assert all({A, "inside"} & bodies for bodies in watched.moments)


@pytest.mark.parametrize("side", Side)
def test_folder_becomes_file(side: Side) -> None:
    world = agreed("x/a.jpg", "x/y/b.jpg")
    world.half(side).delete("x")
    world.half(side).put("x", "file")
    watched = Watched(world, side.other)
    watched.settle()
    assert world.one.files == {"x": "file"}
    assert sorted(world.trash) == ["body of x/a.jpg", "body of x/y/b.jpg"]
    old = set(world.trash)
    assert all(old <= bodies or "file" in bodies for bodies in watched.moments)


def test_file_becomes_folder_and_was_edited_there() -> None:
    world = agreed("a.jpg")
    world.one.delete("a.jpg")
    world.one.put("a.jpg/inside.jpg", "inside")
    world.two.put("a.jpg", "edited")
    made = world.settle()
    assert world.one.files == {"a.jpg/inside.jpg": "inside", f"a ({KIND}).jpg": "edited"}
    assert len(made.conflicts) == 1
    assert world.trash == []


def test_folder_becomes_file_and_a_child_was_edited_there() -> None:
    world = agreed("x/a.jpg", "x/b.jpg")
    world.one.delete("x")
    world.one.put("x", "file")
    world.two.put("x/a.jpg", "edited")
    made = world.settle()
    assert world.one.files == {"x/a.jpg": "edited", f"x ({KIND})": "file"}
    assert len(made.conflicts) == 1
    assert world.trash == ["body of x/b.jpg"]


def test_new_file_against_new_folder() -> None:
    world = World()
    world.one.put("x", "file")
    world.two.put("x/a.jpg", "inside")
    world.settle()
    assert world.one.files == {"x/a.jpg": "inside", f"x ({KIND})": "file"}


@pytest.mark.parametrize("side", Side)
def test_rename_here(side: Side) -> None:
    world = agreed("a.jpg", "b.jpg")
    world.half(side).move("a.jpg", "d/n.jpg")
    assert kinds(world.settle()) == [MakeFolder, Move]
    assert world.one.files == {"b.jpg": B, "d/n.jpg": A}
    assert (world.sent, world.trash) == (0, [])


@pytest.mark.parametrize("side", Side)
def test_rename_here_without_ids_is_known_by_its_bytes(side: Side) -> None:
    world = agreed("a.jpg", "b.jpg")
    world.half(side).keeps_ids = False
    world.half(side).move("a.jpg", "n.jpg")
    assert kinds(world.settle()) == [Move]
    assert world.sent == 0


def test_rename_by_bytes_must_be_unambiguous() -> None:
    world = World()
    world.one.put("a.jpg", "twin")
    world.one.put("b.jpg", "twin")
    world.settle()
    world.one.keeps_ids = False
    world.one.move("a.jpg", "m.jpg")
    world.one.move("b.jpg", "n.jpg")
    assert kinds(world.settle()) == [Copy, Copy, Remove, Remove]


def test_rename_here_and_edit_there() -> None:
    world = agreed("a.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.put("a.jpg", "edited")
    world.settle()
    assert world.one.files == {"n.jpg": "edited"}
    assert world.trash == [A]


def test_rename_and_edit_here() -> None:
    world = agreed("a.jpg")
    world.two.move("a.jpg", "n.jpg")
    world.two.put("n.jpg", "edited")
    world.settle()
    assert world.one.files == {"n.jpg": "edited"}


def test_rename_and_edit_here_with_edit_there() -> None:
    world = agreed("a.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.one.put("n.jpg", "mine")
    world.two.put("a.jpg", "theirs")
    made = world.settle()
    assert world.one.files == {"n.jpg": "theirs", f"n ({KIND}).jpg": "mine"}
    assert len(made.conflicts) == 1


def test_rename_here_and_delete_there_keeps_it() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.delete("a.jpg")
    world.settle()
    assert world.one.files == {"b.jpg": B, "n.jpg": A}


@pytest.mark.parametrize("keeper", Side)
def test_rename_on_both_to_different_names_keeps_one_file(keeper: Side) -> None:
    world = agreed("a.jpg", wishes=Wishes(Policy(keeper)))
    world.one.move("a.jpg", "one.jpg")
    world.two.move("a.jpg", "two.jpg")
    made = world.settle()
    name = "one.jpg" if keeper is Side.ONE else "two.jpg"
    assert world.one.files == {name: A}
    assert kinds(made) == [Move]
    (skip,) = made.skips
    assert not skip.error
    assert name in skip.reason


def test_rename_on_both_to_the_same_name() -> None:
    world = agreed("a.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.move("a.jpg", "n.jpg")
    assert kinds(world.settle()) == [Adopt]
    assert list(world.rows) == ["n.jpg"]


def test_rename_with_another_new_file_of_that_name_there() -> None:
    world = agreed("a.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.put("n.jpg", "new there")
    made = world.settle()
    assert world.one.files == {"n.jpg": "new there", f"n ({KIND}).jpg": A}
    assert len(made.conflicts) == 1
    assert world.trash == []


def test_rename_with_the_same_file_new_under_that_name_there() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.put("n.jpg", A)
    made = world.settle()
    assert world.one.files == {"b.jpg": B, "n.jpg": A}
    assert (made.conflicts, world.sent) == ((), 0)


def test_renames_of_two_files_to_one_name() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.move("a.jpg", "n.jpg")
    world.two.move("b.jpg", "n.jpg")
    world.settle()
    assert world.one.files == {"n.jpg": B, f"n ({KIND}).jpg": A}


def test_rename_over_a_file_that_was_edited_there() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.delete("b.jpg")
    world.one.move("a.jpg", "b.jpg")
    world.two.put("b.jpg", "edited")
    world.settle()
    assert world.one.files == {"b.jpg": "edited", f"b ({KIND}).jpg": A}


def test_rename_over_a_file_that_both_removed() -> None:
    world = agreed("a.jpg", "b.jpg", "c.jpg")
    world.one.delete("b.jpg")
    world.two.delete("b.jpg")
    world.one.move("a.jpg", "b.jpg")
    assert kinds(world.settle()) == [Move]


def test_rename_over_a_file_moves_no_byte() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.delete("b.jpg")
    world.one.move("a.jpg", "b.jpg")
    assert kinds(world.settle()) == [Remove, Move]
    assert world.one.files == {"b.jpg": A}
    assert world.trash == [B]


@pytest.mark.parametrize("side", Side)
def test_shift_of_500_files_moves_no_byte(side: Side) -> None:
    names = [f"{number:03}.jpg" for number in range(501)]
    world = agreed(*names[:-1])
    for old, new in reversed(list(pairwise(names))):
        world.half(side).move(old, new)
    assert kinds(world.settle()) == [Move] * 500
    assert (world.sent, world.trash) == (0, [])


@pytest.mark.parametrize("side", Side)
def test_two_files_change_places(side: Side) -> None:
    world = agreed("a.jpg", "d/b.jpg")
    world.half(side).swap("a.jpg", "d/b.jpg")
    world.settle()
    assert world.one.files == {"a.jpg": "body of d/b.jpg", "d/b.jpg": A}
    assert (world.sent, world.trash) == (0, [])


def test_three_files_change_places() -> None:
    world = agreed("a.jpg", "b.jpg", "c.jpg")
    world.one.swap("a.jpg", "b.jpg")
    world.one.swap("b.jpg", "c.jpg")
    world.settle()
    assert world.one.files == {"a.jpg": B, "b.jpg": C, "c.jpg": A}
    assert world.sent == 0


def test_file_moves_into_a_folder_of_its_own_name() -> None:
    world = agreed("x")
    world.one.move("x", "y")
    world.one.move("y", "x/x")
    world.settle()
    assert world.one.files == {"x/x": "body of x"}
    assert (world.sent, world.trash) == (0, [])


def test_file_and_folder_change_places() -> None:
    world = agreed("x/a.jpg", "y")
    world.one.move("x", "z")
    world.one.move("y", "x")
    world.one.move("z", "y")
    world.settle()
    assert world.one.files == {"x": "body of y", "y/a.jpg": "body of x/a.jpg"}
    assert (world.sent, world.trash) == (0, [])


@pytest.mark.parametrize("side", Side)
def test_folder_moves_with_what_is_in_it(side: Side) -> None:
    world = agreed("d/a.jpg", "d/e/b.jpg")
    world.one.mkdir(parse("d/empty"))
    world.settle()
    world.half(side).move("d", "n/d")
    made = world.settle()
    assert kinds(made).count(Move) == 2
    assert world.one.folders == world.two.folders == {"n", "n/d", "n/d/e", "n/d/empty"}
    assert (world.sent, world.trash) == (0, [])


def test_empty_folders_come_and_go() -> None:
    world = agreed("a.jpg")
    world.one.mkdir(parse("d/e"))
    assert kinds(world.settle()) == [MakeFolder, MakeFolder]
    world.two.delete("d/e")
    assert kinds(world.settle()) == [Remove]
    assert world.one.folders == {"d"}


def test_empty_folders_are_not_made_unless_wanted() -> None:
    world = agreed("a.jpg", wishes=Wishes(empty_folders=False))
    world.one.mkdir(parse("d"))
    assert world.settle().actions == ()
    world.one.put("d/a.jpg", "inside")
    world.settle()
    world.one.delete("d")
    world.settle()
    assert world.two.folders == set()


@pytest.mark.parametrize("side", Side)
def test_touch_moves_no_byte(side: Side) -> None:
    world = agreed("a.jpg")
    world.half(side).touch("a.jpg", 5_000)
    assert kinds(world.settle()) == [Touch]
    assert world.sent == 0
    assert world.half(side.other).entries[parse("a.jpg")].modified == 5_000


def test_touch_goes_nowhere_where_times_are_not_kept() -> None:
    world = agreed("a.jpg")
    world.two.traits = replace(CLOUD, keeps_modified=False)
    world.one.touch("a.jpg", 5_000)
    assert kinds(world.settle()) == [Adopt]


def test_touch_is_no_edit() -> None:
    world = agreed("a.jpg", "b.jpg", "c.jpg")
    for path in ("a.jpg", "b.jpg", "c.jpg"):
        world.one.touch(path)
    world.two.put("a.jpg", "edited")
    world.two.delete("b.jpg")
    world.two.touch("c.jpg")
    made = world.settle()
    assert world.one.files == {"a.jpg": "edited", "c.jpg": C}
    assert made.conflicts == ()


def test_metadata_only_moves_nothing() -> None:
    world = agreed("a.jpg")
    path = parse("a.jpg")
    world.two.entries[path] = replace(world.two.entries[path], facts={"caption": "new"})
    assert world.plan().actions == ()


def test_new_id_for_the_same_bytes_is_no_edit() -> None:
    world = agreed("a.jpg")
    path = parse("a.jpg")
    world.two.entries[path] = replace(world.two.entries[path], id="another")
    assert kinds(world.settle()) == [Adopt]


def test_inode_that_is_given_again_is_no_rename() -> None:
    local = Traits("local", "md5", whole_scan=False, changes=False, reuses_ids=True)
    world = agreed("a.jpg", one=Half("one", local))
    number = world.one.entries[parse("a.jpg")].id
    world.one.delete("a.jpg")
    world.one.put("b.jpg", "another picture", id_=number)
    assert kinds(world.settle()) == [Copy, Remove]


def test_first_run_is_a_union_that_deletes_nothing() -> None:
    world = World()
    for half, mine in ((world.one, "one"), (world.two, "two")):
        half.put(f"{mine}/{mine}.jpg", mine)
        half.put("both/same.jpg", "same")
        half.put("both/other.jpg", mine)
    made = world.settle()
    assert world.one.files == {
        "one/one.jpg": "one",
        "two/two.jpg": "two",
        "both/same.jpg": "same",
        "both/other.jpg": "two",
        f"both/other ({KIND}).jpg": "one",
    }
    assert Remove not in kinds(made)
    assert world.trash == []


def test_lost_manifest_brings_back_and_loses_nothing() -> None:
    world = agreed("a.jpg", "b.jpg")
    world.one.delete("a.jpg")
    world.one.put("b.jpg", "edited")
    world.rows.clear()
    world.settle()
    assert world.one.files == {"a.jpg": A, "b.jpg": B, f"b ({KIND}).jpg": "edited"}


def test_first_run_by_size_and_time_where_that_is_enough() -> None:
    plain = Traits("local", None, whole_scan=False, changes=False)
    world = World(Half("one", plain), Half("two", plain))
    world.one.put("a.jpg", "same", modified=5)
    world.two.put("a.jpg", "same", modified=5)
    world.compare = Compare(trusts_times=True)
    assert kinds(world.settle()) == [Adopt]
    world.rows.clear()
    world.compare = Compare()
    assert len(world.plan().conflicts) == 1


@pytest.mark.parametrize("side", Side)
def test_withheld_is_neither_deleted_nor_touched(side: Side) -> None:
    world = agreed("d/a.jpg", "d/b.jpg", "c.jpg")
    world.withheld[side] = {parse("d/a.jpg"): "It is still being processed."}
    world.half(side.other).put("d/a.jpg", "edited")
    world.half(side.other).delete("d/b.jpg")
    made = world.run()
    assert kinds(made) == [Remove]
    (skip,) = made.skips
    assert (skip.path, skip.side, skip.error) == ("d/a.jpg", side, True)
    world.withheld.clear()
    world.settle()
    assert world.one.files == {"c.jpg": C, "d/a.jpg": "edited"}


@pytest.mark.parametrize("side", Side)
def test_withheld_folder_stays_whatever_happens_there(side: Side) -> None:
    world = agreed("d/e/a.jpg", "c.jpg")
    world.withheld[side] = {parse("d/e"): "It cannot be read."}
    world.half(side.other).delete("d")
    assert world.run().actions == ()
    world.half(side.other).put("d/e/new.jpg", "new")
    assert MakeFolder not in kinds(world.run())


def test_left_out_is_as_withheld_and_not_told_of() -> None:
    world = agreed("d/a.jpg", "c.jpg")
    world.left_out[Side.ONE] = frozenset({parse("d/a.jpg")})
    made = world.run()
    assert (made.actions, made.skips) == ((), ())


def test_case_twins_one_is_served_and_the_other_named() -> None:
    world = World(two=Half("two", replace(CLOUD, case_sensitive=False)))
    for path in ("a.jpg", "A.jpg", "d/x.jpg", "D/y.jpg"):
        world.one.put(path, path)
    made = world.run()
    assert world.two.files == {"A.jpg": "A.jpg", "D/y.jpg": "D/y.jpg"}
    assert {skip.path for skip in made.skips} == {"a.jpg", "d", "d/x.jpg"}
    assert world.plan().actions == ()
    assert set(world.one.files) == {"a.jpg", "A.jpg", "d/x.jpg", "D/y.jpg"}


def test_case_twins_of_two_sides_are_left_alone() -> None:
    world = World(two=Half("two", replace(CLOUD, case_sensitive=False)))
    world.one.put("a.jpg", "one")
    world.two.put("A.JPG", "two")
    made = world.run()
    assert {skip.path for skip in made.skips} == {"a.jpg"}
    assert world.two.files == {"A.JPG": "two"}


def test_rename_in_case_alone() -> None:
    world = agreed("a.jpg", two=Half("two", replace(CLOUD, case_sensitive=False)))
    world.one.move("a.jpg", "A.jpg")
    assert kinds(world.settle()) == [Move]


def test_two_spellings_of_one_letter_are_one_file() -> None:
    world = World()
    world.one.put("u\u0308.jpg", "same")
    world.two.put("\u00fc.jpg", "same")
    assert kinds(world.settle()) == [Adopt]


def test_what_a_side_cannot_hold_is_skipped_and_the_rest_goes_on() -> None:
    pictures = replace(CLOUD, holds=frozenset({"jpg"}), holds_empty_files=False)
    world = agreed("b.jpg", "c.jpg", two=Half("two", pictures))
    world.one.put("a.jpg", "picture")
    world.one.put("notes.txt", "text")
    world.one.put("none", "text")
    world.one.put("empty.jpg", "")
    world.one.put("b.jpg", "")
    world.one.move("c.jpg", "c.txt")
    made = world.run()
    assert {skip.path for skip in made.skips} == {
        "notes.txt", "none", "empty.jpg", "b.jpg", "c.txt",
    }  # fmt: skip
    assert all(skip.side is Side.TWO and skip.error for skip in made.skips)
    assert world.two.files == {"a.jpg": "picture", "b.jpg": B, "c.jpg": C}
    assert world.plan().actions == ()


def test_conflict_that_a_side_cannot_hold_stays_as_it_is() -> None:
    world = agreed("a.jpg", two=Half("two", replace(CLOUD, holds_empty_files=False)))
    world.one.put("a.jpg", "")
    world.two.put("a.jpg", "edited")
    made = world.run()
    assert (made.actions, made.conflicts) == ((), ())
    assert {skip.side for skip in made.skips} == {Side.ONE, Side.TWO}
    assert (world.one.files, world.two.files) == ({"a.jpg": ""}, {"a.jpg": "edited"})


def test_side_that_gives_files_another_type() -> None:
    world = World()
    heic, jpeg = world.one.put("d/p.heic", "heic"), world.two.put("d/p.jpg", "jpeg")
    world.do(Adopt(parse("d"), world.one.mkdir(parse("d")), world.two.mkdir(parse("d"))))
    world.do(Adopt(heic.path, heic, jpeg))
    assert world.plan().actions == ()
    world.one.move("d/p.heic", "d/q.heic")
    world.run()
    assert set(world.two.files) == {"d/q.jpg"}
    world.two.move("d/q.jpg", "e/q.jpg")
    world.run()
    assert set(world.one.files) == {"e/q.heic"}
    assert set(world.rows) == {"d", "e", "e/q.heic"}
    world.one.delete("e/q.heic")
    world.run()
    assert world.two.files == {}


VIDEOS = replace(CLOUD, converts=frozenset({"mp4"}), keeps_modified=False)


def test_side_that_converts_is_never_taken_for_newer() -> None:
    world = agreed("a.mp4", "b.mp4", two=Half("two", VIDEOS))
    world.two.put("a.mp4", "processed again")
    world.two.put("b.mp4", "processed again")
    world.one.delete("b.mp4")
    made = world.run()
    assert world.one.files == {"a.mp4": "body of a.mp4"}
    assert world.two.files == {"a.mp4": "processed again"}
    assert [(skip.path, skip.error) for skip in made.skips] == [("a.mp4", False), ("b.mp4", False)]
    assert world.plan().actions == ()
    world.one.put("a.mp4", "edited")
    world.settle()


def test_side_that_converts_is_left_alone_on_first_contact() -> None:
    world = World(two=Half("two", VIDEOS))
    world.one.put("a.mp4", "original")
    world.two.put("a.mp4", "processed")
    made = world.run()
    assert (made.actions, made.conflicts) == ((), ())
    assert [skip.path for skip in made.skips] == ["a.mp4"]


def test_size_alone() -> None:
    world = agreed("a.jpg", compare=Compare(frozenset({By.SIZE})))
    world.one.put("a.jpg", A[::-1])
    assert world.plan().actions == ()


class Watched:
    """A world that tells, after each action, which bodies a side holds."""

    def __init__(self, world: World, side: Side) -> None:
        self.world, self.side = world, side
        self.moments: list[set[str]] = []

    def settle(self) -> None:
        for action in self.world.plan().actions:
            self.world.do(action)
            self.moments.append(set(self.world.half(self.side).bodies.values()))
        assert self.world.plan().actions == ()
