"""The search index: the same assets, seen a little later.

The Search API is eventually consistent: changes show within seconds, while the Admin API's lists
show them at once (https://cloudinary.com/documentation/search_api). ``lag`` is that delay.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.expression import Node, parse_expression
from mirrorfs.emulators.cloudinary.match import (
    compile_test,
    find_field,
    mentions,
    pinned,
    pinned_subtree,
)
from mirrorfs.emulators.cloudinary.shelves import Shelves, folder_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.match import Fields
    from mirrorfs.emulators.cloudinary.moments import Clock

Sort = tuple[tuple[str, str], ...]
"""Fields and directions, the first the most significant."""

_SHELVED: dict[Sort, str] = {
    (("created_at", "asc"),): "created",
    (("created_at", "desc"),): "created",
    (("public_id", "asc"),): "public_id",
    (("public_id", "desc"),): "public_id",
}
_REMEMBERED = 8
_FRESH = 60.0


class SearchIndex:
    """Answers queries over the assets as they were ``lag`` seconds ago."""

    def __init__(self, fields: Fields, clock: Clock, lag: float = 0.0) -> None:
        self._fields = fields
        self._clock = clock
        self._lag = lag
        self._assets: dict[str, Asset] = {}
        self._shelves = Shelves()
        self._pending: deque[tuple[float, str, Asset | None]] = deque()
        self._answers: OrderedDict[tuple[str, Sort], tuple[float, list[str]]] = OrderedDict()

    def note(self, old: Asset | None, new: Asset | None) -> None:
        """Take note of a change of the account; it shows when the lag is over."""
        asset = new or old
        if asset is None:
            return
        if self._lag:
            self._pending.append((self._clock() + self._lag, asset.asset_id, new))
        else:
            self._apply(asset.asset_id, new)

    def query(self, expression: str, sort: Sort) -> list[str]:
        """Give the ids of all matching assets in order; 400 for what cannot be parsed.

        An answer is kept for the pages that follow until the index changes, a minute at most.
        """
        now = self._clock()
        while self._pending and self._pending[0][0] <= now:
            _, asset_id, asset = self._pending.popleft()
            self._apply(asset_id, asset)
        found = self._answers.get((expression, sort))
        if found and now - found[0] < _FRESH:
            return found[1]
        ids = self._run(parse_expression(expression), sort, now)
        self._answers[expression, sort] = (now, ids)
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return ids

    def pick(self, ids: Iterable[str]) -> list[Asset]:
        """Give the indexed state of assets."""
        return [self._assets[one] for one in ids]

    def _apply(self, asset_id: str, asset: Asset | None) -> None:
        self._answers.clear()
        self._shelves.move(self._assets.get(asset_id), asset)
        if asset:
            self._assets[asset_id] = asset
        else:
            self._assets.pop(asset_id, None)

    def _run(self, node: Node, sort: Sort, now: float) -> list[str]:
        test = compile_test(node, self._fields, now)
        shows_deleted = mentions(node, "status")
        ids = self._narrowed(node)
        candidates = self._assets.values() if ids is None else self.pick(ids)
        found = [one for one in candidates if test(one) and (shows_deleted or not one.placeholder)]
        if ids is None and sort in _SHELVED:
            matching = {one.asset_id for one in found}
            return [one for one in self._in_order(sort) if one in matching]
        for name, direction in reversed(sort):
            read = find_field(name, self._fields).read
            found.sort(key=lambda one: _sortable(read(one)), reverse=direction == "desc")
        return [one.asset_id for one in found]

    def _in_order(self, sort: Sort) -> list[str]:
        """Give all ids in an order that a shelf has."""
        ids = list(self._shelves.get(_SHELVED[sort]))
        return ids[::-1] if sort[0][1] == "desc" else ids

    def _narrowed(self, node: Node) -> list[str] | None:
        """Give the ids that may match, in no order; None when no shelf narrows them down."""
        asset_id = pinned(node, "asset_id")
        if asset_id is not None:
            return [asset_id] if asset_id in self._assets else []
        public_id = pinned(node, "public_id", "=")
        if public_id is not None:
            return list(self._shelves.get("public_id").starting(public_id))
        folder = pinned(node, "asset_folder")
        if folder is not None:
            return list(self._shelves.get("folder", folder_key(folder)))
        subtree = pinned_subtree(node, "asset_folder")
        if subtree is not None:
            return self._below(folder_key(subtree))
        tag = pinned(node, "tags", "=")
        if tag is not None:
            shelves = (self._shelves.get("tag", kind, tag) for kind in ("image", "video", "raw"))
            return [one for shelf in shelves for one in shelf]
        return None

    def _below(self, folder: str) -> list[str]:
        return [
            one
            for name in self._shelves.names("folder")
            if name[1] == folder or name[1].startswith(f"{folder}/")
            for one in self._shelves.get(*name)
        ]


def read_sort(wanted: Any, fields: Fields) -> Sort:
    """Read ``[{"field": "asc"}, …]``; newest first when nothing is asked; 400 for bad orders."""
    if not wanted:
        return (("created_at", "desc"),)
    entries = wanted if isinstance(wanted, list) else [wanted]
    sort: list[tuple[str, str]] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise bad_request(f"Invalid sort_by: {entry}")
        for name, direction in entry.items():
            if str(direction).lower() not in {"asc", "desc"}:
                raise bad_request(f"Invalid sort_by direction: {direction}")
            if name != "score":
                find_field(name, fields)
                sort.append((name, str(direction).lower()))
    return tuple(sort)


def _sortable(value: object) -> tuple[bool, object]:
    return (value is not None, value)
