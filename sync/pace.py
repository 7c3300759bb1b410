"""How fast bytes may go, and why a run begins nothing more."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from mirrorfs.core.clock import Clock
from sync.model import Stop


class Pace:
    """All threads together send ``rate`` bytes a second (``None``: as fast as it goes)."""

    def __init__(self, rate: float | None, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = 0.0

    def spend(self, size: int) -> None:
        """Return when ``size`` more bytes may have been sent."""
        if not self._rate:
            return
        with self._lock:
            now = self._clock.now()
            self._free_at = max(self._free_at, now) + size / self._rate
            wait = self._free_at - now
        self._clock.sleep(wait)


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
        self._sent = 0

    @property
    def stop(self) -> Stop | None:
        """Why nothing more is begun; ``None`` when all is well."""
        return self._stop

    @property
    def reason(self) -> str:
        """The same in words."""
        return self._reason

    def ask(self, stop: Stop, reason: str) -> None:
        """Begin nothing more; the first reason stays."""
        with self._lock:
            if self._stop is None:
                self._stop, self._reason = stop, reason

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
