"""An upload's bytes, taken in: kind, size, digest and shape are known, nothing is named yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.picture import Shape, measure
from mirrorfs.emulators.cloudinary.sniff import HEAD, plain_format, sniff_content

if TYPE_CHECKING:
    from mirrorfs.emulators.blobs import Blob, Blobs
    from mirrorfs.emulators.cloudinary.params import Sent
    from mirrorfs.emulators.cloudinary.settings import Settings

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Received:
    """Stored bytes: ``etag`` is their MD5, ``format`` is empty for raw files."""

    resource_type: str
    format: str
    blob: Blob
    etag: str
    shape: Shape


def identify(sent: Sent, wanted: str) -> tuple[str, str]:
    """Give resource type and format of a file sent as ``wanted`` (which may be ``auto``).

    400 when it is not of that type. A raw file never has a format.
    """
    sent.body.seek(0)
    kind, format_ = sniff_content(sent.body.read(HEAD))
    if wanted == "raw":
        return "raw", ""
    if wanted == "auto":
        return kind, format_
    if wanted == "image" and kind != "image":
        raise bad_request("Invalid image file")
    if wanted == "video" and kind != "video":
        raise bad_request("Unsupported video format or file")
    return wanted, format_


def receive(sent: Sent, wanted: str, settings: Settings, blobs: Blobs) -> Received:
    """Check, digest and store a file; 400 when it is empty, too large or broken."""
    if not sent.size:
        raise bad_request("Empty file")
    kind, format_ = identify(sent, wanted)
    check_size(sent.size, settings.max_bytes(kind))
    shape: Shape | None = Shape()
    if kind == "image":
        shape = measure(sent.body, format_)
        if shape is None:
            raise bad_request("Invalid image file")
    etag = _digest(sent)
    blob = blobs.adopt(sent.body, sent.size)
    return Received(kind, plain_format(format_), blob, etag, shape or Shape())


def check_size(size: int, most: int) -> None:
    """Refuse a file that is too large, in the service's words (sizes in bytes)."""
    if size > most:
        raise bad_request(f"File size too large. Got {size}. Maximum is {most}.")


def _digest(sent: Sent) -> str:
    md5 = hashlib.md5(usedforsecurity=False)
    sent.body.seek(0)
    while chunk := sent.body.read(_CHUNK):
        md5.update(chunk)
    return md5.hexdigest()
