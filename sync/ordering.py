"""The order of actions: at every moment each file is at its old place, its new one, or aside.

1. What stands in the way of a folder, or is in a folder that a file takes the place of, steps
   aside under a name that says so (:mod:`sync.aside`), and keeps its row until it has its end.
2. Folders that give way to a file go, and files whose place another one takes.
3. Folders are made. 4. Moves, each after that which leaves its target; of a ring of moves one
   steps aside first. 5. Times. 6. Copies. 7. Removals of files. 8. Of folders, deepest first.
9. Rows that had to wait for one that they take the place of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from mirrorfs.core import paths
from mirrorfs.core.paths import ROOT, RemotePath
from sync.aside import aside, is_aside
from sync.model import Action, Adopt, Copy, Forget, MakeFolder, Move, Remove, Side, Touch

_One = TypeVar("_One", bound=Action)
_Leaving = TypeVar("_Leaving", Move, Remove)


def order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return the actions of both sides in an order that is safe, with the steps aside."""
    all_ = list(actions)
    sides = [_Order(side, [one for one in all_ if _side(one) is side]) for side in Side]
    for side in sides:
        side.arrange()
    ordered: list[Action] = []
    for number in range(_PHASES):
        ordered.extend(one for side in sides for one in side.phases[number])
        if number == _TIMES:
            ordered.extend(one for one in all_ if isinstance(one, Adopt))
    ordered.extend(one for one in all_ if isinstance(one, Forget))
    return tuple(ordered)


def stages(actions: Sequence[Action]) -> Iterator[tuple[Action, ...]]:
    """Yield the actions of a plan in groups: what is in one group may be done at the same time.

    Groups follow each other in the order of the plan. No two actions of one group are of
    different types, or have to do with the same path; folders of one group are equally deep.
    """
    group: list[Action] = []
    busy: set[tuple[Side | None, RemotePath]] = set()
    for action in actions:
        places = {(_side(action), path) for path in _paths(action)}
        if group and (_sort(group[-1]) != _sort(action) or not busy.isdisjoint(places)):
            yield tuple(group)
            group, busy = [], set()
        group.append(action)
        busy |= places
    if group:
        yield tuple(group)


_PHASES = 9
_ASIDE, _ROOM, _MAKE, _MOVE, _TIMES, _COPY, _FILES, _FOLDERS, _ROWS = range(_PHASES)


