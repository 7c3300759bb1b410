"""What an uploaded file is, told by its first bytes and never by its name.

The service takes JPEG, PNG and GIF as they are, makes a JPEG of HEIC and an MP4 of every video, and
refuses all else (SmugMug help, "Uploading to SmugMug").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEAD = 64
"""How many leading bytes are enough."""

Kind = Literal["photo", "heic", "video"]

_MAGIC: tuple[tuple[bytes, Kind, str], ...] = (
    (b"\xff\xd8\xff", "photo", "JPG"),
    (b"\x89PNG\r\n\x1a\n", "photo", "PNG"),
    (b"GIF8", "photo", "GIF"),
    (b"\x1aE\xdf\xa3", "video", "MKV"),
    (b"\x00\x00\x01\xba", "video", "MPG"),
    (b"\x00\x00\x01\xb3", "video", "MPG"),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_VIDEO_BRANDS = {b"qt  ": "MOV", b"M4V ": "M4V", b"M4VH": "M4V", b"M4VP": "M4V"}
_OTHER_BRANDS = {b"avif", b"avis", b"M4A ", b"M4B ", b"crx "}
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip"}


@dataclass(frozen=True)
class Format:
    """What a file is, and the name of its format in the API: ``JPG``, ``MOV``."""

    kind: Kind
    name: str


def tell_format(head: bytes) -> Format | None:
    """Tell the format of a file; None for what the service does not take."""
    for magic, kind, name in _MAGIC:
        if head.startswith(magic):
            return Format(kind, name)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return Format("video", "AVI")
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp" and brand in _HEIC_BRANDS:
        return Format("heic", "HEIC")
    if box == b"ftyp" and brand not in _OTHER_BRANDS:
        return Format("video", _VIDEO_BRANDS.get(brand, "MP4"))
    return Format("video", "MOV") if box in _QUICKTIME_BOXES else None
