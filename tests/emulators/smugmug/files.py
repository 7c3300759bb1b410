"""Files to upload, and how."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    import requests

    from mirrorfs.emulators.smugmug.values import Album

    from .conftest import Caller

HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(12) + b"mif1heic" + bytes(500)


def picture(color: str = "red", format_: str = "JPEG", **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 200), color).save(target, format_, **options)
    return target.getvalue()


def taken_picture() -> bytes:
    """Make a photo with a time, a place and an orientation."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[36867] = "2019:08:04 11:28:12"
    exif.get_ifd(0x8825).update({1: "S", 2: (33.0, 30.0, 0.0), 3: "E", 4: (151.0, 15.0, 0.0)})
    return picture("green", exif=exif)


def film(seconds: int = 5, size: int = 9000) -> bytes:
    created = int(
        (datetime(2020, 5, 17, tzinfo=UTC) - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds()
    )
    header = struct.pack(">5I", 0, created, created, 1000, seconds * 1000) + bytes(80)
    movie = _box(b"moov", _box(b"mvhd", header))
    return _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + _box(b"mdat", bytes(size)) + movie


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def headers(album: Album, name: str | None = "a.jpg", **more: str) -> dict[str, str]:
    named = {} if name is None else {"X-Smug-FileName": name}
    return {
        "X-Smug-AlbumUri": f"/api/v2/album/{album.album_key}",
        "X-Smug-ResponseType": "JSON",
        "X-Smug-Version": "v2",
        **named,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


def post(caller: Caller, album: Album, body: bytes, name: str | None = "a.jpg", **more: str) -> Any:
    answer = caller.session.post(
        caller.server.upload, data=body, headers=headers(album, name, **more)
    )
    return told(answer)


def told(answer: requests.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()
