"""From the service's JSON to records, and from records to entries. Pure.

Facts that a picture has besides those of :mod:`mirrorfs.core.facts`: ``image_key``,
``album_key``, ``serial``, ``uri`` (its place in the album), ``file_name`` (as the service has it),
``url`` (of the bytes; it changes when the album is renamed) and ``rendition``
(:class:`~mirrorfs.providers.smugmug.records.Rendition`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

from mirrorfs.core import facts
from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import BadAnswer
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug import times
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.records import Album, Image, Media, Node, NodeType, Rendition

PROCESSING = "SmugMug is still processing it."
BROKEN = "SmugMug could not process it."
NOT_GIVEN = "SmugMug does not give this file to this account."
LOCKED = "A password is asked for."
STRANGE = "This kind of folder is not known."

_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_URL = re.compile(r"https?://[!-~]+")
_MEDIA = {"jpg", "jpeg", "png", "gif", "heic", "heif", "tif", "tiff", "webp"} | {
    *("mp4", "mov", "m4v", "avi", "mkv", "mpg", "mpeg", "wmv", "3gp", "mts"),
}
_SPELLINGS: Mapping[str, str] = {"jpeg": "jpg"}


def to_node(item: Json) -> Node:
    """Return a node; its album is not filled in."""
    try:
        type_ = NodeType(item.get("Type"))
    except ValueError:
        type_ = NodeType.UNKNOWN
    uris = item.get("Uris")
    return Node(
        id=_text(item, "NodeID", "a node"),
        uri=_text(item, "Uri", "a node"),
        type=type_,
        name=_said(item, "Name"),
        url_name=_said(item, "UrlName"),
        url_path=_said(item, "UrlPath"),
        added=_said(item, "DateAdded"),
        is_locked=(
            item.get("ResponseLevel") in {"Password", "GrantAccess"}
            or (isinstance(uris, dict) and "UnlockNode" in uris)
        ),
        album_uri=link(item, "Album"),
    )


def to_album(item: Json) -> Album:
    """Return an album."""
    return Album(
        key=_text(item, "AlbumKey", "an album"),
        uri=_text(item, "Uri", "an album"),
        count=_count(item, "ImageCount", "an album"),
        updated=_said(item, "LastUpdated"),
        images_updated=_said(item, "ImagesLastUpdated"),
    )


def to_image(item: Json, album_key: str, video: Json | None) -> Image:
    """Return a picture or video; ``video`` is its ``LargestVideo``, where that was told.

    Where a picture's original is not told of, ``media`` is ``None`` without a reason.
    """
    uri, key = _text(item, "Uri", "a picture"), _text(item, "ImageKey", "a picture")
    serial = item.get("Serial", 0)
    if isinstance(serial, bool) or not isinstance(serial, int):
        raise BadAnswer(f"SmugMug lists {uri} with a Serial that is no number.")
    is_video = bool(item.get("IsVideo"))
    media = largest_video(video) if is_video else _original(item)
    reason = "" if media else _reason(item)
    return Image(
        uri=uri,
        album_key=album_key,
        key=key,
        serial=serial,
        name=_said(item, "FileName"),
        uploaded=_said(item, "DateTimeUploaded") or _said(item, "Date"),
        is_video=is_video,
        media=media,
        withheld=reason,
        facts=_facts(item, album_key),
    )


def largest_video(item: Json | None) -> Media | None:
    """Return a ``LargestVideo``; its Size is not told where it is made when asked for."""
    return _media(Rendition.VIDEO, item)


def best_size(details: Json | None, largest: Json | None, download: Json | None) -> Media | None:
    """Return what there is of a picture whose original is not told of, the best first.

    ``ImageSizeDetails.ImageSizeOriginal``, else what may be downloaded, else ``LargestImage``.
    """
    original = details.get("ImageSizeOriginal") if details else None
    found = _media(Rendition.ORIGINAL, original if isinstance(original, dict) else None)
    return found or _media(Rendition.DOWNLOAD, download) or _media(Rendition.LARGEST, largest)


def wanted_name(image: Image) -> str:
    """Return the file name that a picture asks for, not yet lawful or unique.

    A picture without a FileName is called by its key. An extension that says another format than
    the bytes have, as that of a video that was transcoded, is put right.
    """
    extension = image.media.extension if image.media else ""
    name = image.name or image.key
    stem, dot, told = name.rpartition(".")
    if not extension or _plain(told) == _plain(extension):
        return name
    if dot and stem and told.lower() in _MEDIA:
        return f"{stem}.{extension}"
    return f"{name}.{extension}"


def revision_of(image: Image) -> str:
    """Return what changes when and only when the bytes do: the Serial, and their MD5 or size."""
    media = image.media
    if media is None:
        return str(image.serial)
    return f"{image.serial}-{media.md5 or media.size}"


def to_entry(image: Image, path: RemotePath) -> Entry:
    """Return a picture whose media and size are known as the entry at ``path``."""
    media = image.media
    if media is None or media.size is None:
        raise AssertionError("a picture without bytes is withheld")
    told = {"url": media.url, "rendition": media.rendition.value}
    return Entry(
        path,
        Kind.FILE,
        image.id,
        revision_of(image),
        media.size,
        times.nanoseconds(image.uploaded) or 0,
        md5(media.md5) if media.md5 else None,
        {**image.facts, **told},
        f"image:{image.key}",
    )


def link(item: Json, name: str) -> str:
    """Return the Uri under ``name`` in ``Uris``, at whichever verbosity; empty if not there."""
    uris = item.get("Uris")
    found = uris.get(name) if isinstance(uris, dict) else None
    if isinstance(found, dict):
        found = found.get("Uri")
    return found if isinstance(found, str) else ""


def _original(item: Json) -> Media | None:
    told = {
        "Url": item.get("ArchivedUri"),
        "Size": item.get("ArchivedSize"),
        "MD5": item.get("ArchivedMD5"),
    }
    found = _media(Rendition.ORIGINAL, told)
    extension = _said(item, "Format").lower()
    if found is None or _plain(extension) not in _MEDIA:
        return found
    return Media(found.rendition, found.url, found.size, found.md5, extension)


def _media(rendition: Rendition, item: Json | None) -> Media | None:
    """Return bytes that are told of; ``None`` without an address, or with a size of nothing."""
    url = item.get("Url") if item else None
    if not item or not isinstance(url, str) or not _URL.fullmatch(url):
        return None
    if item.get("Usable") is False:
        return None
    size, digest = item.get("Size"), item.get("MD5")
    if isinstance(size, str) and size.isdigit():
        size = int(size)
    if isinstance(size, bool) or not isinstance(size, int):
        size = None
    if size is not None and size <= 0:
        return None
    told = digest.lower() if isinstance(digest, str) and _MD5.fullmatch(digest) else ""
    return Media(rendition, url, size, told, _said(item, "Ext").lower())


def _reason(item: Json) -> str:
    if item.get("SubStatus") == "CanNotProcess":
        return BROKEN
    return PROCESSING if item.get("Processing") else ""


def _facts(item: Json, album_key: str) -> Mapping[str, str]:
    told = {
        facts.TITLE: _said(item, "Title"),
        facts.CAPTION: _said(item, "Caption"),
        facts.KEYWORDS: _keywords(item),
        **_location(item),
        facts.TAKEN: times.wall_clock(_said(item, "DateTimeOriginal")),
        "image_key": _said(item, "ImageKey"),
        "album_key": sys.intern(album_key),
        "serial": str(item.get("Serial", 0)),
        "uri": _said(item, "Uri"),
        "file_name": _said(item, "FileName"),
        "hidden": "true" if item.get("Hidden") is True else "",
    }
    return {name: value for name, value in told.items() if value}


def _keywords(item: Json) -> str:
    listed = item.get("KeywordArray")
    if isinstance(listed, list) and listed:
        return facts.KEYWORDS_SEPARATOR.join(str(one) for one in listed)
    return _said(item, "Keywords")


def _location(item: Json) -> dict[str, str]:
    """Return where it was taken; the service writes nought and nought where it does not know."""
    told = [str(item.get(name, "")) for name in ("Latitude", "Longitude")]
    try:
        is_told = any(float(one) for one in told)
    except ValueError:
        return {}
    return dict(zip((facts.LATITUDE, facts.LONGITUDE), told, strict=True)) if is_told else {}


def _plain(extension: str) -> str:
    lower = extension.lower()
    return _SPELLINGS.get(lower, lower)


def _said(item: Json, name: str) -> str:
    value: Any = item.get(name)
    return value if isinstance(value, str) else ""


def _text(item: Json, name: str, what: str) -> str:
    value = _said(item, name)
    if not value:
        raise BadAnswer(f"SmugMug lists {what} without {name}.")
    return value


def _count(item: Json, name: str, what: str) -> int:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadAnswer(f"SmugMug lists {what} without {name}.")
    return value
