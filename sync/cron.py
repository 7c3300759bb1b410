"""Times as cron has them: the one door to cronsim.

cronsim was chosen of the parsers that are kept up (the other is croniter): it needs no other
library, is fully typed, and does what Debian's cron does, also in the nights in which clocks are
changed. What runs at a fixed hour runs once in such a night; what runs every few minutes keeps
its distance. Its sixth field, seconds, is not offered.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from mirrorfs.core.errors import Misuse

_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_LOCAL_TIME = Path("/etc/localtime")


def check(text: str) -> None:
    """Check an expression.

    Raises:
        Misuse: it is not five fields of cron, nor a name such as ``@daily``, or never comes.
    """
    after(text, 0.0, datetime.UTC)


def after(text: str, moment: float, zone: datetime.tzinfo) -> float:
    """Return the first time after ``moment`` (both seconds since the epoch) by clocks of ``zone``.

    Raises:
        Misuse: as :func:`check`.
    """
    fields = _NAMES.get(text.strip().lower(), text)
    if len(fields.split()) != 5:
        raise Misuse(
            f"{text!r} is no time of cron.",
            "Write minute, hour, day, month and weekday, as in '0 3 * * *'.",
        )
    try:
        for found in CronSim(fields, datetime.datetime.fromtimestamp(moment, zone)):
            if found.timestamp() > moment:
                return found.timestamp()
    except CronSimError as error:
        raise Misuse(f"{text!r} is no time of cron: {error}.") from None
    raise Misuse(f"{text!r} never comes.")


def local_zone() -> datetime.tzinfo:
    """Return the zone of this machine: ``TZ``, or what ``/etc/localtime`` is."""
    try:
        if name := os.environ.get("TZ", "").lstrip(":"):
            return ZoneInfo(name)
        with _LOCAL_TIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return datetime.UTC
