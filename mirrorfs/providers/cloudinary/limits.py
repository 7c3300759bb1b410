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
from mirrorfs.net.quota import Allowance

_HOUR = 3600
_TRY_AGAIN = re.compile(r"Try again on (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC")


def read_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """Return what the headers of an answer say, or ``None`` when they do not."""
    try:
        return Allowance(
            int(headers["X-FeatureRateLimit-Limit"]),
            int(headers["X-FeatureRateLimit-Remaining"]),
            parsedate_to_datetime(headers["X-FeatureRateLimit-Reset"]).timestamp(),
        )
    except (KeyError, ValueError):
        return None


def read_refusal(message: str, headers: Mapping[str, str], now: float) -> MirrorError:
    """Return the error for a 420 or 429: when to come back, or that waiting does not help.

    Without a time in text or headers it is the top of the next hour, when the quota begins anew.
    """
    found = _TRY_AGAIN.search(message)
    if found:
        moment = calendar.timegm(time.strptime(found[1], "%Y-%m-%d %H:%M:%S"))
        return RateLimited(message, float(moment))
    if "monthly" in message or ("Limit of" in message and "api operations" not in message):
        return Denied(message, "This is the quota of an add-on of the account.")
    told = read_allowance(headers)
    if told and told.resets_at > now:
        return RateLimited(message, told.resets_at)
    return RateLimited(message, now // _HOUR * _HOUR + _HOUR)
