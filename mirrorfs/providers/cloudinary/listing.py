"""Whole listings, page by page, that prove that nothing is missing.

A search tells on each page how many items there are in all. A listing is taken only when that
number stays the same, as many different items came, and each page but the last had a cursor;
anything else is an error and never a shorter listing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mirrorfs.core.errors import BadAnswer
from mirrorfs.providers.cloudinary.api import Answer, Api, Json
from mirrorfs.providers.cloudinary.expressions import STORED_TYPES
from mirrorfs.providers.cloudinary.translate import RESOURCE_TYPES, Asset

T = TypeVar("T")
Item = Mapping[str, Any]

PAGE = 500
"""The most items a page has (https://cloudinary.com/documentation/search_method)."""

MOST_FOLDERS = 2000
"""The most folders that a search tells of, and counts."""

_MOST_TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """All assets, and when the service answered the first page (epoch seconds, by its clock).

    ``total`` is how many it counts, those of which only a backup is left included.
    """

    assets: list[Asset]
    total: int
    began: float


def list_assets(api: Api, expression: str, read: Callable[[Item], Asset | None]) -> Listed:
    """Return all assets that a search expression matches: one call for each 500."""
    query = {
        "expression": expression,
        "sort_by": [{"public_id": "asc"}],
        "with_field": ["context", "tags"],
        "max_results": PAGE,
    }
    found, began = _collect(api.search, query, ("resources", "asset_id"), read)
    return Listed([asset for asset in found if asset], len(found), began)


def count_assets(api: Api, expression: str) -> tuple[int, float]:
    """Return how many assets a search expression matches, and when it was said: one call."""
    answer = api.search({"expression": expression, "max_results": 1})
    return _total(answer), answer.at


def count_folders(api: Api) -> int:
    """Return how many folders a search of the account finds (2000 at most): one call."""
    return _total(api.search_folders({"max_results": 1}))


def confirm_empty(api: Api) -> None:
    """Ask the Admin API whether an account in which a search finds nothing is empty: three calls.

    Raises:
        BadAnswer: it is not.
    """
    for resource_type in sorted(RESOURCE_TYPES):
        for item in _page(api.latest(resource_type).data, "resources"):
            if item.get("type") in STORED_TYPES and item.get("placeholder") is not True:
                raise BadAnswer("Cloudinary's search finds nothing, though there are files.")


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
        rows, _ = _collect(api.search_folders, query, ("folders", "path"), _folder)
        found.update(dict.fromkeys(path for path, _ in rows))
        if len(rows) < MOST_FOLDERS:
            return list(found)
        latest = max(created for _, created in rows)
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
    if len(found) < MOST_FOLDERS:
        return found
    return [one for one in list_folders(api) if one.rpartition("/")[0] == path]


def _collect(
    ask: Callable[[Json], Answer], query: Json, keys: tuple[str, str], read: Callable[[Item], T]
) -> tuple[list[T], float]:
    """Return what ``read`` makes of all items, and when the first page was answered."""
    for _ in range(_MOST_TRIES):
        found = _collect_once(ask, query, keys, read)
        if found:
            return found
    raise BadAnswer("Cloudinary's listing kept changing while it was read.")


def _collect_once(
    ask: Callable[[Json], Answer], query: Json, keys: tuple[str, str], read: Callable[[Item], T]
) -> tuple[list[T], float] | None:
    """Return the listing, or ``None`` when something changed while its pages were asked for."""
    answer = ask(query)
    total, began = _total(answer), answer.at
    found: list[T] = []
    seen: set[str] = set()
    while True:
        if _total(answer) != total:
            return None
        page = _page(answer.data, keys[0])
        seen.update(_identity(item, keys[1]) for item in page)
        found += map(read, page)
        if len(seen) != len(found) or len(found) > total:
            return None
        if len(found) == total:
            return found, began
        cursor = answer.data.get("next_cursor")
        if not cursor or not page or not isinstance(cursor, str):
            raise BadAnswer(f"Cloudinary's listing stopped after {len(found)} of {total}.")
        answer = ask({**query, "next_cursor": cursor})


def _folder(item: Item) -> tuple[str, str]:
    return str(item["path"]).strip("/"), str(item.get("created_at") or "")


def _total(answer: Answer) -> int:
    total = answer.data.get("total_count")
    if isinstance(total, bool) or not isinstance(total, int):
        raise BadAnswer("Cloudinary's listing does not say how long it is.")
    return total


def _page(told: Json, key: str) -> list[Item]:
    page = told.get(key)
    if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
        raise BadAnswer(f"Cloudinary's listing has no {key}.")
    return page


def _identity(item: Item, key: str) -> str:
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise BadAnswer(f"Cloudinary lists something without {key}.")
    return value
