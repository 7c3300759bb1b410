"""The work of a vigil: runs of the engine, restricted to what is to be looked at."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import MirrorError, RateLimited
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot, Target, Usage
from sync.conflict import Loser, Policy, Resolve
from sync.dirty import Stamp
from sync.ends import End, Pair
from sync.engine import run_bisync, run_oneway
from sync.errors import Refused, StateFailed
from sync.ground import ODD, Ground
from sync.manifest import Manifest
from sync.model import (
    Action,
    Adopt,
    Forget,
    MakeFolder,
    Outcome,
    Plan,
    Remove,
    Report,
    Result,
    Side,
    Stop,
)
from sync.oneway import Rules
from sync.options import Options, Run
from sync.pace import Halt
from sync.part import Part
from sync.plan import Wishes
from sync.watching import Silent
from sync.words import conflict_line, line_of, plain, skip_line

_log = logging.getLogger(__name__)
_UNKNOWN = Stamp(-2)
"""Is never what is found, so that it is looked at."""

Go = Callable[[Pair, Options, Run], Report]
"""One run of the engine, one way or both."""


@dataclass(frozen=True, slots=True)
class Means:
    """What runs work with; ``command`` is the engine's name of the command.

    ``make_far`` makes the far folder and those above it; one that is there is fine.
    """

    executor: Executor
    clock: Clock
    command: str
    go: Go
    make_far: Callable[[], None]


class Tending:
    """Brings a folder of this machine (the first side) in line with another one.

    It is :class:`sync.vigil.Work`.
    """

    def __init__(self, pair: Pair, ground: Ground, options: Options, means: Means) -> None:
        self._far = Remembering(pair.two.target)
        self._pair = Pair(pair.one, self._far.as_end(pair.two))
        self._ground = ground
        self._options = options
        self._means = means
        self._halt = Halt()
        self._is_stopped = False
        self._warned: set[str] = set()
        path = options.state.manifest(pair, means.command)
        self._manifest = Manifest(path, pair.keys)

    def reconcile(self, wanted: Part) -> frozenset[RemotePath]:
        """See :class:`sync.vigil.Work`."""
        self._begin_far()
        odd = {path for path in wanted.paths or () if self._ground.look(path) == ODD}
        part = replace(wanted, unsettled=wanted.unsettled | odd)
        options = replace(self._options, scope=replace(self._options.scope, part=part))
        self._halt = Halt()
        if self._is_stopped:
            self.stop()
        run = Run(self._means.executor, self._means.clock, Telling(), self._halt)
        try:
            report = self._means.go(self._pair, options, run)
        except Refused as refused:
            if part.paths is None:
                raise
            _log.info("Everything is looked at first: %s", refused.message)
            return self.reconcile(replace(wanted, paths=None))
        self._warn(report.plan)
        self._judge(report)
        return frozenset(
            _path(outcome.action)
            for outcome in report.outcomes
            if outcome.result in {Result.FAILED, Result.CHANGED}
        )

    def known(self, path: RemotePath) -> Stamp | None:
        """See :class:`sync.vigil.Work`."""
        try:
            row = self._manifest.row(path)
        except StateFailed:
            return _UNKNOWN
        if row is None:
            return None
        if row.one.path != path:
            return _UNKNOWN
        is_folder = row.one.kind.value == "folder"
        return Stamp(is_folder=True) if is_folder else Stamp(row.one.size, row.one.modified)

    def remote_changes(self) -> frozenset[RemotePath] | None:
        """See :class:`sync.vigil.Work`."""
        far = self._far
        if not far.target.traits.changes or not far.cursor:
            return None
        found = far.target.changes(far.cursor)
        if found.rescan:
            return None
        far.cursor = found.cursor
        folders = found.folders | set(found.touched.values())
        return None if ROOT in folders else folders

    def usage(self) -> Usage:
        """See :class:`sync.vigil.Work`."""
        return self._far.target.usage()

    def stop(self) -> None:
        """Begin nothing more; what is in flight is finished."""
        self._is_stopped = True
        self._halt.ask(Stop.ASKED, "Stopped.")

    def close(self) -> None:
        """Give all back."""
        self._manifest.close()
        for _, end in self._pair:
            end.target.close()

    def _begin_far(self) -> None:
        """Make the far folder where nothing was agreed on yet; one that vanished is not made."""
        if not self._manifest.count() and self._ground.holds_something():
            self._means.make_far()

    def _warn(self, plan: Plan) -> None:
        """Log conflicts, and what is left as it is, when they are new."""
        lines = [str(conflict_line(one)) for one in plan.conflicts]
        lines += [str(skip_line(one)) for one in plan.skips]
        for line in lines:
            if line not in self._warned:
                _log.warning("%s", line)
        self._warned = set(lines)

    def _judge(self, report: Report) -> None:
        if report.stop is Stop.QUOTA:
            raise RateLimited(report.note, report.until)
        if report.stop is Stop.STATE:
            raise StateFailed(report.note)
        if report.stop:
            raise MirrorError(report.note)


def both_ways(pair: Pair, options: Options, run: Run) -> Report:
    """Bring both sides in line; of two versions the far one keeps the name, and both stay."""
    now = datetime.now(UTC).astimezone()
    names = ("conflict", "conflict")
    policy = Policy(Side.TWO, Resolve.NONE, Loser.ASIDE, names, socket.gethostname(), now)
    return run_bisync(pair, options, run, Wishes(policy, empty_folders=False))


def one_way(*, deletes: bool) -> Go:
    """Return what brings the far side in line with the folder, and deletes there or not."""

    def go(pair: Pair, options: Options, run: Run) -> Report:
        command = "sync" if deletes else "copy"
        return run_oneway(command, pair, options, run, Rules(deletes=deletes))

    return go


class Remembering:
    """A target that keeps the cursor of the last look at everything.

    All else is the target's own: a wrapper, so that the engine need not know of cursors.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.cursor = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`mirrorfs.core.provider.Source`."""
        found = self.target.scan(folder)
        if folder == ROOT:
            self.cursor = found.cursor
        return found

    def as_end(self, end: End) -> End:
        """Return ``end`` with this in the place of its target."""
        return replace(end, target=cast(Target, self))


class Telling(Silent):
    """Logs what was done, and what failed, a line each; of what was not begun the run tells why."""

    def ended(self, outcome: Outcome) -> None:
        """See :class:`sync.watching.Observer`."""
        if outcome.result is Result.DONE:
            _log.info("%s", line_of(outcome.action))
        elif outcome.result is not Result.STOPPED:
            _log.warning("%s: %s", line_of(outcome.action), plain(outcome.reason))

    def waiting(self, reason: str, until: float) -> None:
        """See :class:`sync.watching.Observer`."""
        _log.info("%s (until %s)", plain(reason), until)

    def noted(self, text: str) -> None:
        """See :class:`sync.watching.Observer`."""
        _log.warning("%s", plain(text))


def _path(action: Action) -> RemotePath:
    if isinstance(action, MakeFolder | Adopt | Forget):
        return action.path
    if isinstance(action, Remove):
        return action.agreed or action.entry.path
    return action.agreed
