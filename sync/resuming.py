"""When the quota is there again, told by one process to another: a time in a line of text."""

from __future__ import annotations

import datetime
import re

STATUS = 11
"""The exit status of a command that ended because the quota is used up."""

_TIME = re.compile(r"\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")


def say(retry_at: float) -> str:
    """Return a sentence that names the time (seconds since the epoch), never a moment too soon."""
    whole = datetime.datetime.fromtimestamp(int(-(-retry_at // 1)), datetime.UTC)
    return f"The quota is there again at {whole:%Y-%m-%dT%H:%M:%SZ}."


def heard(text: str) -> float | None:
    """Return the last time that is named in ``text``, in seconds since the epoch."""
    found = _TIME.findall(text)
    return datetime.datetime.fromisoformat(found[-1]).timestamp() if found else None
