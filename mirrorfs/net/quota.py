"""Counting calls, and not making those that the service has said it will refuse.

What was said is believed for an hour or so at most, so that a clock that was set back cannot
stop all calls.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import RateLimited
from mirrorfs.core.provider import Usage
from mirrorfs.net.moments import LONGEST_WAIT

_SAME_PERIOD = 60.0
"""Seconds by which the end of one period differs between answers, whose clocks tick apart."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a service says of its quota: calls a period, calls left, and its end.

    ``limit`` is ``None`` where the service does not say how many there were in all.
    ``resets_at`` is in epoch seconds by this machine's clock.
    """

    limit: int | None
    remaining: int
    resets_at: float


class Quota:
    """The calls made and those left; safe to use from several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls = 0
        self._allowance: Allowance | None = None

    def spend(self) -> None:
        """Count one call that is about to be made.

        Raises:
            RateLimited: the service said that none is left; the call is not counted.
        """
        with self._lock:
            told = self._current()
            if told and told.remaining <= 0:
                all_ = "All" if told.limit is None else f"All {told.limit}"
                raise RateLimited(f"{all_} calls of this period are used up.", told.resets_at)
            self._calls += 1

    def note(self, told: Allowance) -> None:
        """Take note of what an answer said; answers may arrive in any order."""
        with self._lock:
            known = self._current()
            later = told.resets_at - known.resets_at if known else _SAME_PERIOD
            if later <= -_SAME_PERIOD:
                return
            if known and later < _SAME_PERIOD and known.remaining < told.remaining:
                return
            self._allowance = told

    def exhaust(self, retry_at: float) -> None:
        """Take note that the service refuses calls until ``retry_at`` (epoch seconds)."""
        with self._lock:
            limit = self._allowance.limit if self._allowance else None
            self._allowance = Allowance(limit, 0, retry_at)

    def usage(self) -> Usage:
        """Return the calls so far, and what is left of the running period."""
        with self._lock:
            told = self._current()
            if told is None:
                limit = self._allowance.limit if self._allowance else None
                return Usage(self._calls, limit)
            return Usage(self._calls, told.limit, told.remaining, told.resets_at)

    def _current(self) -> Allowance | None:
        told, now = self._allowance, self._clock.now()
        return told if told and now < told.resets_at <= now + LONGEST_WAIT else None
