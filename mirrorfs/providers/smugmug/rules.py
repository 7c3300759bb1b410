"""What SmugMug can hold. Pure; checked before any byte is sent.

JPEG, PNG and GIF are stored byte for byte. Videos are accepted and only a transcoded MP4 is ever
given back. HEIC is turned into a JPEG of another name, so it is refused: the file that was sent
could never be read again. Everything else the service refuses itself ("Uploading to SmugMug",
smugmughelp.com). A file must be by its first
bytes what its name says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from mirrorfs.core.errors import Unsupported
from mirrorfs.net.numbers import whole

LONGEST_NAME = 254
"""Characters of a folder's or an album's Name (SmugMug API, reference/node)."""
MOST_IMAGES = 5000
"""Pictures and videos that one album holds."""
HEAD = 64
"""Bytes that :func:`check_file` needs of a file's beginning."""


class Kind(Enum):
    """What the service takes a file for."""

    PICTURE = "picture"
    VIDEO = "video"


MIME_TYPES: Mapping[str, str] = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "m4v": "video/x-m4v",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "mkv": "video/x-matroska",
    "mpg": "video/mpeg",
    "mpeg": "video/mpeg",
}
"""Extension in lower case → MIME type, for all that is held."""

VIDEOS = [extension for extension, mime in MIME_TYPES.items() if mime.startswith("video/")]
"""Extensions of what is given back as MP4 only."""

_PICTURES: Mapping[str, re.Pattern[bytes]] = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/gif": re.compile(rb"GIF8[79]a"),
}
_HEIC = re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|avi[fs])", re.DOTALL)
_FILMS = re.compile(
    rb".{4}(?:ftyp|moov|mdat|wide|free|skip|pnot)|RIFF.{4}AVI |\x1aE\xdf\xa3"
    rb"|\x00\x00\x01[\xba\xb3]",
    re.DOTALL,
)


def kind_of(name: str) -> Kind | None:
    """Return what a file is by its name; ``None`` for what is not held."""
    mime = MIME_TYPES.get(_extension(name))
    if mime is None:
        return None
    return Kind.PICTURE if mime.startswith("image/") else Kind.VIDEO


def check_file(name: str, size: int, head: bytes, limits: Mapping[str, int]) -> Kind:
    """Return what a file of ``size`` bytes that begins with ``head`` will be stored as.

    ``limits`` is what :func:`parse_limits` returned.

    Raises:
        Unsupported: the service cannot hold it; the message says why.
    """
    kind = kind_of(name)
    if _extension(name) in {"heic", "heif"} or _HEIC.match(head):
        raise Unsupported(
            f"SmugMug turns HEIC pictures into JPEG of another name: {name}.",
            "Convert it to JPEG first.",
        )
    if kind is None:
        raise Unsupported(f"SmugMug holds pictures and videos only, no {name}.")
    if not size:
        raise Unsupported(f"SmugMug holds no empty files, such as {name}.")
    mime = MIME_TYPES[_extension(name)]
    if not _PICTURES.get(mime, _FILMS).match(head):
        raise Unsupported(f"{name} is no {mime}, as its name says.")
    limit = limits.get(mime)
    if limit is not None and size > limit:
        raise Unsupported(
            f"{name} has {size} bytes; SmugMug takes at most {limit} for this kind of file.",
            "The account's plan sets this limit.",
        )
    return kind


def shown_name(name: str) -> str:
    """Return what a file that was sent as ``name`` is called when it is read back."""
    if kind_of(name) is not Kind.VIDEO or _extension(name) == "mp4":
        return name
    return f"{name.rpartition('.')[0]}.mp4"


def check_folder(name: str) -> None:
    """Check the Name of a folder or an album that is to be made.

    Raises:
        Unsupported: it is too long.
    """
    if len(name) > LONGEST_NAME:
        raise Unsupported(f"SmugMug's longest name has {LONGEST_NAME} characters: {name!r}.")


def parse_limits(rows: object) -> Mapping[str, int]:
    """Return MIME type → largest size in bytes, from the rows of ``user!uploadlimits``.

    What makes no sense is left out: the service enforces its limits itself.
    """
    limits: dict[str, int] = {}
    for row in rows if isinstance(rows, list) else []:
        size = _number(row.get("MaxSize")) if isinstance(row, dict) else None
        types = row.get("MimeTypes") if isinstance(row, dict) else None
        if size and isinstance(types, list):
            limits.update({str(one).lower(): size for one in types})
    return limits


def _number(told: Any) -> int | None:
    return whole(str(told))


def _extension(name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return extension.lower() if stem else ""
