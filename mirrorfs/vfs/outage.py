"""Remembering for some seconds that a service is down, so that not every read finds out anew.

While it is down one read at a time goes out to look; the others wait a moment for what comes
of it, and fail if nothing does. A program that opens file after file over a dead network is
then told so at once instead of being held up by each.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mirrorfs.core.errors import Unavailable

_MEMORY = 5.0
_MOMENT = 1.0


class Outage:
    """Whether the service was found down. Thread-safe; times in seconds, monotonic."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._heard_at = self._failed_at = float("-inf")
        self._probe_since: float | None = None
        self._change = threading.Condition()

    def heard(self) -> None:
        """Note that the service sent something just now."""
        with self._change:
            was_down = self._is_down()
            self._heard_at = self._now()
            if was_down:
                self._change.notify_all()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the service inside; an ``Unavailable`` that comes out of it is remembered.

        Raises:
            Unavailable: it is down, and somebody else is already looking whether it still is.
        """
        with self._change:
            is_probe = self._admit()
            started = self._now()
        try:
            yield
        except Unavailable:
            with self._change:
                if self._heard_at < started:
                    self._failed_at = self._now()
            raise
        finally:
            if is_probe:
                with self._change:
                    self._probe_since = None
                    self._change.notify_all()

    def is_hopeless(self) -> bool:
        """Say whether the service is down and has not even answered who went out to look."""
        with self._change:
            return self._is_down() and self._patience_left() <= 0

    def _admit(self) -> bool:
        """Let a caller through when there is hope; true when it is the one who looks."""
        while self._is_down():
            if self._probe_since is None:
                self._probe_since = self._now()
                return True
            left = self._patience_left()
            if left <= 0:
                raise Unavailable("The service was down a moment ago.")
            self._change.wait(left)
        return False

    def _is_down(self) -> bool:
        if self._failed_at <= self._heard_at:
            return False
        return self._probe_since is not None or self._now() < self._failed_at + _MEMORY

    def _patience_left(self) -> float:
        since = self._now() if self._probe_since is None else self._probe_since
        return since + _MOMENT - self._now()
