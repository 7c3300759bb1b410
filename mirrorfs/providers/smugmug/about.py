"""What the service says of the account (SmugMug API, reference/user).

An owner is told the plan, how many pictures there are, and their size as text; a visitor the
names alone. How many folders and albums there are is asked of ``!size`` of the top folder.
"""

from __future__ import annotations

from urllib.parse import quote

from mirrorfs.core.provider import About
from mirrorfs.net.numbers import whole
from mirrorfs.providers.smugmug import queries
from mirrorfs.providers.smugmug.account import Owner
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.envelope import Json


def ask(api: Api, owner: Owner) -> About:
    """Ask in two calls; what is not told is left out."""
    who = f"/api/v2/user/{quote(owner.nickname, safe='')}"
    user = api.get("/api/v2!authuser" if owner.is_self else who, queries.ABOUT).one("User")
    counts = api.get(f"{owner.folder_uri}!size", queries.PLAIN)
    below = counts.one(str(counts.response.get("Locator")))
    folders, albums = _number(below, "FolderCount"), _number(below, "AlbumCount")
    counted = {"albums": albums, "pages": _number(below, "PageCount")}
    told = {"name": user.get("Name"), "status": user.get("AccountStatus")}
    return About(
        owner.nickname,
        str(user.get("Plan") or ""),
        _number(user, "ImageCount"),
        None if folders is None or albums is None else folders + albums,
        _number(user, "TotalAccountSize"),
        details={name: str(value) for name, value in {**told, **counted}.items() if value},
    )


def _number(told: Json, name: str) -> int | None:
    value = told.get(name)
    if isinstance(value, str):
        return whole(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