@dataclass(slots=True)
class _Order:
    """The actions of one side and the phases that they get into."""

    side: Side
    actions: list[Action]
    phases: list[list[Action]] = field(default_factory=lambda: [[] for _ in range(_PHASES)])

    def arrange(self) -> None:
        """Fill the phases."""
        made = {one.path for one in self._of(MakeFolder)}
        self.phases[_TIMES].extend(self._of(Touch))
        self.phases[_COPY].extend(self._of(Copy))
        moves, removals = self._of(Move), self._of(Remove)
        filled = {one.path for one in self._of(Copy) if one.replaces is None}
        filled |= {move.path for move in moves}
        yielding = {one.entry.path for one in removals if one.entry.is_folder} & filled
        self._leave_aside(moves, removals)
        left = {one.entry.path for one in moves} | {one.entry.path for one in removals}
        left &= made
        moves = [self._clear(move, made, yielding) for move in moves]
        removals = [self._clear(removal, made, yielding) for removal in removals]
        self._make_folders(left)
        self._remove(removals, filled, yielding)
        self.phases[_MOVE].extend(_in_turn(self._break_rings(moves)))

    def _of(self, kind: type[_One]) -> list[_One]:
        return [one for one in self.actions if isinstance(one, kind)]

    def _leave_aside(self, moves: list[Move], removals: list[Remove]) -> None:
        """Let what an earlier run left aside make room first for what steps aside in this one."""
        places = {move.entry.path for move in moves} | {one.entry.path for one in removals}
        if not any(map(is_aside, places)):
            return
        wanted = {paths.name(aside(path, ROOT)) for path in places}
        for one in [one for one in removals if paths.name(one.entry.path) in wanted]:
            removals.remove(one)
            self.phases[_ASIDE].append(one)
        for number, move in enumerate(moves):
            if paths.name(move.entry.path) in wanted:
                moves[number] = self._stepped_aside(move, paths.parent(move.entry.path))

    def _clear(self, one: _Leaving, made: set[RemotePath], yielding: set[RemotePath]) -> _Leaving:
        """Return an action as it is done, after its file stepped aside if it was in the way."""
        path = one.entry.path
        blocked = None if one.entry.is_folder else _blocked(path, made, yielding)
        if blocked is None:
            return one
        return self._stepped_aside(one, paths.parent(blocked))

    def _stepped_aside(self, one: _Leaving, folder: RemotePath) -> _Leaving:
        place = aside(one.entry.path, folder)
        self.phases[_ASIDE].append(Move(self.side, one.entry, place, None, place))
        return replace(one, entry=replace(one.entry, path=place))

    def _make_folders(self, left: set[RemotePath]) -> None:
        for folder in sorted(self._of(MakeFolder), key=lambda one: (_depth(one.path), one.path)):
            if folder.path in left:
                self.phases[_ROWS].append(folder)
                folder = replace(folder, partner=None)  # noqa: PLW2901
            self.phases[_MAKE].append(folder)

    def _remove(
        self, removals: list[Remove], filled: set[RemotePath], yielding: set[RemotePath]
    ) -> None:
        deepest = sorted(removals, key=lambda one: (-_depth(one.entry.path), one.entry.path))
        for one in deepest:
            path = one.entry.path
            if not one.entry.is_folder:
                self.phases[_ROOM if path in filled else _FILES].append(one)
            elif any(above in yielding for above in (*paths.ancestors(path), path)):
                self.phases[_ROOM].append(one)
            else:
                self.phases[_FOLDERS].append(one)

    def _break_rings(self, moves: list[Move]) -> list[Move]:
        """Let one move of each ring step aside; who takes its place writes its row at the end."""
        by_source = {move.entry.path: move for move in moves}
        seen: set[RemotePath] = set()
        broken = dict(by_source)
        for start in sorted(by_source):
            path, walked = start, len(seen)
            while path in by_source and path not in seen:
                seen.add(path)
                path = by_source[path].path
            if len(seen) == walked or path != start:
                continue
            first = by_source[start]
            del broken[start]
            stepped = self._stepped_aside(first, paths.parent(start))
            broken[stepped.entry.path] = stepped
            last = next(move for move in broken.values() if move.path == start)
            broken[last.entry.path] = replace(last, partner=None, was=None)
            if last.partner:
                there = replace(last.entry, path=last.path)
                self.phases[_ROWS].append(replace(last, entry=there))
        return list(broken.values())


def _in_turn(moves: list[Move]) -> list[Move]:
    """Return moves so that each comes after the one that leaves its target; there is no ring."""
    leaves = {move.entry.path: move for move in moves}
    turns: dict[RemotePath, int] = {}
    for move in moves:
        chain = []
        path = move.entry.path
        while path in leaves and path not in turns:
            chain.append(path)
            path = leaves[path].path
        turn = turns.get(path, -1)
        for source in reversed(chain):
            turn += 1
            turns[source] = turn
    return sorted(moves, key=lambda move: (turns[move.entry.path], move.path))


def _blocked(
    path: RemotePath, made: set[RemotePath], yielding: set[RemotePath]
) -> RemotePath | None:
    """Return what the file at ``path`` is in the way of: the highest folder that gives way, or
    the folder that is to be made in its place."""
    for above in paths.ancestors(path)[1:]:
        if above in yielding:
            return above
    return path if path in made else None


def _depth(path: RemotePath) -> int:
    return path.count("/")


def _side(action: Action) -> Side | None:
    return None if isinstance(action, (Adopt, Forget)) else action.side  # of all others quickly


def _paths(action: Action) -> tuple[RemotePath, ...]:
    """Return the paths of its side that an action has to do with."""
    match action:
        case Move():
            return (action.entry.path, action.path)
        case Remove() | Touch():
            return (action.entry.path,)
        case Copy() | MakeFolder() | Adopt() | Forget():
            return (action.path,)


def _sort(action: Action) -> tuple[object, ...]:
    """Return what the actions of one group have in common."""
    match action:
        case MakeFolder():
            return (MakeFolder, _depth(action.path))
        case Remove() if action.entry.is_folder:
            return (Remove, _depth(action.entry.path))
        case _:
            return (type(action), "")
