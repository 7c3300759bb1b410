"""Instants as Unix seconds and the ways the service writes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], float]

_PACIFIC = ZoneInfo("America/Los_Angeles")


def write_moment(instant: float) -> str:
    """Write ``2019-01-13T08:10:37+00:00``, the form of every field but the EXIF ones."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(instant))


def pacific_moment(wall_clock: str) -> str:
    """Write an EXIF time, ``2019-08-04T11:28:12``, as the API gives ``DateTimeOriginal``.

    The service takes the camera's wall clock for the time in California, whatever the zone.
    """
    local = datetime.fromisoformat(wall_clock).replace(tzinfo=_PACIFIC)
    return write_moment(local.timestamp())


def read_moment(text: str) -> float:
    """Read an ISO 8601 date-time; UTC when it names no zone."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
