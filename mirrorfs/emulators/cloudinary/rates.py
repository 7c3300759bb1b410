"""The Admin API's budget of calls per clock hour.

One request costs one call, asking for an asset's versions ten more. Every Admin answer tells the
budget in ``X-FeatureRateLimit-*``; a call beyond it is answered with 420
(https://cloudinary.com/documentation/admin_api#usage_limits).
"""

from __future__ import annotations

import time

from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.moments import Clock, http_time, next_hour


class Budget:
    """Calls left in the current clock hour."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._used = 0
        self._reset = 0.0

    def spend(self, calls: int = 1) -> None:
        """Take calls from the budget; 420 when fewer are left."""
        now = self._clock()
        if now >= self._reset:
            self._reset, self._used = next_hour(now), 0
        if self._used + calls > self._limit:
            raise exceeded(self._limit, self._reset)
        self._used += calls

    @property
    def left(self) -> int:
        """Calls left before the reset."""
        return self._limit - self._used

    def headers(self) -> dict[str, str]:
        """Give the three documented headers."""
        reset = self._reset or next_hour(self._clock())
        return rate_headers(self._limit, self.left, reset)


def rate_headers(limit: int, left: int, reset: float) -> dict[str, str]:
    """Give the three documented headers for any state of a budget."""
    return {
        "X-FeatureRateLimit-Limit": str(limit),
        "X-FeatureRateLimit-Remaining": str(left),
        "X-FeatureRateLimit-Reset": http_time(reset),
    }


def exceeded(limit: int, reset: float) -> ApiError:
    """Refuse with 420 in the service's words, which name the time of the reset."""
    moment = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(reset))
    return ApiError(
        420,
        f"Rate Limit Exceeded. Limit of {limit} api operations reached. Try again on {moment}",
    )
