"""How fast bytes may go at which time, as rclone reads it (rclone documentation, --bwlimit). Pure.

``10M`` at any time; ``10M:100k`` up and down; ``08:00,512k 19:00,10M 23:00,off`` by the time of
day; ``Mon-00:00,512k Fri-18:00,off`` by that of the week, in the local zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mirrorfs.core.errors import Misuse
from sync.units import parse_size

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_MINUTES = 24 * 60
_SLOT = re.compile(r"(?:([A-Za-z]+)-)?([01]\d|2[0-3]):([0-5]\d),(\S+)")
_FORMS = "Write it as 10M, 10M:100k for up and down, or as '08:00,512k Sat-10:00,off'."


@dataclass(frozen=True, slots=True)
class Rate:
    """Bytes a second to remotes and from them; ``None`` is as fast as it goes."""

    up: int | None = None
    down: int | None = None

    @property
    def total(self) -> int | None:
        """The rate of all together, also from disk to disk."""
        return max(self.up, self.down) if self.up and self.down else None


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """The rate from each minute of the week on (0 is Monday, 00:00), in their order."""

    slots: tuple[tuple[int, Rate], ...] = ((0, Rate()),)

    def at(self, now: datetime) -> Rate:
        """Return the rate at a local time; the last one of a week lasts until the next's first."""
        minute = now.weekday() * _DAY_MINUTES + now.hour * 60 + now.minute
        begun = [rate for start, rate in self.slots if start <= minute]
        return begun[-1] if begun else self.slots[-1][1]


def parse_bandwidth(text: str) -> Bandwidth:
    """Return what ``--bwlimit`` asks for.

    Raises:
        Misuse: it is no rate and no timetable.
    """
    parts = text.replace(";", " ").split()
    if len(parts) == 1 and "," not in text:
        return Bandwidth(((0, _rate(parts[0])),))
    slots = dict(slot for part in parts for slot in _slots(part))
    if not slots:
        raise Misuse("An empty text limits nothing.", _FORMS)
    return Bandwidth(tuple(sorted(slots.items(), key=lambda slot: slot[0])))


def _slots(text: str) -> Iterator[tuple[int, Rate]]:
    """Yield when a rate begins: once, or on every day when none is named."""
    match = _SLOT.fullmatch(text)
    if not match:
        raise Misuse(f"{text!r} is no time and rate.", _FORMS)
    day, hour, minute, rate = match.groups()
    for number in range(7) if day is None else [_day(day)]:
        yield number * _DAY_MINUTES + int(hour) * 60 + int(minute), _rate(rate)


def _day(name: str) -> int:
    for number, day in enumerate(_DAYS):
        if name.lower() in {day, day[:3]}:
            return number
    raise Misuse(f"{name!r} is no day of the week.", _FORMS)


def _rate(text: str) -> Rate:
    up, colon, down = text.partition(":")
    return Rate(parse_size(up) or None, parse_size(down if colon else up) or None)
