"""The ways to a file's bytes, and which of them are known to work.

1. The delivery URL as the service gives it, with its version: the CDN.
2. The same with the flag ``fl_original``, for accounts that optimise images and videos by
   default (https://cloudinary.com/documentation/optimize_by_default_settings).
3. The signed ``download`` endpoint past the CDN, which also serves what the CDN may not, such
   as PDF and ZIP files
   (https://cloudinary.com/documentation/control_access_to_media#delivering_private_assets).

A way that failed is tried last from then on; nothing is remembered for ever.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from enum import Enum

from mirrorfs.core.entry import Entry
from mirrorfs.core.facts import PRIVATE_URL, URL
from mirrorfs.providers.cloudinary.api import Api

_MOST = 4096
_PARTS = re.compile(
    r"(?P<head>https?://.+?/(?:image|video|raw)/(?:upload|private|authenticated)/)"
    r"(?:s--[\w-]+--/)?(?P<tail>v\d+/.+)"
)


class Way(Enum):
    """How a file is asked for."""

    DELIVERY = "delivery"
    ORIGINAL = "original"
    DOWNLOAD = "download"


class Ways:
    """Remembers ways that failed, for a bounded number of revisions, and what worked lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bad: OrderedDict[tuple[str, str], frozenset[Way]] = OrderedDict()
        self._good: dict[tuple[str, str, str], Way] = {}

    def order(self, entry: Entry) -> list[Way]:
        """Return all ways that exist for a file, the most promising first."""
        raw = entry.facts["resource_type"] == "raw"
        ways = [way for way in Way if not (raw and way is Way.ORIGINAL)]
        with self._lock:
            bad = self._bad.get((entry.id, entry.revision), frozenset())
            good = self._good.get(_sort(entry))
        return sorted(ways, key=lambda way: (way in bad, way is not good))

    def worked(self, entry: Entry, way: Way) -> None:
        """Prefer ``way`` for files of this sort."""
        with self._lock:
            self._good[_sort(entry)] = way

    def failed(self, entry: Entry, way: Way) -> None:
        """Try ``way`` last for this revision; when all ways failed, all are equal again."""
        key = (entry.id, entry.revision)
        with self._lock:
            bad = self._bad.pop(key, frozenset()) | {way}
            if len(bad) < len(Way) - (entry.facts["resource_type"] == "raw"):
                self._bad[key] = bad
            while len(self._bad) > _MOST:
                self._bad.popitem(last=False)


def url_by(way: Way, entry: Entry, api: Api) -> str:
    """Return the URL of a file by one way; empty when it cannot be had so.

    A URL without version is never used: the CDN may answer it with what was there before.
    """
    facts = entry.facts
    url = facts.get(URL) or facts[PRIVATE_URL]
    format_ = facts.get("format", "")
    if way is Way.DOWNLOAD:
        params = {"public_id": facts["public_id"], "format": format_, "type": facts["type"]}
        return api.download_url(facts["resource_type"], params)
    parts = _PARTS.fullmatch(url)
    if not parts:
        return ""
    if way is Way.DELIVERY:
        return url
    signature = ""
    if facts["type"] != "upload":
        signature = api.url_signature(facts["public_id"], "fl_original", format_) + "/"
    return f"{parts['head']}{signature}fl_original/{parts['tail']}"


def _sort(entry: Entry) -> tuple[str, str, str]:
    facts = entry.facts
    return (facts["resource_type"], facts["type"], facts.get("format", ""))
