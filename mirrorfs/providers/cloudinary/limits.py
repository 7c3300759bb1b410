"""What the service says of its quota.

The Admin API (searches and folders too) counts calls a clock hour and tells the state in
``X-FeatureRateLimit-*``; beyond it answers 420
(https://cloudinary.com/documentation/admin_api#usage_limits). Add-ons answer uploads with the
same status when *their* quota is used up, which no hour mends.
"""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from mirrorfs.core.errors import Denied, MirrorError, RateLimited
from mirrorfs.net.moments import answered_at, on_this_clock
from mirrorfs.net.quota import Allowance

_HOUR = 3600
_ADD_ON = "This is the quota of an add-on of the account."
_TRY_AGAIN = re.compile(r"Try again on (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")


def read_allowance(headers: Mapping[str, str], now: float) -> Allowance | None:
    """Return what the headers of an answer say, or ``None`` when they do not.

    ``now`` is this machine's time (epoch seconds), to which the end of the period is converted.
    """
    try:
        return Allowance(
            int(headers["X-FeatureRateLimit-Limit"]),
            int(headers["X-FeatureRateLimit-Remaining"]),
            on_this_clock(_reset(headers), headers, now),
        )
    except (KeyError, ValueError):
        return None


def read_refusal(message: str, headers: Mapping[str, str], now: float) -> MirrorError:
    """Return the error for a 420 or 429: when to come back, or that waiting does not help.

    Without a time in text or headers it is the top of the next hour, when the quota begins anew.
    """
    found = _TRY_AGAIN.search(message)
    if not found and "monthly" in message:
        return Denied(message, _ADD_ON)
    if not found and "Limit of" in message and "api operations" not in message:
        return Denied(message, _ADD_ON)
    asked = answered_at(headers, now)
    moment = asked // _HOUR * _HOUR + _HOUR
    if found:
        moment = float(calendar.timegm(time.strptime(found[1], "%Y-%m-%d %H:%M:%S")))
    elif read_allowance(headers, now) and _reset(headers) > asked:
        moment = _reset(headers)
    return RateLimited(message, on_this_clock(moment, headers, now))


def _reset(headers: Mapping[str, str]) -> float:
    return parsedate_to_datetime(headers["X-FeatureRateLimit-Reset"]).timestamp()
