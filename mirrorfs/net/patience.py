"""How long to try again: the one retry policy of every provider.

Only :class:`~mirrorfs.core.errors.Transient` errors are tried again. ``Unavailable`` is tried a
few times with pauses that double and are spread by chance, so that many clients do not come
back in step. ``RateLimited`` either waits for the time that the service named, little more than
an hour at most (commands), or is raised at once (the mount, whose callers have better things to
serve meanwhile).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import RateLimited, Unavailable
from mirrorfs.net.moments import LONGEST_WAIT

T = TypeVar("T")

_MOST_WAITS = 5
_SHORTEST_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try; times in seconds.

    ``tries`` counts the first one. ``notice`` is told until when it waits (seconds since the
    epoch) each time the quota is used up; without it ``RateLimited`` is raised at once.
    """

    tries: int = 4
    pause: float = 0.5
    longest_pause: float = 20.0
    notice: Callable[[float], None] | None = None


def persist(verb: Callable[[], T], patience: Patience, clock: Clock) -> T:
    """Return what ``verb`` returns, trying again as ``patience`` says.

    Raises:
        Unavailable: the last try failed too.
        RateLimited: the patience has no ``notice``, or five waits did not help.
    """
    failures = waits = 0
    while True:
        try:
            return verb()
        except Unavailable:
            failures += 1
            if failures >= patience.tries:
                raise
            clock.sleep(_pause(patience, failures))
        except RateLimited as error:
            waits += 1
            if patience.notice is None or waits > _MOST_WAITS:
                raise
            _wait_until(error.retry_at, patience.notice, clock)


def _pause(patience: Patience, failures: int) -> float:
    """Return the next pause: between half of the doubled pause and all of it."""
    full = min(patience.pause * 2.0 ** (failures - 1), patience.longest_pause)
    return full * (0.5 + secrets.randbelow(1001) / 2000)


def _wait_until(moment: float, notice: Callable[[float], None], clock: Clock) -> None:
    now = clock.now()
    wait = min(max(moment - now, _SHORTEST_WAIT), LONGEST_WAIT)
    notice(now + wait)
    clock.sleep(wait)
