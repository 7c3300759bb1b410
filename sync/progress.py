"""How far a run is: counted as it goes, told as figures. Safe to use from several threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from mirrorfs.core.paths import RemotePath
from sync.model import Action, Adopt, Copy, Forget, Outcome, Plan, Result, Side
from sync.units import size_text, span_text
from sync.words import line_of, plain

_SPAN = 15.0
"""Seconds over which the rate is taken."""

_STEP = 0.25


@dataclass(frozen=True, slots=True)
class Running:
    """A file that is being copied: bytes sent of how many."""

    path: RemotePath
    side: Side
    sent: int
    size: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Where a run is at a moment; sizes in bytes, times in seconds.

    ``left`` is how long it will still take, ``None`` when nobody can say. ``waiting`` says for
    what nothing happens.
    """

    listed: tuple[tuple[Side, int], ...]
    done: int
    total: int
    sent: int
    size: int
    rate: float
    left: float | None
    elapsed: float
    troubles: int
    running: tuple[Running, ...]
    waiting: str
    is_planned: bool

    def __str__(self) -> str:
        if not self.is_planned:
            found = ", ".join(f"{count} in {side.value}" for side, count in self.listed)
            return f"Listing both sides{f': {found}' if found else ''}, {span_text(self.elapsed)}"
        parts = [
            f"{self.done} of {self.total} done",
            f"{size_text(self.sent)} of {size_text(self.size)}",
            f"{size_text(int(self.rate))}/s",
        ]
        if self.left is not None:
            parts.append(f"{span_text(self.left)} left")
        if self.troubles:
            parts.append(f"{self.troubles} not done")
        if self.waiting:
            parts.append(self.waiting)
        return ", ".join(parts)


class Progress:
    """Counts what an observer is told; ``now`` is the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = now()
        self._lock = threading.RLock()  # a signal may come while it is held
        self._listed: dict[Side, int] = {}
        self._running: dict[int, Running] = {}
        self._sent: deque[tuple[float, int]] = deque([(self._began, 0)])
        self._done = self._total = self._bytes = self._size = self._troubles = 0
        self._waiting, self._until = "", 0.0
        self._is_planned = False

    def scanned(self, side: Side, entries: int) -> None:
        """Note that a side is listed."""
        with self._lock:
            self._listed[side] = entries

    def planned(self, plan: Plan) -> None:
        """Note what is to be done."""
        with self._lock:
            self._is_planned = True
            self._total = sum(not isinstance(one, Adopt | Forget) for one in plan.actions)
            self._size = sum(one.source.size for one in plan.actions if isinstance(one, Copy))
            self._sent = deque([(self._now(), self._bytes)])

    def began(self, action: Action) -> None:
        """Note that an action is under way."""
        if isinstance(action, Copy):
            size = action.source.size
            with self._lock:
                self._running[id(action)] = Running(action.path, action.side, 0, size)

    def sent(self, action: Action, size: int) -> None:
        """Note bytes that were sent."""
        with self._lock:
            self._bytes += size
            if one := self._running.get(id(action)):
                self._running[id(action)] = Running(one.path, one.side, one.sent + size, one.size)
            now = self._now()
            if now - self._sent[-1][0] >= _STEP:
                self._sent.append((now, self._bytes))
            while len(self._sent) > 2 and now - self._sent[0][0] > _SPAN:
                self._sent.popleft()

    def ended(self, outcome: Outcome) -> None:
        """Note that an action is over."""
        with self._lock:
            self._running.pop(id(outcome.action), None)
            if isinstance(outcome.action, Adopt | Forget):
                return
            self._done += outcome.result is Result.DONE
            self._troubles += outcome.result in {Result.FAILED, Result.CHANGED}

    def waiting(self, reason: str, until: float) -> None:
        """Note that nothing happens until then."""
        with self._lock:
            self._waiting, self._until = reason, until

    def figures(self) -> Figures:
        """Return where the run is now."""
        with self._lock:
            now = self._now()
            began, before = self._sent[0]
            rate = (self._bytes - before) / max(now - began, _STEP)
            remaining = max(self._size - self._bytes, 0)
            return Figures(
                tuple(self._listed.items()),
                self._done,
                self._total,
                self._bytes,
                self._size,
                max(rate, 0.0),
                remaining / rate if rate > 0 else None,
                now - self._began,
                self._troubles,
                tuple(self._running.values()),
                self._waiting if now < self._until else "",
                self._is_planned,
            )


def outcome_line(outcome: Outcome) -> str:
    """Return one line for an action that is over."""
    line = line_of(outcome.action)
    if outcome.result is Result.DONE:
        return str(line)
    return f"{plain(line.path)}: {line.kind.value} {outcome.result.value}: {plain(outcome.reason)}"
