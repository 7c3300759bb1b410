"""Time, handed in so that tests need not wait."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after ``seconds``; a value below zero does not wait."""
        ...


class SystemClock:
    """The machine's own clock; :meth:`wake` ends every sleep at once (used on shutdown)."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> float:
        """Return seconds since the epoch, UTC."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait ``seconds``, or until :meth:`wake`."""
        if seconds > 0:
            self._woken.wait(seconds)

    def wake(self) -> None:
        """End all sleeps, those to come too."""
        self._woken.set()
