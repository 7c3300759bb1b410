"""Keeps two sides alike for as long as it lasts: events are hints, the scan is the truth.

A folder is looked at whole at the start, whenever something may have been missed, and at
intervals; in between only where something settled. What could not be done is done later: after
a growing while, or when the quota is there again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import MirrorError, NotFound, RateLimited, Transient
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Usage
from mirrorfs.metrics import Figure
from sync.dirty import Stamp
from sync.errors import PairBusy, Refused, Vanished
from sync.ground import Ground
from sync.part import Part
from sync.pending import Hints, Pending

_log = logging.getLogger(__name__)
_TICK = 0.25
_IDLE = 1.0
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_LONGEST_LEFT = 3600.0


class Watching(Protocol):
    """Where hints come from (:class:`sync.watch.Watch`); ``note`` says why they come late."""

    note: str

    def take(self, patience: float) -> Hints:
        """Return the hints since the last time; wait for the first for so many seconds."""
        ...


class Work(Protocol):
    """Brings the two sides in line."""

    def reconcile(self, wanted: Part) -> frozenset[RemotePath]:
        """Bring them in line; return the paths of which something is left to do.

        Raises:
            MirrorError: it could not be done, or not wholly.
        """
        ...

    def known(self, path: RemotePath) -> Stamp | None:
        """Return what the last agreement left at ``path`` of the folder."""
        ...

    def usage(self) -> Usage:
        """Return what was asked of the other side; costs nothing."""
        ...

    def stop(self) -> None:
        """Have :meth:`reconcile` begin nothing more; what is in flight is finished."""
        ...

    def remote_changes(self) -> frozenset[RemotePath] | None:
        """Return where the other side changed since the last time; ``None`` if anywhere.

        Raises:
            MirrorError: it cannot be told now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two looks at everything, and at the changes of the other side.

    ``remote`` of 0 is never: what comes from there is not wanted.
    """

    whole: float = 3600.0
    remote: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """How it goes. Times are in seconds since the epoch (UTC), 0 for never.

    ``queue`` counts paths that wait, ``left`` those that a run could not bring in line and that
    are tried again later. ``calls_left`` is what is left of the quota (``None``: nobody said).
    ``note`` says why the folder is polled or nothing is done.
    """

    root: str
    started: float
    queue: int = 0
    left: int = 0
    runs: int = 0
    failures: int = 0
    last_run: float = 0.0
    next_whole: float = 0.0
    next_remote: float = 0.0
    retry_at: float = 0.0
    calls_left: int | None = None
    error: str = ""
    note: str = ""


class Vigil:
    """Watches a folder and has ``work`` bring it in line with the other side.

    ``watch`` begins to watch anew each time it is called; ``tell`` hears of every new state.
    ``ready`` is set once hints are heard, or the folder is waited for.
    """

    def __init__(
        self,
        ground: Ground,
        watch: Callable[[], AbstractContextManager[Watching]],
        work: Work,
        rhythm: Rhythm,
        clock: Clock,
    ) -> None:
        self._ground = ground
        self._watch = watch
        self._work = work
        self._rhythm = rhythm
        self._clock = clock
        self._stopped = threading.Event()
        self.ready = threading.Event()
        self._pending = Pending()
        self._pause = _FIRST_PAUSE
        self._left: frozenset[RemotePath] = frozenset()
        self._left_at = 0.0
        self._left_pause = _FIRST_PAUSE
        self._refusal = ""
        self.state = State(str(ground.root), clock.now())
        self.tell: Callable[[State], None] = lambda _: None

    def stop(self) -> None:
        """Let :meth:`run` return as soon as what is in flight has ended."""
        self._stopped.set()
        self._work.stop()

    def run(self) -> None:
        """Watch until :meth:`stop`; after the folder was gone everything is looked at.

        Raises:
            MirrorError: the first look failed in a way that does not pass.
        """
        while not self._stopped.is_set():
            if not self._is_there():
                self.ready.set()
                self._stopped.wait(_IDLE)
                continue
            self._pending.add(None)
            try:
                with self._watch() as watching:
                    self.ready.set()
                    watched = self._ground.identity
                    while not self._stopped.is_set() and self._is_there():
                        if self._ground.identity != watched:
                            break
                        self.step(watching)
            except NotFound:
                if self._is_there():
                    raise

    def step(self, watching: Watching) -> None:
        """Take hints, and do what is due.

        Raises:
            MirrorError: as :meth:`run`.
        """
        hints = watching.take(self._patience())
        if self._stopped.is_set() or not self._is_there():
            return
        now = self._clock.now()
        self._pending.hear(hints, now)
        self._pending.settle(now, self._ground.look, self._work.known)
        if now >= self.state.next_whole:
            self._pending.add(None)
        if self._left and now >= self._left_at:
            self._pending.add(self._left)
            self._left = frozenset()
        self._note(note=watching.note, queue=len(self._pending))
        if now < self.state.retry_at:
            return
        if self._rhythm.remote and now >= self.state.next_remote:
            self._ask_remote()
        if self._pending.is_due:
            self._reconcile()

    def figures(self) -> Iterator[Figure]:
        """Yield what Prometheus is told."""
        state, usage = self.state, self._work.usage()
        for name, about, value in (
            ("queue_paths", "Paths that wait.", state.queue),
            ("left_paths", "Paths that could not be brought in line.", state.left),
            ("runs_total", "Runs.", state.runs),
            ("failures_total", "Runs that failed.", state.failures),
            ("last_run_timestamp_seconds", "When a run last ended well.", state.last_run or None),
            ("retry_timestamp_seconds", "When it is tried again.", state.retry_at or None),
            ("failing", "1 when something is wrong.", int(bool(state.error or state.note))),
            ("api_calls_total", "Calls that count against the quota.", usage.calls),
            ("quota_remaining", "Calls that are left.", usage.remaining),
            ("quota_reset_timestamp_seconds", "When all are there again.", usage.resets_at),
        ):
            yield Figure(f"mirrorsync_watch_{name}", about, value, {"folder": state.root})

    def _patience(self) -> float:
        """Return for how many seconds there is nothing to do but to listen."""
        if self._pending.is_due and self._clock.now() >= self.state.retry_at:
            return 0.0
        return _TICK if self._pending.is_settling else _IDLE

    def _ask_remote(self) -> None:
        try:
            self._pending.add(self._work.remote_changes())
        except MirrorError as error:
            self._put_off(error)
        self._note(next_remote=self._clock.now() + self._rhythm.remote)

    def _reconcile(self) -> None:
        wanted = self._pending.take()
        try:
            left = self._work.reconcile(wanted)
        except MirrorError as error:
            is_first = self.state.runs == 0 and not self._stopped.is_set()
            if is_first and not isinstance(error, Transient | PairBusy | Vanished):
                raise
            if isinstance(error, Refused):
                self._refuse(wanted, error)
            else:
                self._pending.add(wanted.paths)
                self._put_off(error)
            return
        self._pause = _FIRST_PAUSE
        self._keep_left(left, is_all=wanted.paths is None)
        now = self._clock.now()
        if wanted.paths is None:
            self._refusal = ""
            self._note(next_whole=now + self._rhythm.whole)
        count = len(self._left)
        trouble = f"{count} paths could not be brought in line; see the log." if count else ""
        self._note(
            runs=self.state.runs + 1,
            last_run=now,
            queue=len(self._pending),
            left=count,
            calls_left=self._work.usage().remaining,
            retry_at=0.0,
            error=self._refusal or trouble,
        )

    def _refuse(self, wanted: Part, refused: Refused) -> None:
        """Keep what looks like a mistake for later; all else goes on, and nobody asks in vain."""
        if wanted.paths is None:
            self._refusal = str(refused)
            self._note(next_whole=self._clock.now() + self._rhythm.whole)
        else:
            self._keep_left(wanted.paths, is_all=False)
        self._note(error=str(refused), failures=self.state.failures + 1, left=len(self._left))

    def _keep_left(self, left: frozenset[RemotePath], *, is_all: bool) -> None:
        """Have what a run left tried again, ever more seldom; all else goes on meanwhile."""
        if is_all:
            self._left = frozenset()
        if left:
            self._left |= left
            self._left_at = self._clock.now() + self._left_pause
            self._left_pause = min(2 * self._left_pause, _LONGEST_LEFT)
        elif not self._left:
            self._left_pause = _FIRST_PAUSE

    def _put_off(self, error: MirrorError) -> None:
        """Try again when the quota is there, else after a while that doubles each time."""
        now = self._clock.now()
        if isinstance(error, RateLimited) and error.retry_at > now:
            until = error.retry_at
        else:
            until = now + self._pause
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        calls_left = self._work.usage().remaining
        failures = self.state.failures + 1
        self._note(error=str(error), retry_at=until, failures=failures, calls_left=calls_left)

    def _is_there(self) -> bool:
        is_there = self._ground.is_there()
        if not is_there:
            self._note(note=self._ground.note)
        return is_there

    def _note(self, **news: Any) -> None:
        """Remember how it goes, tell of it, and log what is new to worry about."""
        before, self.state = self.state, replace(self.state, **news)
        if self.state == before:
            return
        for worry, former in ((self.state.error, before.error), (self.state.note, before.note)):
            if worry and worry != former:
                _log.warning("%s", worry)
        self.tell(self.state)
