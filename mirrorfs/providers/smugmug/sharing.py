"""Pictures that are in several albums: one image, at home in one of them, collected in the others.

What is done to the image is done in all albums, and deleted from its home it is gone from all.
"""

from __future__ import annotations

from mirrorfs.core.errors import Unsupported
from mirrorfs.providers.smugmug import looking, translate
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.records import Image

_QUERY = {"_verbosity": 1, "count": 100}


def check_alone(api: Api, image: Image) -> None:
    """Check that a picture is in one album only.

    Raises:
        Unsupported: it is in others too, and would change in those.
    """
    others = _others(api, image)
    if others:
        raise _shared(image, "changed", others)


def check_removable(api: Api, image: Image) -> None:
    """Check that deleting a picture from its album takes it from no other one.

    Raises:
        Unsupported: it is at home there and collected in others.
    """
    others = _others(api, image)
    if others and _home(api, image) == looking.album_uri(image):
        raise _shared(image, "removed", others)


def _others(api: Api, image: Image) -> list[str]:
    """Return the Names of the other albums that have the picture."""
    pages = api.pages(f"{looking.image_uri(image)}!albums", _QUERY)
    found = [album for reply in pages for album in reply.many("Album")]
    own = looking.album_uri(image)
    return [str(album.get("Name")) for album in found if album.get("Uri") != own]


def _home(api: Api, image: Image) -> str:
    reply = api.get(looking.image_uri(image), {"_verbosity": 1})
    home = translate.link(reply.one("Image"), "ImageAlbum")
    if not home:
        raise reply.bad("no ImageAlbum")
    return home


def _shared(image: Image, verb: str, others: list[str]) -> Unsupported:
    named = ", ".join(map(repr, others))
    return Unsupported(
        f"{image.name} is in other albums too ({named}) and would be {verb} there as well.",
        "Take it out of those first.",
    )
