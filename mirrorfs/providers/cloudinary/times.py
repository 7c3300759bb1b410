"""Times as the service writes them, and local modification times as kept in context."""

from __future__ import annotations

import re
from datetime import UTC, datetime

SECOND = 1_000_000_000

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\d*([Zz]|[+-]\d\d:\d\d)?"
)
_DECIMAL = re.compile(r"(-?\d{1,11})(?:\.(\d{1,9})\d*)?")


def read_time(text: object) -> int | None:
    """Return nanoseconds since the epoch (UTC), or ``None`` for what is no time.

    Understood are RFC 3339 (``2024-06-25T08:58:23Z`` of the Admin API, ``…+00:00`` of Search,
    with up to nine decimals; no zone means UTC) and decimal seconds since the epoch.
    """
    told = str(text).strip()
    decimal = _DECIMAL.fullmatch(told)
    if decimal:
        whole = int(decimal[1]) * SECOND
        part = _nanoseconds(decimal[2])
        return whole - part if told.startswith("-") else whole + part
    found = _RFC3339.fullmatch(told)
    if not found:
        return None
    zone = (found[3] or "Z").upper().replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(found[1].upper().replace(" ", "T") + zone)
    except ValueError:
        return None
    return round(moment.timestamp()) * SECOND + _nanoseconds(found[2])


def write_time(nanoseconds: int) -> str:
    """Return RFC 3339 in UTC, with nine decimals where there is a part of a second."""
    seconds, part = divmod(nanoseconds, SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    if seconds < -30_610_224_000 or len(text) < 19:
        return f"{seconds}.{part:09d}"
    return f"{text}.{part:09d}Z" if part else f"{text}Z"


def _nanoseconds(decimals: str | None) -> int:
    return int((decimals or "").ljust(9, "0"))
