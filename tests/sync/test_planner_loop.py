"""Random trees changed at random on both sides, brought in line by plans that partly fail.

What must hold whatever happens: it ends, both sides are alike then, another plan is empty, and
no version of a file that was not agreed on before is in the trash alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.provider import Traits
from sync.compare import Compare
from sync.model import Action, Side
from tests.sync.world import Half, Refused, World

NAMES = ["a.jpg", "b.jpg", "c", "d/a.jpg", "d/e/b.jpg", "d/e/c", "c/a.jpg", "c/d/b.jpg"]
FOLDERS = ["d", "d/e", "c", "c/d", "f"]
BODIES = ["", "1", "22", "*", "*", "*"]
"""A star stands for bytes that were never there before."""
ROUNDS = 8

LOCAL = Traits("local", None, whole_scan=False, changes=False, reuses_ids=True)
CLOUD = Traits("cloud", "md5", whole_scan=True, changes=True)
DIGESTS = Traits("hashed", "md5", whole_scan=False, changes=False, reuses_ids=True)


@dataclass(frozen=True)
class Step:
    side: Side
    verb: str
    path: str
    to: str
    body: str


steps = st.builds(
    Step,
    st.sampled_from(Side),
    st.sampled_from(["put", "put", "move", "move", "swap", "delete", "touch", "mkdir", "replace"]),
    st.sampled_from(NAMES + FOLDERS),
    st.sampled_from(NAMES + FOLDERS),
    st.sampled_from(BODIES),
)


def perturb(half: Half, step: Step) -> None:
    """Change one side as a user does, if that can be done."""
    path, to = paths.parse(step.path), paths.parse(step.to)
    there = half.entries.get(path)
    try:
        match step.verb:
            case "put":
                half.put(path, fresh(half, step.body))
            case "replace":
                if there:
                    half.delete(path)
                half.put(path, fresh(half, step.body))
            case "move" if there and not paths.is_within(to, path):
                half.move(path, to)
            case "swap" if {path, to} <= half.bodies.keys() and path != to:
                half.swap(path, to)
            case "delete" if there:
                half.delete(path)
            case "touch" if there and not there.is_folder:
                half.touch(path)
            case "mkdir":
                half.mkdir(path)
    except Refused:
        pass


def fresh(half: Half, body: str) -> str:
    return f"{half.name}{next(half.numbers)}" if body == "*" else body


def halves(draw: st.DrawFn) -> World:
    first = draw(st.sampled_from([LOCAL, DIGESTS, CLOUD]))
    second = draw(st.sampled_from([CLOUD, DIGESTS]))
    world = World(compare=Compare(trusts_times=False))
    world.one = Half("one", first, keeps_ids=draw(st.booleans()))
    world.two = Half("two", second, keeps_ids=draw(st.booleans()))
    return world


def accidents(draw: st.DrawFn) -> Callable[[object], bool]:
    """Return what says of each action whether it fails; after a crash all do."""
    crash, failing = draw(st.integers(0, 40)), draw(st.sets(st.integers(1, 20)))
    numbers = itertools.count(1)
    return lambda _action: (number := next(numbers)) > crash or number in failing


def shuffled(draw: st.DrawFn) -> Callable[[list[Action]], None]:
    random = draw(st.randoms(use_true_random=False))
    return random.shuffle


def converge(world: World) -> None:
    for _ in range(ROUNDS):
        made = world.plan()
        if not made.actions:
            break
        world.carry_out(made.actions)
    else:
        raise AssertionError(f"no end: {made.actions}")
    assert world.one.files == world.two.files
    assert world.one.folders == world.two.folders


def check_rows(world: World) -> None:
    """The manifest tells exactly what is there."""
    for side in Side:
        there = world.half(side).entries
        assert {row.of(side).path for row in world.rows.values()} == set(there)


@settings(deadline=None)
@given(st.data())
def test_planner_loop(data: st.DataObject) -> None:
    world = halves(data.draw)
    for step in data.draw(st.lists(steps, max_size=8), "start"):
        perturb(world.half(step.side), step)
    converge(world)
    for number in range(data.draw(st.integers(1, 3), "rounds")):
        agreed = set(world.one.bodies.values())
        for step in data.draw(st.lists(steps, max_size=8), f"changes {number}"):
            perturb(world.half(step.side), step)
        everything = {*world.one.bodies.values(), *world.two.bodies.values()}
        world.trash.clear()
        if data.draw(st.booleans(), "a bad run first"):
            made = world.plan()
            world.attempt(made.actions, accidents(data.draw), shuffled(data.draw))
        converge(world)
        check_rows(world)
        left = set(world.one.bodies.values())
        lost = everything - left
        assert lost <= set(world.trash)
        assert lost <= agreed, f"thrown away though never agreed: {lost - agreed}"
