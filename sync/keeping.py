"""What is kept of a file before it is removed or replaced, and where."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import AlreadyExists, MirrorError, NotFound, Unsupported
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Target
from sync.body import Body
from sync.ends import End
from sync.model import Copy, Outcome, Plan, Result, Side
from sync.pace import at_once


class NotKept(MirrorError):
    """A file cannot be kept, so it is neither removed nor replaced."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a file is kept (text for people); ``undo`` makes it as it was before.

    ``is_moved`` says that the file is there and no longer at its own path.
    """

    where: str
    undo: Callable[[], object]
    is_moved: bool = False


class Keeper(Protocol):
    """Keeps files of both sides; safe to use from several threads."""

    def keep(self, side: Side, entry: Entry) -> Kept:
        """Keep a file that is about to be removed or replaced.

        Raises:
            Changed: it is not at that revision any more.
            NotFound: it is gone.
            NotKept: it cannot be kept, so it MUST NOT be removed. Others as reading it.
        """
        ...


class Nowhere:
    """Keeps nothing: somebody asked for that."""

    def keep(self, side: Side, entry: Entry) -> Kept:  # noqa: ARG002 - see Keeper
        """See :class:`Keeper`."""
        return Kept("", lambda: None)


class BackupFolder:
    """A folder of the same account or disk as a side; files are moved there by the service.

    ``target`` is opened at a folder that holds both: the side at ``base`` and the backup folder
    at ``folder``. ``suffix`` is added to each name. Nothing there is replaced. What cannot be
    moved, as from one disk to another, is copied and proven.
    """

    def __init__(
        self, target: Target, base: RemotePath, folder: RemotePath, suffix: str = ""
    ) -> None:
        self._target = target
        self._base = base
        self._folder = folder
        self._suffix = suffix

    def keep(self, side: Side, entry: Entry) -> Kept:  # noqa: ARG002 - see Keeper
        """See :class:`Keeper`."""
        here = replace(entry, path=_below(self._base, entry.path))
        for number in itertools.count(1):
            there = _below(self._folder, self._name(entry.path, number))
            try:
                return self._take(here, there)
            except AlreadyExists as taken:
                if not self._is_there(there):
                    raise NotKept(
                        f"{entry.path} cannot be kept as {there}: {taken.message}",
                        "Name another --backup-dir.",
                    ) from taken
        raise AssertionError

    def _is_there(self, path: RemotePath) -> bool:
        """Say whether there is something; where not, it is a file above that is in the way."""
        try:
            self._target.stat(path)
        except NotFound:
            return False
        return True

    def _take(self, here: Entry, there: RemotePath) -> Kept:
        try:
            moved = self._target.rename(here, there)
        except Unsupported:  # another disk, or a service that cannot move it
            body = Body(End(self._target, "", ""), here, at_once, lambda _: None)
            copied = self._target.write(there, body, size=here.size, modified=here.modified)
            body.finish()
            return Kept(there, partial(self._target.remove, copied))
        return Kept(there, partial(self._target.rename, moved, here.path), is_moved=True)

    def _name(self, path: RemotePath, number: int) -> RemotePath:
        if number == 1:
            return RemotePath(f"{path}{self._suffix}")
        name = PurePosixPath(path)
        return RemotePath(str(name.with_name(f"{name.stem} ({number}){name.suffix}{self._suffix}")))


class PerSide:
    """Another keeper for each side."""

    def __init__(self, keepers: Mapping[Side, Keeper]) -> None:
        self._keepers = keepers

    def keep(self, side: Side, entry: Entry) -> Kept:
        """See :class:`Keeper`."""
        return self._keepers[side].keep(side, entry)


class UnlessProven:
    """Keeps what ``keeper`` keeps, but not what is ``proven`` to be on the other side.

    A file of this machine that was written to since ``proven`` was told of it is kept, also when
    it has its size and time again.
    """

    def __init__(self, keeper: Keeper, end: End, proven: Mapping[Entry, int]) -> None:
        self._keeper = keeper
        self._end = end
        self._proven = proven

    def keep(self, side: Side, entry: Entry) -> Kept:
        """See :class:`Keeper`."""
        if entry in self._proven and _changed_at(self._end, entry) == self._proven[entry]:
            return Kept("", lambda: None)
        return self._keeper.keep(side, entry)


def before_sending(end: End, planned: Plan) -> Mapping[Entry, int]:
    """Return when each file of ``end`` that is to be sent was last changed, by its ``ctime``.

    Of what is gone or changed already nothing is told.
    """
    found: dict[Entry, int] = {}
    for action in planned.actions:
        if isinstance(action, Copy):
            with contextlib.suppress(MirrorError):
                found[action.source] = _changed_at(end, action.source)
    return found


def proven_by(outcomes: Iterable[Outcome], before: Mapping[Entry, int]) -> Mapping[Entry, int]:
    """Return those files of ``before`` whose very bytes were sent to the other side.

    What was there already is not among them: a service may have lost it since it was listed.
    """
    done = (outcome.action for outcome in outcomes if outcome.result is Result.DONE)
    sent = {action.source for action in done if isinstance(action, Copy)}
    return {entry: changed for entry, changed in before.items() if entry in sent}


def _changed_at(end: End, entry: Entry) -> int:
    """Return the ``ctime`` of a file of this machine, which nobody can set back; else 0."""
    return end.disk.status(entry).st_ctime_ns if end.disk else 0


def _below(folder: RemotePath, path: RemotePath) -> RemotePath:
    return paths.join(folder, path)
