"""How numbers and times are shown to people."""

from __future__ import annotations

import datetime
import math
import time

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size(count: int) -> str:
    """Return bytes for people: ``0 B``, ``1.5 MiB``."""
    value = float(count)
    for unit in _UNITS[:-1]:
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} {_UNITS[-1]}"


def counted(count: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``, ``2 misses``."""
    ending = "es" if noun.endswith("s") else "s"
    return f"{count} {noun}" if count == 1 else f"{count} {noun}{ending}"


def moment(seconds: float | None) -> str:
    """Return a time (seconds since the epoch) in the local zone, ``never`` for nothing."""
    if not seconds:
        return "never"
    return datetime.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def coming(seconds: float) -> str:
    """Return a time that is to come (seconds since the epoch): ``14:05:10 (in 12 min)``."""
    at = datetime.datetime.fromtimestamp(seconds).astimezone()
    return f"{at:%H:%M:%S} (in {_span(max(seconds - time.time(), 0))})"


def _span(seconds: float) -> str:
    for length, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{math.ceil(seconds)} s"
