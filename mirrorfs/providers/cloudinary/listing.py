"""Whole listings, page by page, that prove that nothing is missing.

A search tells on each page how many items there are in all. A listing is taken only when that
number stays the same, as many different items came, and each page but the last had a cursor;
anything else is an error and never a shorter listing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mirrorfs.core.errors import BadAnswer
from mirrorfs.providers.cloudinary.api import Answer, Api, Json

PAGE = 500
"""The most items a page has (https://cloudinary.com/documentation/search_method)."""

_MOST_FOLDERS = 2000
_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """All items, and when the first page was answered by the service's clock (epoch seconds)."""

    items: list[Mapping[str, Any]]
    began: float


def list_assets(api: Api, expression: str) -> Listed:
    """Return all assets that a search expression matches: one call for each 500."""
    query = {
        "expression": expression,
        "sort_by": [{"public_id": "asc"}],
        "with_field": ["context", "tags"],
        "max_results": PAGE,
    }
    return _collect(api.search, query, ("resources", "asset_id"))


def count_assets(api: Api, expression: str) -> int:
    """Return how many assets a search expression matches: one call."""
    told = api.search({"expression": expression, "max_results": 1}).data.get("total_count")
    if isinstance(told, bool) or not isinstance(told, int):
        raise BadAnswer("Cloudinary does not say how many assets there are.")
    return told


def list_folders(api: Api) -> list[str]:
    """Return the paths of all folders of the account, as the service spells them.

    A search for folders tells of 2000 at most
    (https://cloudinary.com/documentation/admin_api#search_folders); beyond that it goes on from
    the creation time of the last one.

    Raises:
        BadAnswer: 2000 folders were made in one second, so that this proves nothing.
    """
    found: dict[str, None] = {}
    since = ""
    while True:
        query: dict[str, Any] = {"sort_by": [{"created_at": "asc"}], "max_results": PAGE}
        if since:
            query["expression"] = f'created_at>="{since}"'
        items = _collect(api.search_folders, query, ("folders", "path")).items
        found.update(dict.fromkeys(str(item["path"]).strip("/") for item in items))
        if len(items) < _MOST_FOLDERS:
            return list(found)
        latest = max(str(item.get("created_at") or "") for item in items)
        if not latest or latest == since:
            raise BadAnswer("Cloudinary lists no more than 2000 folders made at one time.")
        since = latest


def list_sub_folders(api: Api, path: str) -> list[str]:
    """Return the paths of the folders directly in ``path`` (empty: the root).

    Raises:
        NotFound: there is no such folder.
    """
    found: list[str] = []
    cursor = ""
    while True:
        told = api.sub_folders(path, cursor).data
        page = _page(told, "folders")
        found += [_identity(item, "path").strip("/") for item in page]
        cursor = told.get("next_cursor") or ""
        if not cursor or not page:
            break
    total = told.get("total_count")
    if cursor or (isinstance(total, int) and total != len(found)) or len(set(found)) != len(found):
        raise BadAnswer(f"Cloudinary's list of the folders in {path!r} is not complete.")
    if len(found) < _MOST_FOLDERS:
        return found
    return [one for one in list_folders(api) if one.rpartition("/")[0] == path]


def _collect(ask: Callable[[Json], Answer], query: Json, keys: tuple[str, str]) -> Listed:
    for _ in range(_MOST_TRIES):
        listed = _collect_once(ask, query, keys)
        if listed:
            return listed
    raise BadAnswer("Cloudinary's listing kept changing while it was read.")


def _collect_once(
    ask: Callable[[Json], Answer], query: Json, keys: tuple[str, str]
) -> Listed | None:
    """Return the listing, or ``None`` when something changed while its pages were asked for."""
    first = answer = ask(query)
    total = _total(first)
    items: list[Mapping[str, Any]] = []
    seen: set[str] = set()
    while True:
        if _total(answer) != total:
            return None
        page = _page(answer.data, keys[0])
        items += page
        seen.update(_identity(item, keys[1]) for item in page)
        if len(seen) != len(items) or len(items) > total:
            return None
        if len(items) == total:
            return Listed(items, first.at)
        cursor = answer.data.get("next_cursor")
        if not cursor or not page or not isinstance(cursor, str):
            raise BadAnswer(f"Cloudinary's listing stopped after {len(items)} of {total}.")
        answer = ask({**query, "next_cursor": cursor})


def _total(answer: Answer) -> int:
    total = answer.data.get("total_count")
    if isinstance(total, bool) or not isinstance(total, int):
        raise BadAnswer("Cloudinary's listing does not say how long it is.")
    return total


def _page(told: Json, key: str) -> list[Mapping[str, Any]]:
    page = told.get(key)
    if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
        raise BadAnswer(f"Cloudinary's listing has no {key}.")
    return page


def _identity(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"Cloudinary lists something without {key}.")
    return value
