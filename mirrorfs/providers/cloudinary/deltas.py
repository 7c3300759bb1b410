"""Where the next look for changes goes on from. Pure.

A search is asked for what was uploaded or changed since a moment of the *service's* clock, a
minute before the last look began, since the search index lags behind; once an hour since an hour
before the last such check, for what came later still. What was seen of these overlaps is kept in
the cursor, so that nothing is told twice. Removals leave no trace in a search; they show in the
number of assets. Folders that were made or removed empty show only in the number of folders,
which is compared once an hour.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from mirrorfs.core.errors import Misuse
from mirrorfs.providers.cloudinary.times import SECOND, read_time
from mirrorfs.providers.cloudinary.translate import Asset

_MOST_SEEN = 500
_OVERLAP = 60
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Cursor:
    """The start of the overlap (epoch seconds), the number of assets, and what was seen.

    ``seen`` is asset id → stamp, the latest last; at most 500, for which the overlap is made
    shorter. ``folders`` is how many folders a search counted at ``checked`` (epoch seconds).
    ``dynamic`` is the folder mode; ``None`` where it was not kept.
    """

    since: int
    total: int
    seen: Mapping[str, str]
    folders: int
    checked: int
    dynamic: bool | None = None

    def is_due(self, now: float) -> bool:
        """Say whether the hourly check is due at ``now`` (epoch seconds, the service's clock)."""
        return now - self.checked > _HOUR

    def start(self, *, is_check: bool) -> str:
        """Return the start of the overlap as a search expression writes it."""
        since = min(self.since, self.checked - _HOUR) if is_check else self.since
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since))

    def write(self) -> str:
        """Return the cursor as opaque text."""
        return json.dumps(asdict(self), separators=(",", ":"))


def read_cursor(text: str) -> Cursor:
    """Read a cursor back; fields of later versions are left alone, those of earlier ones lack.

    Raises:
        Misuse: it is none.
    """
    try:
        told = json.loads(text)
        seen = {str(id_): str(stamp) for id_, stamp in told["seen"].items()}
        since, dynamic = int(told["since"]), told.get("dynamic")
        folders, checked = int(told.get("folders", -1)), int(told.get("checked", since))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Misuse("This is no cursor of a Cloudinary scan.") from None
    mode = dynamic if isinstance(dynamic, bool) else None
    return Cursor(since, int(told["total"]), seen, folders, checked, mode)


def advance(cursor: Cursor, began: float, assets: Iterable[Asset]) -> Cursor:
    """Return ``cursor`` after a look that began at ``began`` (epoch seconds) and saw ``assets``.

    The next overlap does not begin before the cursor's, where the look did.
    """
    since, earliest = max(int(began - _OVERLAP), cursor.since), cursor.checked - _HOUR
    fresh = [(at, asset) for asset in assets if (at := touched_at(asset)) >= min(since, earliest)]
    fresh.sort(key=lambda one: one[0])
    if len(fresh) > _MOST_SEEN:
        since = max(since, fresh[-_MOST_SEEN - 1][0] + 1)
    latest = {asset.id: stamp(asset) for _, asset in fresh}
    seen = {id_: told for id_, told in cursor.seen.items() if id_ not in latest} | latest
    kept = list(seen.items())[-_MOST_SEEN:]
    return replace(cursor, since=since, seen=dict(kept))


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
