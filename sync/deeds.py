"""Carrying out one action of a plan: nothing is replaced or removed that is not as planned.

What is replaced or removed is kept first, the row is written last. Whatever is raised in
between, nothing is lost: what was there is there still, or where it is kept.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import AlreadyExists, Changed, Corrupt, MirrorError, NotFound, Unsupported
from mirrorfs.core.facts import DESCRIPTION
from mirrorfs.core.paths import RemotePath
from sync.body import Body
from sync.compare import same_digest
from sync.ends import End, Pair
from sync.keeping import Keeper, Kept
from sync.manifest import Manifest
from sync.model import (
    Action,
    Adopt,
    Agreed,
    Copy,
    Forget,
    MakeFolder,
    Move,
    Remove,
    Side,
    Touch,
    fact_of,
)
from sync.pace import Pace, at_once
from sync.situation import converts

Sent = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did: bytes sent, and where what it replaced or removed is kept."""

    sent: int = 0
    trash: str = ""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Does actions; safe to use from several threads.

    ``known`` are the rows at the start of the run.
    """

    pair: Pair
    manifest: Manifest
    keeper: Keeper
    pace: Pace
    known: Mapping[RemotePath, Agreed]
    _moved: dict[tuple[Side, str, str, RemotePath], Entry] = field(default_factory=dict)
    """What was moved: (side, former id and revision, new path) → what it is now."""

    def do(self, action: Action, sent: Sent) -> Done:
        """Do one action and write its row; ``sent`` is told of bytes as they go.

        Raises:
            Changed, NotFound, AlreadyExists: something is not as it was planned for.
            StateFailed: the row could not be written. Others as the sides raise them.
        """
        match action:
            case MakeFolder():
                return self._make_folder(action)
            case Copy():
                return self._copy(action, sent)
            case Move():
                return self._move(action, sent)
            case Remove():
                return self._remove(action)
            case Touch():
                return self._touch(action)
            case Adopt():
                self.manifest.put(adopted(action), action.was)
            case Forget():
                self.manifest.forget([action.path])
        return Done()

    def _make_folder(self, action: MakeFolder) -> Done:
        made = self.pair.of(action.side).target.mkdir(action.path)
        if action.partner:
            self.manifest.put(_row(action.path, action.side, made, action.partner))
        return Done()

    def _copy(self, action: Copy, sent: Sent) -> Done:
        source = self._now(action.side.other, action.source)
        old = self._now(action.side, action.replaces) if action.replaces else None
        kept = self.keeper.keep(action.side, old) if old else Kept("", lambda: None)
        with self._undone(action.side, old, kept):
            spend = self.pace.between(action.side.other, action.side)
            body = Body(self.pair.of(action.side.other), source, spend, sent)
            replaces = None if kept.is_moved else old
            new, digest = self._write(action.side, body, source, action.path, replaces)
        here, there = _with_digest(new, digest), _with_digest(source, digest)
        self.manifest.put(_row(action.agreed, action.side, here, there), action.was)
        return Done(source.size, kept.where)

    def _move(self, action: Move, sent: Sent) -> Done:
        target = self.pair.of(action.side).target
        entry = self._now(action.side, action.entry)
        if entry.path == action.path:
            return self._confirm(action, entry)
        done = Done()
        try:
            new = target.rename(entry, action.path)
        except Unsupported:
            new, done = self._copied(action, entry, sent)
            with contextlib.suppress(NotFound):  # it is gone, as was wanted
                target.remove(entry)
        key = (action.side, action.entry.id, action.entry.revision, action.path)
        self._moved[key] = new
        self._note_move(action, new)
        return done

    def _copied(self, action: Move, entry: Entry, sent: Sent) -> tuple[Entry, Done]:
        """Return the copy of a file at its new place; one whose answer was lost is that copy."""
        end = self.pair.of(action.side)
        try:
            body = Body(end, entry, self.pace.between(action.side, action.side), sent)
            new, _ = self._write(action.side, body, entry, action.path, None)
        except (AlreadyExists, NotFound):
            found = end.target.stat(action.path)
            if not _is_copy(end, found, entry):
                raise
            return found, Done()
        return new, Done(entry.size)

    def _confirm(self, action: Move, entry: Entry) -> Done:
        """Write the row of what an earlier action moved to its place, if it is there."""
        found = self.pair.of(action.side).target.stat(entry.path)
        if (found.id, found.revision) != (entry.id, entry.revision):
            raise Changed(f"{entry.path} is not what was moved there.")
        self._note_move(action, found)
        return Done()

    def _note_move(self, action: Move, new: Entry) -> None:
        if action.partner:
            partner = self._now(action.side.other, action.partner)
            digest = self._digest_of(action)
            here, there = _with_digest(new, digest), _with_digest(partner, digest)
            self.manifest.put(_row(action.agreed, action.side, here, there), action.was)
        elif action.was is not None:
            self.manifest.forget([action.was])

    def _remove(self, action: Remove) -> Done:
        target = self.pair.of(action.side).target
        entry = self._now(action.side, action.entry)
        kept = Kept("", lambda: None)
        try:
            if not entry.is_folder:
                kept = self.keeper.keep(action.side, entry)
            if not kept.is_moved:
                with self._undone(action.side, entry, kept):
                    target.remove(entry)
        except NotFound:  # it is gone, as was wanted
            pass
        if action.agreed is not None:
            self.manifest.forget([action.agreed])
        return Done(0, kept.where)

    def _touch(self, action: Touch) -> Done:
        entry = self._now(action.side, action.entry)
        partner = self._now(action.side.other, action.partner)
        disk = self.pair.of(action.side).disk
        touched = disk.touch(entry, action.modified) if disk else entry
        digest = entry.digest or partner.digest
        here, there = _with_digest(touched, digest), _with_digest(partner, digest)
        self.manifest.put(_row(action.agreed, action.side, here, there))
        return Done()

    def _write(
        self, side: Side, body: Body, source: Entry, path: RemotePath, replaces: Entry | None
    ) -> tuple[Entry, Digest]:
        """Write a file and prove that it is what was read; a new one that is not goes again."""
        described = {name: source.facts[name] for name in DESCRIPTION if name in source.facts}
        target = self.pair.of(side).target
        new = target.write(
            path,
            body,
            size=source.size,
            modified=source.modified,
            replaces=replaces,
            facts=described,
        )
        digest = body.finish()
        if converts(target.traits, path):  # what is read back tells nothing of what was sent
            return new, digest
        if same_digest(new.digest, digest) is False or new.size != source.size:
            if replaces is None:
                with contextlib.suppress(MirrorError):
                    target.remove(new)
            raise Corrupt(f"{path}: what is stored is not what was sent.", "The source stays.")
        return new, digest

    @contextlib.contextmanager
    def _undone(self, side: Side, entry: Entry | None, kept: Kept) -> Iterator[None]:
        """Undo what was kept of a file when it stays where it was after all."""
        try:
            yield
        except MirrorError:
            if entry:
                with contextlib.suppress(MirrorError, OSError):
                    if kept.is_moved or self._is_there(side, entry):
                        kept.undo()
            raise

    def _is_there(self, side: Side, entry: Entry) -> bool:
        current = self.pair.of(side).target.stat(entry.path)
        return (current.revision, current.size) == (entry.revision, entry.size)

    def _now(self, side: Side, entry: Entry) -> Entry:
        """Return an entry of the plan as it is after the moves that were made."""
        return self._moved.get((side, entry.id, entry.revision, entry.path), entry)

    def _digest_of(self, action: Move) -> Digest | None:
        """Return what is known of the bytes of a file that is moved."""
        row = self.known.get(action.entry.path)
        fact = row.of(action.side) if row else None
        if fact and (fact.id, fact.revision) == (action.entry.id, action.entry.revision):
            return fact.digest
        return action.entry.digest


def adopted(action: Adopt) -> Agreed:
    """Return the row of what both sides hold already."""
    return Agreed(action.path, fact_of(action.one), fact_of(action.two))


def _is_copy(end: End, found: Entry, entry: Entry) -> bool:
    """Say whether two files of one side hold the same bytes; they are read where need be."""
    if found.is_folder or found.size != entry.size:
        return False
    verdict = same_digest(found.digest, entry.digest)
    if verdict is None:
        both = (Body(end, one, at_once, lambda _: None) for one in (found, entry))
        verdict = same_digest(*(one.finish() for one in both))
    return verdict is True


def _row(path: RemotePath, side: Side, here: Entry, there: Entry) -> Agreed:
    one, two = (here, there) if side is Side.ONE else (there, here)
    return Agreed(path, fact_of(one), fact_of(two))


def _with_digest(entry: Entry, digest: Digest | None) -> Entry:
    return entry if entry.digest or entry.is_folder else replace(entry, digest=digest)
