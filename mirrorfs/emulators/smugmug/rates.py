"""How many requests are answered in a window of time (SmugMug API, advanced/rate-limits).

A window belongs to a user and an application, to the application alone when nobody is signed in; it
begins with its first request. Each answer tells what remains and when it ends; beyond it comes 429
with ``Retry-After``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug.errors import ApiError

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Viewer
    from mirrorfs.emulators.smugmug.moments import Clock


@dataclass
class _Window:
    ends: float
    used: int = 0


class Rates:
    """The windows that are open."""

    def __init__(self, limit: int, seconds: float, clock: Clock) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}

    def spend(self, viewer: Viewer | None) -> dict[str, str]:
        """Count a request and give the headers of its answer; 429 when none is left."""
        window = self._window(viewer)
        window.used += 1
        headers = {
            "X-RateLimit-Remaining": str(max(self._limit - window.used, 0)),
            "X-RateLimit-Reset": str(math.ceil(window.ends)),
        }
        if window.used > self._limit:
            wait = str(max(1, math.ceil(window.ends - self._clock())))
            raise ApiError(429, headers={**headers, "Retry-After": wait})
        return headers

    def _window(self, viewer: Viewer | None) -> _Window:
        token = viewer.token if viewer else None
        whose = (viewer.consumer if viewer else "", token.nick if token else "")
        now = self._clock()
        window = self._windows.get(whose)
        if window is None or now >= window.ends:
            window = self._windows[whose] = _Window(now + self._seconds)
        return window
