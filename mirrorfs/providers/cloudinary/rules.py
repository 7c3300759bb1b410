"""What the service can hold, and as which type. Pure; checked before any byte is sent.

Public ids and folder names: at most 255 characters, none of ``? & # \\ % < > +``, no outer
spaces (https://cloudinary.com/documentation/image_upload_api_reference#upload_optional_parameters,
https://cloudinary.com/documentation/dynamic_folders). Display names: at most 255 characters,
anything but ``/``.
"""

from __future__ import annotations

import re

from mirrorfs.core.errors import Unsupported

LONGEST = 255
"""Characters of a public id, a display name or the path of a folder."""

_FORBIDDEN = re.compile(r"[?&#\\%<>+\x00-\x1f\x7f]")
_IMAGES = frozenset(
    {
        "ai", "arw", "avif", "bmp", "cr2", "cr3", "dng", "eps", "gif", "heic", "heif",
        "ico", "jp2", "jpe", "jpeg", "jpg", "jxl", "pdf", "png", "psd", "svg", "tga", "tif",
        "tiff", "webp",
    }
)  # fmt: skip
_VIDEOS = frozenset(
    {
        "3g2", "3gp", "aac", "aif", "aiff", "amr", "avi", "flac", "flv", "m2ts", "m4a",
        "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts", "mxf", "ogg", "ogv",
        "opus", "wav", "webm", "wmv",
    }
)  # fmt: skip
_REFUSED_TYPE = re.compile(
    r"invalid image file|unsupported video format|invalid video|unsupported (?:image|file)"
    r"|unknown file format",
    re.IGNORECASE,
)


def resource_type(name: str) -> str:
    """Return the type that a file is sent as, by its extension: image, video or else raw.

    Sound is video and PDF is image for the service
    (https://cloudinary.com/documentation/upload_images#uploading_different_file_types).
    """
    extension = extension_of(name).lower()
    if extension in _IMAGES:
        return "image"
    return "video" if extension in _VIDEOS else "raw"


def refuses_type(message: str) -> bool:
    """Say whether the service's words mean that the bytes are not of the type they came as."""
    return bool(_REFUSED_TYPE.search(message))


def extension_of(name: str) -> str:
    """Return what follows the last dot, unless the name begins with that dot."""
    stem, _, extension = name.rpartition(".")
    return extension if stem else ""


def check_folder(raw: str) -> None:
    """Check the path of a folder that is to be made.

    Raises:
        Unsupported: the service cannot hold it; the message names the rule.
    """
    for segment in raw.split("/"):
        if segment in {".", ".."}:
            raise Unsupported(f"Cloudinary holds no folder named {segment!r}.")
        _check(segment, "folder")
    _check_length(raw, "folder's path")


def check_file(folder: str, name: str, *, dynamic: bool) -> None:
    """Check a file's name, and in fixed folder mode the public id that it becomes.

    Raises:
        Unsupported: as :func:`check_folder`.
    """
    if dynamic:
        _check_length(name, "file's name")
        return
    _check(name, "file (in fixed folder mode)")
    _check_length(f"{folder}/{name}", "path in fixed folder mode")


def _check(segment: str, what: str) -> None:
    found = _FORBIDDEN.search(segment)
    if found:
        raise Unsupported(f"Cloudinary's names of a {what} cannot hold {found[0]!r}: {segment!r}.")
    if segment != segment.strip():
        raise Unsupported(
            f"Cloudinary's names of a {what} cannot begin or end with a space: {segment!r}."
        )


def _check_length(text: str, what: str) -> None:
    if len(text) > LONGEST:
        raise Unsupported(f"Cloudinary's longest {what} has {LONGEST} characters: {text!r}.")
