"""A look at what was just written: the service shows it after a moment, not at once.

A new node or album is not found for about half a second, and a picture's digest is told when it
has been processed. So whatever was written is looked at a few times, with pauses that double.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from mirrorfs.core.errors import NotFound, Unavailable
from mirrorfs.providers.smugmug import queries, translate
from mirrorfs.providers.smugmug.api import Api, Query
from mirrorfs.providers.smugmug.records import Image

T = TypeVar("T")

LOOKS = 6
"""How often; with the usual pause of half a second the last look is some 15 seconds later."""

_PLACE = re.compile(r"/api/v2/album/([^/!?]+)/image/([^/!?-]+)(?:-\d+)?")
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


def wait_for(api: Api, look: Callable[[], T | None], what: str) -> T:
    """Return what ``look`` returns as soon as that is something; ``NotFound`` is nothing yet.

    Raises:
        Unavailable: it is still nothing; ``what`` says what was waited for.
    """
    for number in range(LOOKS):
        if number:
            api.line.clock.sleep(api.patience.pause * 2.0 ** (number - 1))
        with contextlib.suppress(NotFound):
            found = look()
            if found is not None:
                return found
    raise Unavailable(what)


def placed(api: Api, album_key: str, key: str) -> Image:
    """Return a picture in an album as it is now.

    Raises:
        NotFound: it is not in that album. BadAnswer: the answer is about something else, which
            whoever deletes or replaces what was looked at MUST never take for it.
    """
    uri = f"/api/v2/album/{album_key}/image/{key}"
    reply = api.get(uri, queries.IMAGE)
    item = reply.one("AlbumImage")
    found = _PLACE.fullmatch(str(item.get("Uri")))
    if not found or found[2] != key or item.get("ImageKey") != key:
        raise reply.bad("another picture")
    if found[1] != album_key:
        raise NotFound(f"SmugMug has it in another album than {album_key}.")
    video = reply.expanded(item, "LargestVideo")
    return translate.to_image(item, album_key, video.one("LargestVideo") if video else None)


def named(api: Api, album_uri: str, name: str) -> list[Image]:
    """Return what an album holds under exactly this FileName.

    The service filters by plain names; a name that a list of names could be mistaken in is looked
    for in the whole album.
    """
    is_plain = _PLAIN.fullmatch(name)
    return _listed(api, album_uri, name, {"FileNames": name} if is_plain else {})


def glimpsed(api: Api, album_uri: str, name: str) -> list[Image]:
    """Return what the service finds in an album under this FileName, in one call.

    The filter takes names "percent-encoded and comma-separated" (SmugMug API, album!images).
    What is not found under a name that is not plain may be there nonetheless.
    """
    return _listed(api, album_uri, name, {"FileNames": quote(name, safe="")})


def _listed(api: Api, album_uri: str, name: str, only: Query) -> list[Image]:
    found = []
    for reply in api.pages(f"{album_uri}!images", {**queries.IMAGES, **only}):
        images = [
            translate.to_image(item, key_of(album_uri), None) for item in reply.page("AlbumImage")
        ]
        found += [image for image in images if image.name == name]
    return found


def album_uri(image: Image) -> str:
    """Return the Uri of the album that a picture was looked at in."""
    return f"/api/v2/album/{image.album_key}"


def image_uri(image: Image) -> str:
    """Return the Uri of the picture itself, in whichever albums it is."""
    return f"/api/v2/image/{image.key}-{image.serial}"


def key_of(uri: str) -> str:
    """Return the key of the album, or key and serial of the picture, at ``uri``."""
    return uri.rpartition("/")[2]
