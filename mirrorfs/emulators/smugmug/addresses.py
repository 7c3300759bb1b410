"""Where photos.smugmug.com serves an image: one address per image, serial and size.

``/<UrlPath>/i-<ImageKey>/<Serial>/<secret>/<code>/<stem>-<code>.<ext>``; the original (``O``) has
its own file name. An album that is not public lends neither its path nor the file's name:
``/photos/i-<ImageKey>/0/<secret>/Th/i-<ImageKey>-Th.jpg``. So addresses change with the path, the
privacy and the bytes, and tell nobody who has none how to make one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.ids import url_secret

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Image, Privacy

ARCHIVED, ORIGINAL = "D", "O"

SIZES: Mapping[str, tuple[str, int]] = {
    "ImageSizeTiny": ("Ti", 100),
    "ImageSizeThumb": ("Th", 150),
    "ImageSizeSmall": ("S", 400),
    "ImageSizeMedium": ("M", 600),
    "ImageSizeLarge": ("L", 800),
    "ImageSizeXLarge": ("XL", 1024),
    "ImageSizeX2Large": ("X2", 1280),
    "ImageSizeX3Large": ("X3", 1600),
    "ImageSizeX4Large": ("X4", 2048),
    "ImageSizeX5Large": ("X5", 2560),
    "ImageSize4K": ("4K", 3840),
    "ImageSize5K": ("5K", 5120),
}
"""The copies of a picture: their codes and their longer sides in pixels."""

FILMS: Mapping[str, int] = {
    "110": 110, "200": 200, "320": 320, "640": 640, "960": 960, "1280": 1280, "1920": 1920,
}  # fmt: skip
"""The copies of a film: their codes and widths in pixels. The largest is the film itself."""

_ORDER: tuple[Privacy, ...] = ("Public", "Unlisted", "Private")
_TAIL = re.compile(r"/i-([^/-]+)/(\d+)/([^/]+)/(\w+)/[^/]+")


@dataclass(frozen=True)
class Place:
    """What an address leads to: an image and the code of a size."""

    image: Image
    code: str


def media_path(state: State, image: Image, code: str) -> str:
    """Give the path of an image in one size, percent-encoded, with a slash at its beginning."""
    node = state.node(state.album(image.album_key).node_id)
    public = privacy(state, node.node_id) == "Public"
    stem = f"i-{image.image_key}"
    path, name = "/photos", ""
    if public:
        path, name = state.tree.path(node), image.file_name.strip(".") and image.file_name
        stem = name.rpartition(".")[0] or name or stem
    file = name if code == ORIGINAL and name else f"{stem}-{code}.{extension(image, code)}"
    secret = url_secret(image.image_key, image.serial, code)
    return quote(f"{path}/i-{image.image_key}/{image.serial}/{secret}/{code}/") + quote(file, "")


def find_place(state: State, path: str) -> Place | None:
    """Give what a percent-encoded path leads to now; None for an old or invented one."""
    found = _TAIL.search(path)
    if not found:
        return None
    try:
        image = state.image(found[1])
    except ApiError:
        return None
    known = unquote(media_path(state, image, found[4])) == unquote(path)
    return Place(image, found[4]) if known else None


def extension(image: Image, code: str) -> str:
    """Give the extension of a size: what the bytes are."""
    if code in FILMS:
        return "mp4"
    if image.is_video or (image.format == "GIF" and code not in {ARCHIVED, ORIGINAL}):
        return "jpg"
    return image.format.lower()


def largest_film(image: Image) -> str:
    """Give the code of the film itself."""
    width = image.film.width if image.film else 0
    return max((code for code in FILMS if FILMS[code] <= width), key=int, default="1920")


def privacy(state: State, node_id: str) -> Privacy:
    """Give what counts for a node: the strictest privacy of it and all above it."""
    return max((one.privacy for one in state.tree.above(node_id)), key=_ORDER.index)
