"""Times as rclone writes them: in the local zone, by the layouts of the Go language."""

from __future__ import annotations

import datetime
import re

_NS = 1_000_000_000
_NAMED = {
    "RFC3339": "2006-01-02T15:04:05Z07:00",
    "RFC3339Nano": "2006-01-02T15:04:05.999999999Z07:00",
    "DateTime": "2006-01-02 15:04:05",
    "DateOnly": "2006-01-02",
    "TimeOnly": "15:04:05",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "Kitchen": "3:04PM",
}
_PARTS = {
    "2006": "%Y", "January": "%B", "Jan": "%b", "Monday": "%A", "Mon": "%a", "MST": "%Z",
    "01": "%m", "02": "%d", "15": "%H", "03": "%I", "04": "%M", "05": "%S", "06": "%y",
    "PM": "%p",
}  # fmt: skip
_PART = re.compile(
    r"2006|January|Jan|Monday|Mon|MST|01|02|15|03|04|05|06|PM|pm|_2|[123](?!\d)"
    r"|[.,]0+|[.,]9+|Z07:00|-07:00|-0700"
)

PLAIN = "2006-01-02 15:04:05"
FULL = "2006-01-02 15:04:05.000000000"


def moment_text(modified: int, layout: str = PLAIN, step: int = 1) -> str:
    """Return a time (nanoseconds since the epoch) by a layout of Go or its name.

    ``unix``, ``unixnano`` and ``max`` are rclone's own; ``step`` is how fine ``max`` is.
    """
    if layout == "unix":
        return str(modified // _NS)
    if layout == "unixnano":
        return str(modified)
    if layout == "max":
        layout = PLAIN + "." + "0" * digits_of(step) if digits_of(step) else PLAIN
    seconds, nanoseconds = divmod(modified, _NS)
    then = datetime.datetime.fromtimestamp(seconds).astimezone()
    return _PART.sub(lambda m: _written(m[0], then, nanoseconds), _NAMED.get(layout, layout))


def json_moment(modified: int, step: int = 1) -> str:
    """Return a time by RFC 3339 with as many digits as ``step`` (nanoseconds) is fine."""
    digits = digits_of(step)
    fraction = f".{'0' * digits}" if digits else ""
    return moment_text(modified, f"2006-01-02T15:04:05{fraction}Z07:00")


def digits_of(step: int) -> int:
    """Return how many digits of a second times have that are kept in steps of so many ns."""
    return next((digits for digits in range(10) if step >= 10 ** (9 - digits)), 9)


def _written(part: str, then: datetime.datetime, nanoseconds: int) -> str:
    if part in _PARTS:
        return then.strftime(_PARTS[part])
    if part[0] in ".,":
        digits = f"{nanoseconds:09d}"[: len(part) - 1].ljust(len(part) - 1, "0")
        digits = digits if part[1] == "0" else digits.rstrip("0")
        return f"{part[0]}{digits}" if digits else ""
    if part == "pm":
        return then.strftime("%p").lower()
    plain = {"1": then.month, "2": then.day, "_2": f"{then.day:2d}", "3": then.hour % 12 or 12}
    if part in plain:
        return str(plain[part])
    offset = then.strftime("%z")
    if part == "-0700":
        return offset
    return "Z" if part[0] == "Z" and offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
