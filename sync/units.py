"""Sizes, spans and ages as rclone writes and reads them (rclone documentation, options)."""

from __future__ import annotations

import datetime
import re

from mirrorfs.core.errors import Misuse

_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([bkmgtpe]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {unit: 1024**power for power, unit in enumerate("bkmgtpe")}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|[smhdwMy]?)")
_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0,
    "d": 86400.0, "w": 604800.0, "M": 2592000.0, "y": 31536000.0,
}  # fmt: skip
_PREFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def parse_size(text: str) -> int | None:
    """Return bytes from ``10`` (KiB), ``10b``, ``1.5M``, ``2GiB``; ``None`` for ``off``.

    Raises:
        Misuse: it is none of these.
    """
    if text.strip().lower() == "off":
        return None
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise Misuse(f"{text!r} is not a size.", "Write it as 512k, 10M, 1.5G or off.")
    return int(float(match[1]) * _POWERS[match[2].lower() or "k"])


def parse_span(text: str) -> float | None:
    """Return seconds from ``90``, ``1h30m``, ``2d``, ``1M``, ``1y``; ``None`` for ``off``.

    Raises:
        Misuse: it is none of these.
    """
    if text.strip().lower() == "off":
        return None
    parts = _PART.findall(text.strip())
    if not parts or "".join(map("".join, parts)) != text.strip():
        raise Misuse(f"{text!r} is not a length of time.", "Write it as 30s, 1h30m, 2d or off.")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def parse_age(text: str, now: float) -> float | None:
    """Return seconds from a span, or from a date in the local zone back from ``now``.

    Raises:
        Misuse: it is neither.
    """
    try:
        then = datetime.datetime.fromisoformat(text.strip()) if "-" in text else None
    except ValueError:
        then = None
    if then is None:
        return parse_span(text)
    return now - then.timestamp()


def size_text(count: int) -> str:
    """Return bytes as in ``0 B``, ``2 KiB``, ``1.500 GiB``."""
    value, power = float(count), 0
    while value >= 1024 and power < len(_PREFIXES) - 1:
        value, power = value / 1024, power + 1
    number = f"{value:.0f}" if value == int(value) else f"{value:.3f}"
    return f"{number} {_PREFIXES[power]}B"


def count_text(count: int) -> str:
    """Return a number as in ``12``, ``1.234k``."""
    if count < 1000:
        return str(count)
    value, power = float(count), 0
    while value >= 1000 and power < 4:
        value, power = value / 1000, power + 1
    number = f"{value:.0f}" if value == int(value) else f"{value:.3f}"
    return f"{number}{'kMGT'[power - 1]}"


def span_text(seconds: float) -> str:
    """Return a span for people: ``0.3s``, ``42s``, ``3m12s``, ``1h4m``."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60}s"
    return f"{whole // 3600}h{whole % 3600 // 60}m"
