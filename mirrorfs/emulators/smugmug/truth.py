"""What an account really holds: the bytes that a mirror of it must have, whatever it names them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.media import make_copy

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Album, Image

Offer = Literal["original", "film", "copy", "nothing"]


@dataclass(frozen=True)
class Truth:
    """One image in one album, and what its owner gets of it.

    An ``original`` is the archived file, a ``film`` the MP4 made of a video, a ``copy`` the largest
    picture where originals are not offered. ``size`` in bytes and ``md5`` in hexadecimal are those
    of that file, 0 and empty where there is ``nothing`` (yet).
    """

    album_key: str
    image_key: str
    file_name: str
    offer: Offer
    size: int = 0
    md5: str = ""


def tell_truth(state: State, nick: str) -> Iterator[Truth]:
    """Tell everything in a user's albums, in their order; a collected image once per album."""
    for album in state.albums(nick):
        for image in state.images(album.album_key):
            yield _tell(state, album, image)


def _tell(state: State, album: Album, image: Image) -> Truth:
    about = (album.album_key, image.image_key, image.file_name)
    if image.processing or not image.can_process:
        return Truth(*about, "nothing")
    if image.is_video:
        film = image.film
        return Truth(*about, "film", film.blob.size, film.md5) if film else Truth(*about, "nothing")
    if image.archived:
        return Truth(*about, "original", image.blob.size, state.sum(image.blob))
    try:
        body = make_copy(state, image, max(image.width, image.height))
    except ApiError:
        return Truth(*about, "nothing")
    return Truth(*about, "copy", len(body), hashlib.md5(body, usedforsecurity=False).hexdigest())
