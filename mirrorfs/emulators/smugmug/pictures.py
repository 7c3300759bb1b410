"""What photos tell of themselves, and the copies the service makes of them."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

from PIL import Image as Picture
from PIL import ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _LATITUDE, _LONGITUDE, _ALTITUDE = 36867, 2, 4, 6
_HEIC_SIZE = (400, 300)
_MAKERS = {"JPG": "JPEG"}


class Unreadable(Exception):
    """Bytes that begin like a picture and are none."""


def describe_picture(body: bytes) -> dict[str, Any]:
    """Give the fields of ``Image`` a photo tells: size, and time and place from its EXIF."""
    with _open(body) as picture:
        exif = picture.getexif()
        found: dict[str, Any] = {"width": picture.width, "height": picture.height}
    taken = str(exif.get_ifd(_EXIF).get(_TAKEN, ""))
    if len(taken) == len("2019:08-04 11:28:12"):
        found["taken"] = f"{taken[:10].replace(':', '-')}T{taken[11:]}"
    place = exif.get_ifd(_GPS)
    if _LATITUDE in place and _LONGITUDE in place:
        found["latitude"] = _degrees(place[_LATITUDE], place.get(1) == "S")
        found["longitude"] = _degrees(place[_LONGITUDE], place.get(3) == "W")
        found["altitude"] = round(float(place.get(_ALTITUDE, 0)))
    return found


def resize(body: bytes, format_: str, box: tuple[int, int]) -> bytes:
    """Make a copy that fits into a box of pixels, upright and without metadata."""
    with _open(body) as picture:
        copy = ImageOps.exif_transpose(picture)
        copy.thumbnail(box)
        return _encode(copy, format_)


def rotate(body: bytes, format_: str, degrees: int) -> bytes:
    """Make the picture turned clockwise; the metadata is left out, as after any edit."""
    with _open(body) as picture:
        return _encode(ImageOps.exif_transpose(picture).rotate(-degrees, expand=True), format_)


def from_heic(body: bytes) -> bytes:
    """Make the JPEG the service shows instead of a HEIC file.

    There is no HEIC decoder here, so the picture is a plain one whose color the file decides: the
    bytes are other ones than those sent and the same each time, which is all a client can see.
    """
    red, green, blue = hashlib.sha256(body).digest()[:3]
    return _encode(Picture.new("RGB", _HEIC_SIZE, (red, green, blue)), "JPG")


def poster(size: tuple[int, int]) -> bytes:
    """Make the still picture of a film."""
    picture = Picture.new("RGB", (640, 640), (40, 40, 48))
    picture.thumbnail(size)
    return _encode(picture, "JPG")


def _open(body: bytes) -> Picture.Image:
    try:
        picture = Picture.open(io.BytesIO(body))
        picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from None
    return picture


def _encode(picture: Picture.Image, format_: str) -> bytes:
    maker = _MAKERS.get(format_, format_)
    if maker == "JPEG":
        picture = picture.convert("RGB")
    target = io.BytesIO()
    picture.save(target, maker)
    return target.getvalue()


def _degrees(parts: Sequence[Any], negative: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value
