"""What time has gone by for certain: a clock that is wrong for a while lets nothing expire.

A clock that leaps ahead is believed when it has run on for a week. What it said before it leapt
is believed at once: that moment is over in any case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Witness:
    """What is known of the clock, in epoch seconds.

    It said ``last`` when it was last looked at, has not leapt since it said ``since``, and
    ``sure`` is over for certain.
    """

    sure: float
    since: float
    last: float

    def at(self, now: float) -> Witness:
        """Return what is known once the clock has said ``now``."""
        if abs(now - self.last) > WEEK:
            return Witness(min(self.last, now), now, now)
        sure = now if now - self.since >= WEEK else min(self.sure, now)
        return Witness(sure, self.since, now)


def passed(note: Path, now: float) -> float:
    """Return a moment that is over for certain, and remember in ``note`` that it is ``now``.

    It is never later than ``now``; the first look believes the clock. Zero when ``note`` cannot
    be read or written.
    """
    try:
        sure, since, last = map(_moment, note.read_text().split())
        witness = Witness(sure, since, last).at(now)
    except FileNotFoundError:
        witness = Witness(now, now, now)
    except (OSError, ValueError):
        witness = Witness(0.0, now, now)
    try:
        note.write_text(f"{witness.sure} {witness.since} {witness.last}\n")
    except OSError:
        return 0.0
    return witness.sure


def _moment(text: str) -> float:
    moment = float(text)
    if not math.isfinite(moment):  # nothing is later than nan, so all would be over
        raise ValueError(text)
    return moment
