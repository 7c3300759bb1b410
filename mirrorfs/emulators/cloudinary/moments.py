"""Instants as Unix seconds and the three ways the service writes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate

from mirrorfs.emulators.cloudinary.errors import bad_request

Clock = Callable[[], float]

HOUR = 3600.0
DAY = 86400.0


def admin_time(instant: float) -> str:
    """Write ``2024-06-25T08:58:23Z``, the form of the Admin and Upload APIs."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


def search_time(instant: float) -> str:
    """Write ``2024-06-25T08:58:23+00:00``, the form of the Search API."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(instant))


def http_time(instant: float) -> str:
    """Write an HTTP-date."""
    return formatdate(instant, usegmt=True)


def next_hour(instant: float) -> float:
    """Give the top of the coming clock hour, when an hourly budget starts anew."""
    return (instant // HOUR + 1) * HOUR


def parse_moment(text: str) -> float:
    """Read an ISO 8601 date or date-time (UTC when it names no zone); 400 when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" UTC", "+00:00"))
    except ValueError:
        raise bad_request(f"Invalid date: {text}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
