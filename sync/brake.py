"""The brake: what would rather be asked about than done, with a sentence and the way out.

A plan is refused whole. What could not be listed completely never gets here: a scan raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from mirrorfs.core import paths
from mirrorfs.core.facts import REPLACES
from mirrorfs.core.paths import RemotePath
from sync.aside import is_aside
from sync.model import Change, Plan, Remove, Side, Tree
from sync.situation import Situation

_FEW = 3
_AGAIN = "To bring the files back use --resync; if they are to be deleted, --force."
_IF_MEANT = "If all is to be deleted, use --force."


class Danger(Enum):
    """Why a run is refused."""

    EMPTY = "a side is empty"
    DELETES = "too many deletions"
    EVERYTHING = "everything changed"
    FILTERS = "the filters changed"
    CANARY = "a check file is missing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong, in a sentence, and the way out; ``may_force`` says that --force is one."""

    danger: Danger
    sentence: str
    way_out: str
    may_force: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_delete`` is in per cent of the files of a side, ``max_deletes`` a count.

    ``canary`` is the name of the files that MUST be there; empty when it is not asked for.
    """

    max_delete: float = 50.0
    max_deletes: int | None = None
    canary: str = ""


def check(now: Situation, plan: Plan, limits: Limits) -> tuple[Refusal, ...]:
    """Return all reasons against a two-way plan, the gravest first."""
    known = now.rows.files
    return (
        *(one for side in Side for one in _emptied(now, side)),
        *(one for side in Side for one in _deletions(plan, side, limits, known)),
        *(one for side in Side for one in _all_edited(now, side)),
        *canaries(now.trees, limits.canary),
    )


def check_one_way(now: Situation, plan: Plan, limits: Limits) -> tuple[Refusal, ...]:
    """Return all reasons against a one-way plan, by which only path2 loses anything."""
    emptied: Iterator[Refusal] = iter(())
    removes = any(isinstance(one, Remove) for one in plan.actions)
    if removes and not _holds_files(now.trees[Side.ONE]):
        emptied = iter((_empty(Side.ONE, "path2 would be emptied, too", _IF_MEANT),))
    return (
        *emptied,
        *_fresh(now, plan),
        *_deletions(plan, Side.TWO, limits, _files(now.trees[Side.TWO])),
        *canaries(now.trees, limits.canary),
    )


def filters_changed(before: str, now: str) -> Refusal | None:
    """Compare the filters of the last run with those of this one, by their keys."""
    if before == now:
        return None
    return Refusal(
        Danger.FILTERS,
        "The filters are not those of the last run: what they leave out now was agreed on then.",
        "Give the filters of the last run, or --resync, which deletes nothing.",
        may_force=False,
    )


def canaries(trees: Mapping[Side, Tree], name: str) -> Iterator[Refusal]:
    """Refuse unless both sides have files called ``name``, at the same paths."""
    if not name:
        return
    found = {
        side: {p for p in tree.entries if paths.name(p) == name} for side, tree in trees.items()
    }
    one, two = found[Side.ONE], found[Side.TWO]
    if one and one == two:
        return
    missing: dict[Side, set[RemotePath]] = {Side.ONE: two - one, Side.TWO: one - two}
    where = [
        f"{path} is missing on {side.value}" for side in Side for path in sorted(missing[side])
    ]
    yield Refusal(
        Danger.CANARY,
        f"{where[0] if where else f'Neither side has a file {name}'}: is all of it there?",
        f"Put {name} in the same places of both sides once all is mounted and there.",
        may_force=False,
    )


def _emptied(now: Situation, side: Side) -> Iterator[Refusal]:
    known = now.rows.files
    if known and not _holds_files(now.trees[side]):
        yield _empty(side, f"{known} files were there at the last run", _AGAIN)


def _fresh(now: Situation, plan: Plan) -> Iterator[Refusal]:
    """Refuse to fill path2 anew where it held files at the last run: is it the same place?"""
    rows = now.rows.files
    if rows and plan.actions and not _holds_files(now.trees[Side.TWO]):
        yield Refusal(
            Danger.EMPTY,
            f"path2 holds no file at all, and {rows} files were there at the last run.",
            "If a disk is not mounted or a name is wrong, put that right. If all is to be copied "
            "there again, use --force.",
        )


def _empty(side: Side, why: str, way_out: str) -> Refusal:
    return Refusal(
        Danger.EMPTY,
        f"{side.value} holds no file at all, and {why}.",
        f"If a disk is not mounted or a name is wrong, put that right. {way_out}",
    )


def _deletions(plan: Plan, side: Side, limits: Limits, known: int) -> Iterator[Refusal]:
    """Count removals among ``known`` files; what is renamed, or a copy left aside, is none."""
    count = sum(
        1
        for action in plan.actions
        if isinstance(action, Remove) and action.side is side and not action.entry.is_folder
        if not is_aside(action.entry.path) and REPLACES not in action.entry.facts
    )
    share = 100 * count / max(known, 1)
    too_many = limits.max_deletes is not None and count > limits.max_deletes
    if count and (share > limits.max_delete or too_many):
        limit = f"{limits.max_deletes}" if too_many else f"{limits.max_delete:g} per cent"
        yield Refusal(
            Danger.DELETES,
            f"{count} of {known} files would be deleted on {side.value}; the limit is {limit}.",
            "If they are to be deleted, use --force or a higher --max-delete.",
        )


def _all_edited(now: Situation, side: Side) -> Iterator[Refusal]:
    known = now.rows.files
    edited = sum(
        1 for delta in now.deltas[side] if delta.change is Change.EDITED and delta.base is not None
    )
    if known >= _FEW and edited == known:
        yield Refusal(
            Danger.EVERYTHING,
            f"All {known} files of {side.value} have other bytes than at the last run.",
            "Look at some of them. If they are as they should be, use --force.",
        )


def _files(tree: Tree) -> int:
    return sum(1 for entry in tree.entries.values() if not entry.is_folder)


def _holds_files(tree: Tree) -> bool:
    return any(not entry.is_folder for entry in tree.entries.values())
