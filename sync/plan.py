"""The two-way planner: from what happened on each side to what is to be done.

A first run, or one whose manifest is lost, is the same without rows: all is new, so nothing is
deleted, what is equal is adopted, and what differs is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import NO_FILE
from sync.conflict import Policy
from sync.folders import Folders, settle_folders
from sync.goals import Goal, Goals, Gone, Settling
from sync.model import (
    Action,
    Adopt,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Plan,
    Remove,
    Side,
    Skip,
    Touch,
)
from sync.ordering import order
from sync.situation import Situation
from sync.twins import Places, cannot_hold


@dataclass(frozen=True, slots=True)
class Wishes:
    """How conflicts end, and whether folders that hold nothing are made."""

    policy: Policy = field(default_factory=Policy)
    empty_folders: bool = True


def plan(now: Situation, wishes: Wishes) -> Plan:
    """Return what brings both sides in line; nothing at all when nothing happened."""
    if not any(now.deltas.values()) and not any(now.spare.values()):
        return Plan(skips=told(now))
    settling = Settling(now, wishes.policy)
    goals = settling.settle()
    goals.gone.extend(Gone(None, {side: one}) for side in Side for one in now.spare[side])
    folders = settle_folders(now, goals, empty=wishes.empty_folders)
    settling.displace(folders.stay)
    return work_out(now, goals, folders)


def told(now: Situation) -> tuple[Skip, ...]:
    """Return what the sides withhold, as it is told of; what is no file only stands in the way."""
    return tuple(
        Skip(path, side, reason, error=reason != NO_FILE or path in now.trees[side.other].entries)
        for side in Side
        for path, reason in sorted(now.trees[side].withheld.items())
    )


def work_out(now: Situation, goals: Goals, folders: Folders) -> Plan:
    """Return the actions that reach the goals, in order; what a side cannot hold is skipped."""
    refused = _refuse(now, goals, folders)
    names = {goal.path for goal in goals.stay} | {None}
    conflicts = tuple(one for one in goals.conflicts if one.moved_to in names)
    actions = order(_actions(now, goals, folders))
    return Plan(actions, conflicts, (*told(now), *goals.skips, *refused))


def _refuse(now: Situation, goals: Goals, folders: Folders) -> list[Skip]:
    """Drop what a side cannot hold, and then what would be where that stays."""
    refused: list[Skip] = []
    while found := _refusals(now, goals, folders):
        refused.extend(skip for _, skip in found)
        dropped = {id(one) for one, _ in found}
        goals.stay[:] = [goal for goal in goals.stay if id(goal) not in dropped]
        folders.made[:] = [made for made in folders.made if id(made) not in dropped]
    return refused


def _refusals(
    now: Situation, goals: Goals, folders: Folders
) -> list[tuple[Goal | MakeFolder, Skip]]:
    found: list[tuple[Goal | MakeFolder, Skip]] = []
    for side in Side:
        leaving = {one.entry.path for one in folders.removed if one.side is side}
        leaving |= {gone.entries[side].path for gone in goals.gone if side in gone.entries}
        for goal in goals.stay:
            entry = goal.entries[side]
            if entry and entry.path != goal.place(side):
                leaving.add(entry.path)
        places = Places(now.trees[side], now.traits[side], leaving)
        checked: list[tuple[Goal | MakeFolder, str]] = [
            (made, places.refusal(made.path))
            for made in sorted(folders.made, key=lambda made: made.path)
            if made.side is side
        ]
        in_order = sorted(goals.stay, key=lambda goal: goal.path)
        checked.extend((goal, _objection(now, goal, side, places)) for goal in in_order)
        found.extend((one, Skip(one.path, side, why)) for one, why in checked if why)
    return found


def _objection(now: Situation, goal: Goal, side: Side, places: Places) -> str:
    """Return why ``side`` cannot have what it is to get; empty when it can, or gets nothing."""
    entry, place = goal.entries[side], goal.place(side)
    arrives = entry is None or entry.path != place
    if arrives or goal.best is side.other:
        reason = cannot_hold(now.traits[side], place, goal.source.size)
        if reason:
            return reason
    return places.refusal(place) if arrives else ""


def _actions(now: Situation, goals: Goals, folders: Folders) -> Iterator[Action]:
    ends = {goal.path for goal in goals.stay} | folders.stay
    yield from folders.made
    yield from folders.adopted
    for goal in goals.stay:
        was = goal.base.path if goal.base and goal.base.path not in ends else None
        yield from _of_goal(now, goal, was)
    for gone in goals.gone:
        agreed = gone.base.path if gone.base and gone.base.path not in ends else None
        for side, entry in gone.entries.items():
            yield Remove(side, entry, agreed)
        if agreed is not None and not gone.entries:
            yield Forget(agreed)
    files = {goal.path for goal in goals.stay}
    yield from folders.removed
    yield from (one for one in folders.forgotten if one.path not in files)


def _of_goal(now: Situation, goal: Goal, was: RemotePath | None) -> Iterator[Action]:
    """Yield what brings one file where it is to be, on both sides, with the bytes that stay."""
    settled = {side: _settled(goal, side) for side in Side}
    copied = [side for side in Side if settled[side] is None or goal.best is side.other]
    moved = [side for side in Side if _is_moved(goal, side)]
    for side in moved:
        entry = goal.entries[side]
        last = not copied and side is moved[-1]
        partner = settled[side.other] if last else None
        if entry:
            place, kept = goal.place(side), was if last else None
            yield Move(side, entry, place, partner, goal.path, kept)
    for side in copied:
        source = settled[side.other]
        if source:
            yield Copy(side, source, goal.place(side), settled[side], goal.path, was)
    one, two = settled[Side.ONE], settled[Side.TWO]
    if one and two and not copied and not moved:
        yield _touch(now, goal, one, two) or Adopt(goal.path, one, two, was)


def _settled(goal: Goal, side: Side) -> Entry | None:
    """Return the entry of ``side`` as it is once it was moved."""
    entry = goal.entries[side]
    place = goal.place(side)
    return replace(entry, path=place) if entry and entry.path != place else entry


def _is_moved(goal: Goal, side: Side) -> bool:
    entry = goal.entries[side]
    return entry is not None and entry.path != goal.place(side)


def _touch(now: Situation, goal: Goal, one: Entry, two: Entry) -> Touch | None:
    """Return what gives the other side the time that changed on one, if both keep times."""
    if goal.base is None or goal.base.path != goal.path:
        return None
    if not all(traits.keeps_modified for traits in now.traits.values()):
        return None
    entries = {Side.ONE: one, Side.TWO: two}
    changed = [side for side in Side if entries[side].modified != goal.base.of(side).modified]
    if len(changed) != 1:
        return None
    mine, theirs = entries[changed[0]], entries[changed[0].other]
    step = max(traits.modified_step for traits in now.traits.values())
    if abs(mine.modified - theirs.modified) < step:
        return None
    return Touch(changed[0].other, theirs, mine.modified, mine, goal.path)
