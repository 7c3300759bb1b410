"""How fast bytes may go, and why a run begins nothing more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from mirrorfs.core.clock import Clock
from sync.bandwidth import Bandwidth, Rate
from sync.model import Side, Stop

Spend = Callable[[int], Iterator[int]]
"""Told how many bytes are to go, yields parts of that number, each when it may have gone."""

_STEP = 0.1
"""Seconds that one part takes at most."""

_UP, _DOWN, _TOTAL = "up", "down", "total"


def at_once(size: int) -> Iterator[int]:
    """See :data:`Spend`; as fast as it goes."""
    yield size


class Pace:
    """All threads together keep to ``bandwidth``; ``remotes`` are the sides that are none of disk.

    What goes to a remote goes up, what comes from one comes down, and all of it counts in total.
    """

    def __init__(self, bandwidth: Bandwidth, clock: Clock, remotes: frozenset[Side]) -> None:
        self._bandwidth = bandwidth
        self._clock = clock
        self._remotes = remotes
        self._lock = threading.Lock()
        self._free_at = dict.fromkeys((_UP, _DOWN, _TOTAL), 0.0)

    def between(self, source: Side, target: Side) -> Spend:
        """Return the pace of a file on its way from one side to the other."""
        lanes = {_UP: target in self._remotes, _DOWN: source in self._remotes, _TOTAL: True}
        return partial(self._spend, frozenset(lane for lane, counts in lanes.items() if counts))

    def _spend(self, lanes: frozenset[str], size: int) -> Iterator[int]:
        while size:
            rate = self._bandwidth.at(datetime.fromtimestamp(self._clock.now()))
            limits = {lane: limit for lane in lanes if (limit := _limit(rate, lane))}
            part = min([size, *(max(1, int(limit * _STEP)) for limit in limits.values())])
            self._clock.sleep(self._wait(limits, part))
            yield part
            size -= part

    def _wait(self, limits: dict[str, int], part: int) -> float:
        """Return after how many seconds ``part`` more bytes may have gone."""
        with self._lock:
            now = self._clock.now()
            for lane, limit in limits.items():
                self._free_at[lane] = max(self._free_at[lane], now) + part / limit
            return max((self._free_at[lane] - now for lane in limits), default=0.0)


def _limit(rate: Rate, lane: str) -> int | None:
    return {_UP: rate.up, _DOWN: rate.down, _TOTAL: rate.total}[lane]


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run is to begin nothing more: after so many bytes, or at that time (epoch s)."""

    transfer: int | None = None
    deadline: float | None = None


class Halt:
    """Says whether a run is to end, and why; what is in flight is finished. Thread-safe.

    A signal handler calls :meth:`ask`.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stop: Stop | None = None
        self._reason = ""
        self._until = 0.0
        self._sent = 0

    @property
    def stop(self) -> Stop | None:
        """Why nothing more is begun; ``None`` when all is well."""
        return self._stop

    @property
    def reason(self) -> str:
        """The same in words."""
        return self._reason

    @property
    def until(self) -> float:
        """When it may go on (seconds since the epoch); 0 when nobody said."""
        return self._until

    def ask(self, stop: Stop, reason: str, until: float = 0.0) -> None:
        """Begin nothing more; the first reason stays, and until when it holds."""
        with self._lock:
            if self._stop is None:
                self._stop, self._reason, self._until = stop, reason, until

    def admits(self, size: int, limits: Limits, now: float) -> bool:
        """Say whether an action that sends ``size`` bytes may begin now."""
        with self._lock:
            if limits.deadline is not None and now >= limits.deadline:
                self.ask(Stop.TIME, "The time for this run is over (--max-duration).")
            elif limits.transfer is not None and self._sent + size > limits.transfer:
                self.ask(Stop.TRANSFER, "More would be sent than was allowed (--max-transfer).")
            if self._stop:
                return False
            self._sent += size
            return True
