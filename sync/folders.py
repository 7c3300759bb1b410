"""Which folders both sides hold in the end, and which neither does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import ROOT, RemotePath
from sync.diff import is_frozen
from sync.goals import Goals
from sync.model import Adopt, Forget, MakeFolder, Remove, Side
from sync.situation import Situation


@dataclass(slots=True)
class Folders:
    """What is done about folders; ``stay`` are those that are there in the end."""

    stay: set[RemotePath] = field(default_factory=set)
    made: list[MakeFolder] = field(default_factory=list)
    removed: list[Remove] = field(default_factory=list)
    adopted: list[Adopt] = field(default_factory=list)
    forgotten: list[Forget] = field(default_factory=list)


def settle_folders(now: Situation, goals: Goals, *, empty: bool) -> Folders:
    """Merge the folders of both sides: who holds a file stays, with all that are above it.

    Of the others, what was there before and is gone on one side goes on the other; what is new
    on one side is made on the other if ``empty`` folders are wanted.
    """
    found = Folders(above(goal.path for goal in goals.stay))
    found.stay |= above(
        path
        for path, row in now.rows.items()
        if row.one.kind is Kind.FILE and path not in goals.touched and not now.is_row_frozen(row)
    )
    guarded = {side: guarded_folders(now, side) for side in Side}
    trees = now.trees.values()
    candidates = {path for tree in trees for path, one in tree.entries.items() if one.is_folder}
    candidates |= found.stay
    candidates |= {path for path, row in now.rows.items() if row.one.kind is Kind.FOLDER}
    for path in sorted(candidates, reverse=True):  # what is inside comes before what holds it
        if not now.is_frozen(path):
            _settle_one(found, now, path, guarded, empty=empty)
    return found


def _settle_one(
    found: Folders,
    now: Situation,
    path: RemotePath,
    guarded: dict[Side, set[RemotePath]],
    *,
    empty: bool,
) -> None:
    there = {side: _folder(now, side, path) for side in Side}
    row = now.rows.get(path)
    known = row is not None and row.one.kind is Kind.FOLDER
    holders = [side for side in Side if there[side]]
    one, two = there[Side.ONE], there[Side.TWO]
    if one and two:
        if not known:
            found.adopted.append(Adopt(path, one, two))
    elif path in found.stay or (holders and not known and empty):
        partner = one or two
        for side in Side:
            if not there[side]:
                found.made.append(MakeFolder(side, path, partner))
    elif not holders:
        if known:
            found.forgotten.append(Forget(path))
        return
    else:
        side, entry = holders[0], there[holders[0]]
        if known and entry and path not in guarded[side]:
            found.removed.append(Remove(side, entry, path))
        return
    found.stay.add(path)
    if paths.parent(path) != ROOT:
        found.stay.add(paths.parent(path))


def above(files: Iterable[RemotePath]) -> set[RemotePath]:
    """Return all folders that hold one of ``files`` or what holds it, without the root."""
    direct = {paths.parent(path) for path in files}
    return {one for path in direct for one in (*paths.ancestors(path), path)} - {ROOT}


def guarded_folders(now: Situation, side: Side) -> set[RemotePath]:
    """Return the folders of ``side`` that hold what nothing may be done to."""
    tree, other = now.trees[side], now.trees[side.other]
    kept: set[RemotePath] = {*tree.withheld, *tree.left_out}
    if other.withheld or other.left_out:
        kept.update(path for path in tree.entries if is_frozen(other, path))
    return above(kept)


def _folder(now: Situation, side: Side, path: RemotePath) -> Entry | None:
    entry = now.entry(side, path)
    return entry if entry and entry.is_folder else None
