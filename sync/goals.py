"""What is to be in the end: each file that anything happened to, its place and its version.

Places and bytes are decided apart: a file that was moved on one side and edited on the other
ends under its new name with its new bytes. Then each place is given to one file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.names import fold
from mirrorfs.core.paths import RemotePath
from sync.aside import is_aside, own_name
from sync.conflict import Loser, Policy
from sync.diff import follow
from sync.model import Agreed, Change, Conflict, Delta, Fact, Side, Skip
from sync.situation import Situation
from sync.table import Keep, decide


@dataclass(slots=True, eq=False)
class Goal:
    """A file that both sides hold in the end at the agreed ``path``.

    ``entries`` is where each side has it now. ``best`` is whose bytes stay (``None``: they are
    the same).
    """

    path: RemotePath
    entries: dict[Side, Entry | None]
    best: Side | None = None
    base: Agreed | None = None

    def place(self, side: Side) -> RemotePath:
        """Return the path that it has on ``side``, where it may have another type of its own."""
        if self.base is None:
            return self.path
        return follow(self.path, self.base.path, self.base.of(side).path)

    @property
    def source(self) -> Entry:
        """The entry with the bytes that stay."""
        sides = [self.best] if self.best else list(Side)
        return next(entry for side in sides if (entry := self.entries[side]))


@dataclass(frozen=True, slots=True)
class Gone:
    """What neither side is to hold; ``base`` is the row that goes with it."""

    base: Agreed | None
    entries: dict[Side, Entry]


@dataclass(slots=True)
class Goals:
    """All files that anything happened to."""

    stay: list[Goal] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    touched: set[RemotePath] = field(default_factory=set)
    """The rows of files that anything happened to, by agreed path."""


class Settling:
    """Finds the goals: first by the table, then place by place."""

    def __init__(self, situation: Situation, policy: Policy) -> None:
        self._now = situation
        self._policy = policy
        self._found = Goals()
        self._split: list[tuple[Goal, Goal, Side]] = []
        self._names: set[str] | None = None

    def settle(self) -> Goals:
        """Return the goals; no two have one path."""
        past: dict[RemotePath, dict[Side, Delta]] = defaultdict(dict)
        new: dict[RemotePath, dict[Side, Delta]] = defaultdict(dict)
        for side, deltas in self._now.deltas.items():
            for delta in deltas:
                if delta.base is None and delta.entry and not delta.entry.is_folder:
                    new[delta.path][side] = delta
                elif delta.base and delta.base.of(side).kind is Kind.FILE:
                    past[delta.base.path][side] = delta
        waiting = {path: new.pop(path) for path in sorted(filter(is_aside, new))}
        for path, both in sorted(past.items()):
            row = self._now.rows[path]
            if not self._now.is_row_frozen(row):
                self._found.touched.add(path)
                self._known(row, both)
        for path, both in sorted(new.items()):
            if not self._now.is_frozen(path):
                self._decide(Goal(path, _entries(both)), dict.fromkeys(both, Change.NEW))
        self._share_out()
        self._bring_back(waiting)
        for kept, aside, loser in self._split:
            self._step_aside(kept, aside, loser)
        return self._found

    def displace(self, folders: Iterable[RemotePath]) -> None:
        """Give another name to each file whose path is to be a folder's."""
        wanted = set(folders)
        for goal in self._found.stay:
            if goal.path in wanted:
                holder = goal.best or next(side for side in Side if goal.entries[side])
                old, entry = goal.path, goal.source
                goal.path = self._free_name(old, holder)
                there = self._now.entry(holder.other, old) or entry
                one, two = (entry, there) if holder is Side.ONE else (there, entry)
                conflict = Conflict(old, one, two, holder.other, goal.path)
                self._found.conflicts.append(conflict)

    def _known(self, row: Agreed, both: dict[Side, Delta]) -> None:
        """Decide about a file that has a past."""
        changes = {side: both[side].change if side in both else Change.SAME for side in Side}
        entries: dict[Side, Entry | None] = {}
        homes: dict[Side, RemotePath] = {}
        for side in Side:
            delta = both.get(side)
            if delta is None:
                entry = self._now.entry(side, row.of(side).path)
                entries[side] = _proven(row.of(side), entry)
                continue
            lost = delta.change in {Change.DELETED, Change.RETYPED}
            entries[side] = None if lost else delta.entry
            if delta.change is not Change.EDITED:
                entries[side] = _proven(row.of(side), entries[side])
            if delta.change is Change.EDITED and self._now.converts(side, row.path):
                changes[side] = Change.TOUCHED
                reason = "It has another form there than before; the other side keeps its own."
                self._found.skips.append(Skip(row.path, side, reason, error=False))
            if delta.came_from is not None and not is_aside(delta.path):
                homes[side] = delta.path
            elif delta.change is Change.MOVED:
                changes[side] = Change.SAME
        path = self._home(row, homes)
        self._decide(Goal(path, entries, base=row), changes)

    def _home(self, row: Agreed, homes: dict[Side, RemotePath]) -> RemotePath:
        """Return the path of a file that may have been moved on both sides."""
        if not homes:
            return row.path
        keeper = self._policy.keeper
        if keeper not in homes:
            return homes[keeper.other]
        if homes.get(keeper.other, homes[keeper]) != homes[keeper]:
            reason = f"It was renamed on both sides; {homes[keeper]} of {keeper.value} is kept."
            skip = Skip(homes[keeper.other], keeper.other, reason, error=False)
            self._found.skips.append(skip)
        return homes[keeper]

    def _decide(self, goal: Goal, changes: dict[Side, Change]) -> None:
        one, two = (changes.get(side, Change.SAME) for side in Side)
        keep = decide(one, two)
        if keep is Keep.COMPARE:
            self._compare(goal)
        elif keep is Keep.NEITHER:
            left = {side: entry for side, entry in goal.entries.items() if entry}
            self._found.gone.append(Gone(goal.base, left))
        else:
            goal.best = {Keep.ONE: Side.ONE, Keep.TWO: Side.TWO}.get(keep)
            self._found.stay.append(goal)

    def _compare(self, goal: Goal) -> None:
        """Adopt equal bytes; of others both are kept, or whom the policy prefers."""
        one, two = goal.entries[Side.ONE], goal.entries[Side.TWO]
        if one is None or two is None:
            raise AssertionError(f"{goal.path}: nothing to compare")
        if self._now.compare.across(one, two):
            self._found.stay.append(goal)
            return
        for side in Side:
            if self._now.converts(side, goal.path):
                reason = "It has another form there, so both sides keep what they have."
                self._found.skips.append(Skip(goal.path, side, reason, error=False))
                return
        self._found.stay.append(goal)
        winner = self._policy.winner(one, two)
        goal.best = winner or self._policy.keeper
        if winner and self._policy.loser is Loser.DELETE:
            self._found.conflicts.append(Conflict(goal.path, one, two, winner, None))
            return
        loser = goal.best.other
        aside = Goal(goal.path, {loser: goal.entries[loser], goal.best: None}, loser)
        goal.entries[loser] = None
        self._split.append((goal, aside, loser))

    def _share_out(self) -> None:
        """Give each path to one file: that of the keeping side; the other is renamed."""
        claims: dict[RemotePath, list[Goal]] = defaultdict(list)
        for goal in self._found.stay:
            claims[goal.path].append(goal)
        for goals in claims.values():
            if len(goals) > 1:
                goals.sort(key=self._is_elsewhere)
                for other in goals[1:]:
                    if not self._merge(goals[0], other):
                        self._found.stay.remove(other)
                        self._split.append((goals[0], other, self._policy.keeper.other))

    def _is_elsewhere(self, goal: Goal) -> bool:
        """Say whether the keeping side has this file at another path than is claimed."""
        entry = goal.entries[self._policy.keeper]
        return entry is None or entry.path != goal.place(self._policy.keeper)

    def _merge(self, first: Goal, second: Goal) -> bool:
        """Take two files that came to one path for one, if their bytes are the same."""
        for moved, new in ((first, second), (second, first)):
            side = next((side for side in Side if new.entries[side]), None)
            if side is None or new.base or new.entries[side.other] or moved.best:
                continue
            mine, theirs = moved.entries[side.other], new.entries[side]
            if mine is None or theirs is None or not self._now.compare.across(mine, theirs):
                continue
            left = moved.entries[side]
            if left:
                self._found.gone.append(Gone(None, {side: left}))
            moved.entries[side] = theirs
            self._found.stay.remove(new)
            return True
        return False

    def _bring_back(self, waiting: Mapping[RemotePath, Mapping[Side, Delta]]) -> None:
        """Give what a run left waiting its own name again, if that is free; let copies go."""
        held = {side: self._staying(side) for both in waiting.values() for side in both}
        for path, both in waiting.items():
            if self._now.is_frozen(path):
                continue
            entries = _entries(both)
            for side, entry in entries.items():
                if entry and entry.digest:
                    if (entry.digest, entry.size) in held[side]:
                        self._found.gone.append(Gone(None, {side: entry}))
                        entries[side] = None
                    held[side].add((entry.digest, entry.size))
            came = {side: Change.NEW for side in Side if entries[side]}
            if came:
                self._decide(Goal(self._own_name(path, next(iter(came))), entries), came)

    def _own_name(self, path: RemotePath, side: Side) -> RemotePath:
        own = own_name(path)
        if fold(own) in self._taken():
            return self._free_name(own, side)
        self._taken().add(fold(own))
        return own

    def _staying(self, side: Side) -> set[tuple[Digest | None, int]]:
        """Return which bytes ``side`` holds under a name of their own, and will hold."""
        found = self._found
        leaving = {gone.entries[side].path for gone in found.gone if side in gone.entries}
        for goal in found.stay:
            if goal.best is side.other and (entry := goal.entries[side]):
                leaving.add(entry.path)
        return {
            (entry.digest, entry.size)
            for path, entry in self._now.trees[side].entries.items()
            if entry.digest and path not in leaving and not is_aside(path)
        }

    def _step_aside(self, kept: Goal, aside: Goal, loser: Side) -> None:
        path = kept.path
        aside.path = self._free_name(path, loser)
        self._found.stay.append(aside)
        ends = {loser: aside.source, loser.other: kept.source}
        conflict = Conflict(path, ends[Side.ONE], ends[Side.TWO], loser.other, aside.path)
        self._found.conflicts.append(conflict)

    def _free_name(self, path: RemotePath, loser: Side) -> RemotePath:
        """Return a name that nothing has or will have, not even in another case."""
        names = self._taken()
        made = self._policy.rename(path, loser, lambda name: fold(name) in names)
        names.add(fold(made))
        return made

    def _taken(self) -> set[str]:
        """Return all names that there are or will be, folded."""
        if self._names is None:
            self._names = {fold(goal.path) for goal in self._found.stay}
            for tree in self._now.trees.values():
                for taken in (tree.entries, tree.withheld, tree.left_out):
                    self._names.update(map(fold, taken))
        return self._names


def _proven(fact: Fact, entry: Entry | None) -> Entry | None:
    """Return an entry whose bytes are those of ``fact`` with the checksum that is known of them."""
    if entry is None or entry.digest or not fact.digest or entry.size != fact.size:
        return entry
    return replace(entry, digest=fact.digest)


def _entries(both: Mapping[Side, Delta]) -> dict[Side, Entry | None]:
    return {side: both[side].entry if side in both else None for side in Side}
