"""Two trees in dictionaries, a manifest and a trash: a plan's meaning without any hands.

An action is done as the real ones are: only if what it names is there exactly, and with its
row written last.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mirrorfs.core import digest, paths
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Traits
from sync.compare import Compare
from sync.model import (
    Action,
    Adopt,
    Agreed,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Plan,
    Remove,
    Side,
    Touch,
    Tree,
    fact_of,
)
from sync.ordering import stages
from sync.plan import Wishes, plan
from sync.rows import Rows
from sync.situation import Situation, look

CLOUD = Traits("cloud", "md5", whole_scan=True, changes=True)


class Refused(Exception):
    """What an action names is not as it says."""


@dataclass
class Half:
    """One side; ``entries`` are what a scan finds. Time goes on by one with each change."""

    name: str
    traits: Traits = CLOUD
    entries: dict[RemotePath, Entry] = field(default_factory=dict)
    bodies: dict[RemotePath, str] = field(default_factory=dict)
    keeps_ids: bool = True
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, path: str, body: str, modified: int | None = None, id_: str = "") -> Entry:
        where = paths.parse(path)
        self.mkdir(paths.parent(where))
        number = next(self.numbers)
        old = self.entries.get(where)
        if old and old.is_folder:
            raise Refused(f"{path} is a folder")
        sum_ = digest.of(body.encode()) if self.traits.digest else None
        modified = number if modified is None else modified
        revision = digest.of(body.encode()).value if self.traits.digest else f"{modified}-{body}"
        id_ = id_ or (old.id if old else f"{self.name}{number}")
        entry = Entry(where, Kind.FILE, id_, revision, len(body), modified, sum_)
        self.entries[where], self.bodies[where] = entry, body
        return entry

    def mkdir(self, path: RemotePath) -> Entry:
        for above in (*paths.ancestors(path)[1:], path):
            if above == ROOT:
                continue
            entry = self.entries.setdefault(above, folder(above))
            if not entry.is_folder:
                raise Refused(f"{above} is a file")
        return folder(path)

    def move(self, path: str, to: str) -> Entry:
        """Move a file, or a folder with all that is in it, as a user does."""
        source, target = paths.parse(path), paths.parse(to)
        if self.entries[source].is_folder:
            inside = [one for one in self.entries if paths.is_within(one, source)]
            self.mkdir(target)
            for one in inside:
                if not self.entries[one].is_folder:
                    self.move(one, f"{target}{one[len(source) :]}")
                elif one != source:
                    self.mkdir(RemotePath(f"{target}{one[len(source) :]}"))
            self.delete(path)
            return self.entries[target]
        if source == target:
            return self.entries[source]
        if target in self.entries:
            raise Refused(f"{to} is there")
        self.mkdir(paths.parent(target))
        entry = replace(self.entries.pop(source), path=target)
        if not self.keeps_ids:
            entry = replace(entry, id=f"{self.name}{next(self.numbers)}")
        self.entries[target], self.bodies[target] = entry, self.bodies.pop(source)
        return entry

    def swap(self, one: str, two: str) -> None:
        self.move(one, "between")
        self.move(two, one)
        self.move("between", two)

    def touch(self, path: str, modified: int | None = None) -> Entry:
        where = paths.parse(path)
        modified = next(self.numbers) + 1000 if modified is None else modified
        self.entries[where] = replace(self.entries[where], modified=modified)
        return self.entries[where]

    def delete(self, path: str) -> None:
        for one in [one for one in self.entries if paths.is_within(one, paths.parse(path))]:
            del self.entries[one]
            self.bodies.pop(one, None)

    def check(self, entry: Entry) -> None:
        there = self.entries.get(entry.path)
        if there is None or (there.id, there.revision) != (entry.id, entry.revision):
            raise Refused(f"{entry.path} is not {entry}")

    @property
    def files(self) -> dict[str, str]:
        return dict(sorted(self.bodies.items()))

    @property
    def folders(self) -> set[str]:
        return {path for path, entry in self.entries.items() if entry.is_folder}


@dataclass
class World:
    """Both sides, what was agreed, what was thrown away, and what was sent (bytes)."""

    one: Half = field(default_factory=lambda: Half("one"))
    two: Half = field(default_factory=lambda: Half("two"))
    rows: dict[RemotePath, Agreed] = field(default_factory=dict)
    trash: list[str] = field(default_factory=list)
    sent: int = 0
    compare: Compare = field(default_factory=Compare)
    wishes: Wishes = field(default_factory=Wishes)
    withheld: dict[Side, dict[RemotePath, str]] = field(default_factory=dict)
    left_out: dict[Side, frozenset[RemotePath]] = field(default_factory=dict)
    moved: dict[tuple[Side, str, str, RemotePath], Entry] = field(default_factory=dict)

    def half(self, side: Side) -> Half:
        return self.one if side is Side.ONE else self.two

    def tree(self, side: Side) -> Tree:
        withheld = self.withheld.get(side, {})
        left_out = self.left_out.get(side, frozenset())
        hidden = {*withheld, *left_out}
        found = {
            path: entry
            for path, entry in self.half(side).entries.items()
            if not any(paths.is_within(path, one) for one in hidden)
        }
        return Tree(found, withheld, left_out)

    def look(self) -> Situation:
        trees = {side: self.tree(side) for side in Side}
        traits = {side: self.half(side).traits for side in Side}
        return look(Rows.of(self.rows.values(), trees), trees, traits, self.compare)

    def plan(self) -> Plan:
        return plan(self.look(), self.wishes)

    def run(self) -> Plan:
        """Make a plan and do it; every action MUST succeed."""
        made = self.plan()
        self.carry_out(made.actions)
        return made

    def settle(self) -> Plan:
        """Run once; a second plan MUST be empty and both sides alike."""
        made = self.run()
        again = self.plan()
        assert again.actions == (), again.actions
        assert self.one.files == self.two.files
        return made

    def carry_out(
        self,
        actions: Iterable[Action],
        fails: Callable[[Action], bool] = lambda _: False,
        shuffle: Callable[[list[Action]], None] = lambda _: None,
    ) -> None:
        self.moved.clear()
        for stage in stages(tuple(actions)):
            group = list(stage)
            shuffle(group)
            for action in group:
                if not fails(action):
                    self.do(action)

    def attempt(
        self,
        actions: Iterable[Action],
        fails: Callable[[Action], bool],
        shuffle: Callable[[list[Action]], None],
    ) -> None:
        """Do what can be done; what is not as it was planned for is left."""

        def refuses(action: Action) -> bool:
            if not fails(action):
                with contextlib.suppress(Refused):
                    self.do(action)
            return True

        self.carry_out(actions, refuses, shuffle)

    def now(self, side: Side, entry: Entry) -> Entry:
        return self.moved.get((side, entry.id, entry.revision, entry.path), entry)

    def do(self, action: Action) -> None:
        match action:
            case MakeFolder(side, path, partner):
                made = self.half(side).mkdir(path)
                if partner:
                    self._write(path, side, made, partner)
            case Copy():
                self._copy(action)
            case Move():
                self._move(action)
            case Remove():
                self._remove(action)
            case Touch(side, entry, modified, partner, agreed):
                self.half(side).check(entry)
                new = self.half(side).touch(entry.path, modified)
                self._write(agreed, side, new, partner)
            case Adopt(path, one, two, was):
                self._write(path, Side.ONE, one, two, was)
            case Forget(path):
                self.rows.pop(path, None)

    def _copy(self, copy: Copy) -> None:
        here, there = self.half(copy.side), self.half(copy.side.other)
        source = self.now(copy.side.other, copy.source)
        there.check(source)
        if copy.replaces:
            here.check(self.now(copy.side, copy.replaces))
            self.trash.append(here.bodies[copy.path])
        elif copy.path in here.entries:
            raise Refused(f"{copy.path} is there")
        body = there.bodies[source.path]
        new = here.put(copy.path, body, source.modified)
        self.sent += len(body)
        self._write(copy.agreed, copy.side, new, source, copy.was)

    def _move(self, move: Move) -> None:
        half, entry = self.half(move.side), self.now(move.side, move.entry)
        half.check(entry)
        new = half.move(entry.path, move.path)
        self.moved[move.side, move.entry.id, move.entry.revision, move.path] = new
        if move.partner:
            partner = self.now(move.side.other, move.partner)
            self._write(move.agreed, move.side, new, partner, move.was)

    def _remove(self, removal: Remove) -> None:
        half, entry = self.half(removal.side), self.now(removal.side, removal.entry)
        if not entry.is_folder:
            half.check(entry)
            self.trash.append(half.bodies[entry.path])
        elif any(paths.parent(one) == entry.path for one in half.entries):
            raise Refused(f"{entry.path} holds something")
        half.delete(entry.path)
        if removal.agreed is not None:
            self.rows.pop(removal.agreed, None)

    def _write(
        self,
        agreed: RemotePath,
        side: Side,
        here: Entry,
        there: Entry,
        was: RemotePath | None = None,
    ) -> None:
        one, two = (here, there) if side is Side.ONE else (there, here)
        if was is not None:
            self.rows.pop(was, None)
        self.rows[agreed] = Agreed(agreed, fact_of(one), fact_of(two))


def agreed(*files: str, **options: object) -> World:
    """Return a world where both sides hold these files already; a body is its path."""
    world = World(**options)  # type: ignore[arg-type]
    for path in files:
        world.one.put(path, f"body of {path}")
    world.settle()
    world.sent = 0
    return world
