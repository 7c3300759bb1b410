"""The planner of copy, sync and move: path1 is read, path2 is brought in line with it.

Files are paired by what is remembered of an earlier run, then by place, then by bytes. So what
was renamed on path1 is renamed on path2, and what did not change is not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath
from sync.compare import same_digest
from sync.folders import Folders, above, guarded_folders
from sync.goals import Goal, Goals, Gone
from sync.model import (
    Action,
    Adopt,
    Agreed,
    Change,
    Copy,
    Delta,
    MakeFolder,
    Move,
    Outcome,
    Plan,
    Remove,
    Result,
    Side,
    Skip,
    Touch,
)
from sync.plan import work_out
from sync.situation import Situation

SOURCE, TARGET = Side.ONE, Side.TWO
_UNPROVEN = "What path2 has looks the same, but no checksum says that it is, so it stays here."


@dataclass(frozen=True, slots=True)
class Rules:
    """What a one-way command does; most names are those of rclone's options.

    ``deletes`` removes what the source does not have, and renames what was renamed there.
    ``tells_equal`` is for ``move``: files that are equal already are told of too, so that
    :func:`cleared` knows them, and what only looks equal is skipped. ``always`` copies even those.
    """

    deletes: bool = False
    tells_equal: bool = False
    always: bool = False
    update: bool = False
    ignore_existing: bool = False
    immutable: bool = False
    empty_folders: bool = False


def plan_one_way(now: Situation, rules: Rules) -> Plan:
    """Return what makes path2 hold what path1 holds; nothing is ever done to path1."""
    goals = _Pairing(now, rules).settle()
    goals.gone.extend(Gone(None, {TARGET: one}) for one in now.spare[TARGET])
    made = work_out(now, goals, _folders(now, goals, rules))
    return replace(made, actions=tuple(map(_to_target, made.actions)))


def cleared(now: Situation, planned: Plan, outcomes: Iterable[Outcome]) -> Plan:
    """Return the second half of a move: what is on path2 for certain is removed from path1.

    What a service keeps in another form stays: the only copy of the original is there.
    """
    removals: list[Remove] = []
    skips: list[Skip] = []
    for outcome in outcomes:
        removal = _removal(outcome) if outcome.result is Result.DONE else None
        if removal is None:
            continue
        path = removal.entry.path
        if any(now.converts(side, path) for side in Side):
            skips.append(Skip(path, SOURCE, "It has another form elsewhere, so it stays here."))
        else:
            removals.append(removal)
    return Plan(tuple(removals), (), (*planned.skips, *skips))


def _to_target(action: Action) -> Action:
    """Turn a time that would go to the source back to where it came from."""
    if isinstance(action, Touch) and action.side is SOURCE:
        source, target = action.entry, action.partner
        return Touch(TARGET, target, source.modified, source, action.agreed)
    return action


def _removal(outcome: Outcome) -> Remove | None:
    match outcome.action:
        case Copy(source=entry, agreed=path) | Adopt(one=entry, path=path):
            return None if entry.is_folder else Remove(SOURCE, entry, path)
        case Move(partner=Entry() as entry, agreed=path) | Touch(partner=entry, agreed=path):
            return Remove(SOURCE, entry, path)
    return None


@dataclass(slots=True)
class _Pairing:
    """Finds what the target has of each file of the source."""

    now: Situation
    rules: Rules
    goals: Goals = field(default_factory=Goals)
    changes: dict[Side, dict[RemotePath, Delta]] = field(default_factory=dict)
    """What happened to the file of each row, by the row's path."""
    claimed: set[RemotePath] = field(default_factory=set)
    """Paths of the target that are taken for a file of the source."""

    def settle(self) -> Goals:
        """Return what is to be in the end."""
        for side in Side:
            self.changes[side] = {
                delta.base.path: delta for delta in self.now.deltas[side] if delta.base
            }
        wanted = self._wanted()
        if self.rules.deletes:
            for goal in wanted:
                self._claim(goal, self._remembered(goal.base))
        for goal in wanted:
            self._claim(goal, self.now.entry(TARGET, goal.place(TARGET)))
        if self.rules.deletes:
            self._claim_by_bytes([goal for goal in wanted if not goal.entries[TARGET]])
        for goal in wanted:
            self._judge(goal)
        self._clear({goal.base.path for goal in wanted if goal.base})
        return self.goals

    def _wanted(self) -> list[Goal]:
        """Return a goal for each file of the source that is not withheld on either side."""
        told = {
            delta.entry.path: delta
            for delta in self.now.deltas[SOURCE]
            if delta.entry and delta.change is not Change.RETYPED
        }
        rows = {row.one.path: row for row in self.now.rows.values()}
        found = []
        for path, entry in sorted(self.now.trees[SOURCE].entries.items()):
            if entry.is_folder:
                continue
            delta = told.get(path)
            row = delta.base if delta else rows.get(path)
            agreed = delta.path if delta else row.path if row else path
            goal = Goal(agreed, {SOURCE: entry, TARGET: None}, SOURCE, row)
            if not self.now.is_frozen(path) and not self.now.is_frozen(goal.place(TARGET)):
                found.append(goal)
        return found

    def _remembered(self, row: Agreed | None) -> Entry | None:
        """Return where the target has the file of ``row`` now."""
        if row is None:
            return None
        delta = self.changes[TARGET].get(row.path)
        if delta is None:
            return self.now.entry(TARGET, row.two.path)
        return None if delta.change is Change.RETYPED else delta.entry

    def _claim(self, goal: Goal, entry: Entry | None) -> None:
        if entry is None or entry.is_folder or goal.entries[TARGET]:
            return
        if entry.path not in self.claimed and not self.now.is_frozen(entry.path):
            goal.entries[TARGET] = entry
            self.claimed.add(entry.path)

    def _claim_by_bytes(self, lonely: list[Goal]) -> None:
        """Pair what is new on the source with what only the target has, where that is clear."""
        spare: dict[tuple[Digest, int], list[Entry]] = defaultdict(list)
        for path, entry in self.now.trees[TARGET].entries.items():
            if entry.digest and entry.size and path not in self.claimed:
                spare[entry.digest, entry.size].append(entry)
        wanted: dict[tuple[Digest, int], list[Goal]] = defaultdict(list)
        for goal in lonely:
            if (digest := goal.source.digest) and (digest, goal.source.size) in spare:
                wanted[digest, goal.source.size].append(goal)
        for bytes_, goals in wanted.items():
            if len(goals) == len(spare[bytes_]) == 1:
                self._claim(goals[0], spare[bytes_][0])

    def _judge(self, goal: Goal) -> None:
        """Keep a goal that anything has to be done for."""
        there = goal.entries[TARGET]
        if there is None:
            self.goals.stay.append(goal)
        elif self._is_equal(goal, there):
            if self.rules.tells_equal and not self._is_proven(goal, there):
                self.goals.skips.append(Skip(goal.path, SOURCE, _UNPROVEN))
                return
            goal.best = None
            is_known = goal.base is not None and there.path == goal.place(TARGET)
            is_known = is_known and not any(self._change(goal.base, side) for side in Side)
            if self.rules.tells_equal or not is_known:
                self.goals.stay.append(goal)
        elif self.now.converts(SOURCE, goal.path):
            reason = "It has another form on path1, so path2 keeps its own."
            self.goals.skips.append(Skip(goal.path, TARGET, reason, error=False))
        elif self.rules.immutable:
            reason = "It is there in another version, and nothing may be replaced."
            self.goals.skips.append(Skip(goal.path, TARGET, reason))
        elif not self.rules.ignore_existing and not self._is_newer(there, goal.source):
            self.goals.stay.append(goal)

    def _is_equal(self, goal: Goal, there: Entry) -> bool:
        if self.rules.always:
            return False
        changed = {
            self._change(goal.base, side) for side in Side if not self.now.converts(side, goal.path)
        }
        is_trusted = there is self._remembered(goal.base)
        if self.rules.tells_equal:  # what was equal once is no reason to remove anything
            is_trusted = is_trusted and any(self.now.converts(side, goal.path) for side in Side)
        if is_trusted and changed <= {None, Change.TOUCHED, Change.MOVED}:
            return True
        return self.now.compare.across(goal.source, there)

    def _is_proven(self, goal: Goal, there: Entry) -> bool:
        """Say whether ``there`` has the same bytes for certain; not asked of converted files."""
        if any(self.now.converts(side, goal.path) for side in Side):  # see cleared
            return True
        return same_digest(goal.source.digest, there.digest) is True

    def _change(self, row: Agreed | None, side: Side) -> Change | None:
        delta = self.changes[side].get(row.path) if row else None
        return delta.change if delta else None

    def _is_newer(self, there: Entry, source: Entry) -> bool:
        return self.rules.update and there.modified - source.modified >= self.now.compare.step

    def _clear(self, wanted: set[RemotePath]) -> None:
        """Let go of what the source does not have, and of rows that tell of nothing any more."""
        rows = {row.two.path: row for row in self.now.rows.values()}
        for path, entry in sorted(self.now.trees[TARGET].entries.items()):
            row = rows.get(path)
            if not self.rules.deletes or entry.is_folder or path in self.claimed:
                continue
            if not self.now.is_frozen(path) and not (row and self.now.is_row_frozen(row)):
                self.goals.gone.append(Gone(None, {TARGET: entry}))
        for row in self.now.rows.values():
            is_file = row.one.kind is Kind.FILE
            if is_file and row.path not in wanted and not self.now.is_row_frozen(row):
                self.goals.gone.append(Gone(row, {}))


def _folders(now: Situation, goals: Goals, rules: Rules) -> Folders:
    """Make the folders that are needed; what only the target has is removed if it ``deletes``."""
    source, target = ({path for path, one in now.trees[side].entries.items() if one.is_folder}
                      for side in Side)  # fmt: skip
    leaving = {entry.path for gone in goals.gone for entry in gone.entries.values()}
    moving = {
        entry.path for goal in goals.stay
        if (entry := goal.entries[TARGET]) and entry.path != goal.place(TARGET)
    }  # fmt: skip
    files = {path for path, one in now.trees[TARGET].entries.items() if not one.is_folder}
    needed = above(goal.place(TARGET) for goal in goals.stay)
    found = Folders(needed | above(files - leaving - moving))
    wanted = needed | source if rules.empty_folders else needed
    found.made = [MakeFolder(TARGET, path) for path in wanted - target if not now.is_frozen(path)]
    if rules.deletes:
        kept = found.stay | source | guarded_folders(now, TARGET)
        spare = (path for path in target - kept if not now.is_frozen(path))
        found.removed = [Remove(TARGET, now.trees[TARGET].entries[path], None) for path in spare]
    return found
