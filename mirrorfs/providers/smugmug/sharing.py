"""Pictures that are in several albums: one image, at home in one of them, collected in the others.

What is done to the image is done in all albums, and deleted from its home it is gone from all.
Whether it stays in the others when it is deleted from one that it is collected in is documented
nowhere, and there is no way back, so that is not done either.
"""

from __future__ import annotations

from mirrorfs.core.errors import BadAnswer, Unsupported
from mirrorfs.providers.smugmug import looking
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.records import Image
from mirrorfs.providers.smugmug.whole import read_whole

_QUERY = {"_verbosity": 1, "count": 100}


def check_alone(api: Api, image: Image, verb: str) -> None:
    """Check that a picture is in one album only; ``verb`` says what is to be done to it.

    Raises:
        Unsupported: it is in others too, and would be changed or lost in those.
        BadAnswer: the service does not tell of all its albums.
    """
    uri, own = f"{looking.image_uri(image)}!albums", looking.album_uri(image)
    found = {str(row.item["Uri"]): row.item for row in read_whole(api, uri, _QUERY, "Album")}
    if own not in found:
        raise BadAnswer(f"SmugMug does not tell of all albums that have {image.name}.")
    named = ", ".join(repr(album.get("Name")) for key, album in found.items() if key != own)
    if named:
        raise Unsupported(
            f"{image.name} is in other albums too ({named}) and would be {verb} there as well.",
            "Take it out of those first.",
        )
