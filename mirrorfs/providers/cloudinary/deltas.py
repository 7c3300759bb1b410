"""Where the next look for changes goes on from. Pure.

A search is asked for what was uploaded or changed since a moment of the *service's* clock, half
a minute before the last look began, since the search index lags behind. What that last look saw
of this overlap is kept in the cursor, so that nothing is told twice. Removals leave no trace in
a search; they show in the number of assets.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mirrorfs.core.errors import Misuse
from mirrorfs.providers.cloudinary.recent import LIFETIME
from mirrorfs.providers.cloudinary.times import SECOND, read_time
from mirrorfs.providers.cloudinary.translate import Asset

_MOST_SEEN = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """The start of the overlap (epoch seconds), the number of assets, and those in the overlap.

    ``seen`` is asset id → stamp; at most 500, for which the overlap is made shorter.
    """

    since: int
    total: int
    seen: Mapping[str, str]

    @property
    def moment(self) -> str:
        """The start of the overlap as a search expression writes it."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.since))

    def write(self) -> str:
        """Return the cursor as opaque text."""
        return json.dumps(
            {"since": self.since, "total": self.total, "seen": dict(self.seen)},
            separators=(",", ":"),
        )


def read_cursor(text: str) -> Cursor:
    """Read a cursor back; fields of later versions are left alone.

    Raises:
        Misuse: it is none.
    """
    try:
        told = json.loads(text)
        seen = {str(id_): str(stamp) for id_, stamp in told["seen"].items()}
        return Cursor(int(told["since"]), int(told["total"]), seen)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Misuse("This is no cursor of a Cloudinary scan.") from None


def next_cursor(began: float, total: int, assets: Iterable[Asset], earliest: int = 0) -> Cursor:
    """Return the cursor after a look that began at ``began`` and saw these assets.

    Its overlap does not begin before ``earliest`` (both are epoch seconds), where the look did.
    """
    since = max(int(began - LIFETIME), earliest)
    fresh = [(at, asset) for asset in assets if (at := touched_at(asset)) >= since]
    if len(fresh) > _MOST_SEEN:
        since = sorted((at for at, _ in fresh), reverse=True)[_MOST_SEEN] + 1
    return Cursor(since, total, {asset.id: stamp(asset) for at, asset in fresh if at >= since})


def news(cursor: Cursor, assets: Iterable[Asset]) -> list[Asset]:
    """Return the assets that are not as the cursor's look saw them."""
    return [asset for asset in assets if cursor.seen.get(asset.id) != stamp(asset)]


def is_complete(cursor: Cursor, fresh: Iterable[Asset], total: int) -> bool:
    """Say whether new assets alone explain the number that there is now."""
    new = sum(
        asset.id not in cursor.seen and _seconds(asset.created_at) >= cursor.since
        for asset in fresh
    )
    return cursor.total + new == total


def touched_at(asset: Asset) -> int:
    """Return when the service last noted a change (epoch seconds)."""
    return max(asset.uploaded // SECOND, _seconds(asset.updated))


def stamp(asset: Asset) -> str:
    """Return what changes with anything that an entry shows."""
    context = sorted(asset.context.items())
    told = (asset.revision, asset.public_id, asset.folder, asset.name, asset.updated, context)
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _seconds(text: str) -> int:
    return (read_time(text) or 0) // SECOND
