"""Runs schedules when they are due, each as a process of its own.

What was missed while the machine slept or this did not run is made up once. A run is noted
before it begins, so that one that a crash or a reboot ended is taken up again at the next
start; one that met the limit of the hour is taken up when the quota is there again.
"""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import MirrorError
from mirrorfs.metrics import Figure
from sync import cron, resuming
from sync.timetable import Schedule, Timetable

_log = logging.getLogger(__name__)
_STEP = 1.0
_UNNAMED_WAIT = 3600.0
_GRACE = 30.0


class Child(Protocol):
    """A run that is under way."""

    def status(self) -> int | None:
        """Return the exit status (below 0: the signal that ended it); ``None`` while it runs."""
        ...

    def said(self) -> str:
        """Return the end of what it wrote."""
        ...

    def end(self, patience: float) -> None:
        """Ask it to end, wait so many seconds for that, then kill it."""
        ...


Launch = Callable[[Schedule], Child]
"""Begins a run; MirrorError: it cannot be begun."""


@dataclass(frozen=True, slots=True)
class Running:
    """A schedule as it was noted at the beginning of its run, and the run."""

    schedule: Schedule
    child: Child


def next_run(schedule: Schedule, zone: datetime.tzinfo) -> float:
    """Return when a schedule is to be run next (seconds since the epoch)."""
    return schedule.resume_at or cron.after(schedule.cron, schedule.considered, zone)


def figures_of(
    schedules: Iterable[Schedule], running: Container[str], zone: datetime.tzinfo
) -> Iterator[Figure]:
    """Yield what Prometheus is told of schedules."""
    for one in schedules:
        for name, about, value in (
            ("running", "1 while it runs.", int(one.name in running)),
            ("last_status", "Exit status of the last run.", one.status),
            ("last_start_timestamp_seconds", "When it last began.", one.started or None),
            ("last_end_timestamp_seconds", "When it last ended.", one.ended or None),
            ("next_run_timestamp_seconds", "When it begins next.", next_run(one, zone)),
        ):
            labels = {"schedule": one.name}
            yield Figure(f"mirrorsync_schedule_{name}", about, value, labels)


class Runner:
    """Runs what is due, several schedules at once if need be, but each only once at a time."""

    def __init__(
        self, timetable: Timetable, launch: Launch, clock: Clock, zone: datetime.tzinfo
    ) -> None:
        self._timetable = timetable
        self._launch = launch
        self._clock = clock
        self._zone = zone
        self._running: dict[str, Running] = {}
        self._stopped = threading.Event()

    def figures(self) -> Iterator[Figure]:
        """Yield what Prometheus is told."""
        return figures_of(self._timetable.all(), self._running, self._zone)

    def stop(self) -> None:
        """Let :meth:`run` end what is under way, which is taken up again at the next start."""
        self._stopped.set()

    def run(self) -> None:
        """Run what is due until :meth:`stop`."""
        while not self._stopped.is_set():
            self.step()
            self._stopped.wait(_STEP)
        for running in self._running.values():
            running.child.end(_GRACE)

    def run_once(self) -> int:
        """Run what is due now, wait for its end, and return the worst exit status."""
        self.step()
        statuses: list[int] = []
        while self._running and not self._stopped.is_set():
            statuses += self._reap()
            self._stopped.wait(0.05)
        for running in self._running.values():
            running.child.end(_GRACE)
        return max(map(abs, statuses), default=0)

    def step(self) -> None:
        """See which runs ended, and begin those that are due."""
        self._reap()
        now = self._clock.now()
        for schedule in self._timetable.all():
            if schedule.name not in self._running and next_run(schedule, self._zone) <= now:
                self._begin(schedule, now)

    def _begin(self, schedule: Schedule, now: float) -> None:
        noted = replace(schedule, considered=now, started=now, resume_at=now)
        self._timetable.update(schedule, noted)
        try:
            child = self._launch(noted)
        except MirrorError as error:
            self._finish(noted, 1, str(error))
            return
        _log.info("%s begins.", schedule.name)
        self._running[schedule.name] = Running(noted, child)

    def _reap(self) -> list[int]:
        """Note what ended; return the statuses."""
        ended = []
        for name, running in list(self._running.items()):
            status = running.child.status()
            if status is not None:
                del self._running[name]
                self._finish(running.schedule, status, running.child.said())
                ended.append(status)
        return ended

    def _finish(self, schedule: Schedule, status: int, said: str) -> None:
        now = self._clock.now()
        resume_at = 0.0
        if status == resuming.STATUS:
            resume_at = max(resuming.heard(said) or now + _UNNAMED_WAIT, now)
        lines = said.strip().splitlines()
        error = "" if status == 0 else (lines[-1] if lines else "It ended without a word.")
        _log.log(
            logging.WARNING if error else logging.INFO,
            "%s ended with %s. %s", schedule.name, status, error,
        )  # fmt: skip
        done = replace(schedule, ended=now, status=status, error=error, resume_at=resume_at)
        self._timetable.update(schedule, done)
