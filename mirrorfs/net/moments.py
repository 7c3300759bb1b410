"""Moments that a service names, told by this machine's clock, however wrong that one is."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3900.0
"""Seconds that a service may ask to wait: an hour, in which quotas are counted, and some more."""


def answered_at(headers: Mapping[str, str], now: float) -> float:
    """Return when an answer was given by the service's own clock; without ``Date`` it is ``now``.

    Both are epoch seconds (RFC 9110, section 6.6.1).
    """
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError):
        return now


def on_this_clock(moment: float, headers: Mapping[str, str], now: float) -> float:
    """Return ``moment``, named in an answer with these headers, as this machine's clock has it.

    It is never before ``now`` nor more than :data:`LONGEST_WAIT` after it.
    """
    wait = moment - answered_at(headers, now)
    return now + min(max(wait, 0.0), LONGEST_WAIT)
