"""Times as the service writes them, ``YYYY-MM-DDTHH:MM:SS+00:00``. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000

_CAMERAS = ZoneInfo("America/Los_Angeles")


def nanoseconds(told: str) -> int | None:
    """Return a moment in nanoseconds since the epoch; ``None`` for anything else."""
    moment = _moment(told)
    return None if moment is None else int(moment.timestamp()) * SECOND


def wall_clock(told: str) -> str:
    """Return what the camera's clock showed, ``YYYY-MM-DDTHH:MM:SS``; empty if that is not told.

    The service takes EXIF's DateTimeOriginal, which has no zone, for US Pacific time and shows
    it in UTC; this undoes that.
    """
    moment = _moment(told)
    if moment is None:
        return ""
    try:
        shown = moment.astimezone(_CAMERAS)
    except OverflowError:
        return ""
    return shown.replace(tzinfo=None, microsecond=0).isoformat()


def _moment(told: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
