"""From the service's JSON to records, and from records to entries. Pure.

Facts of a file besides those of :mod:`~mirrorfs.providers.smugmug.describing` are the address of
the bytes, which changes when the album is renamed, and ``rendition``
(:class:`~mirrorfs.providers.smugmug.records.Rendition`). The address is always a secret one: it
opens the file to anybody, also when its album is unlisted, now or later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import BadAnswer
from mirrorfs.core.facts import PRIVATE_URL
from mirrorfs.core.paths import RemotePath
from mirrorfs.net.numbers import whole
from mirrorfs.providers.smugmug import describing, times
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.fields import count, said, text
from mirrorfs.providers.smugmug.records import Album, Image, Media, Node, NodeType, Rendition

PROCESSING = "SmugMug is still processing it."
BROKEN = "SmugMug could not process it."
NOT_GIVEN = "SmugMug does not give this file to this account."
LOCKED = "A password is asked for."
STRANGE = "This kind of folder is not known."

_LARGEST = 2**63 - 1
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
        id=text(item, "NodeID", "a node"),
        uri=text(item, "Uri", "a node"),
        type=type_,
        name=said(item, "Name"),
        url_name=said(item, "UrlName"),
        url_path=said(item, "UrlPath"),
        added=said(item, "DateAdded"),
        is_locked=(
            item.get("ResponseLevel") in {"Password", "GrantAccess"}
            or (isinstance(uris, dict) and "UnlockNode" in uris)
        ),
        has_children=item.get("HasChildren") is True,
        album_uri=link(item, "Album"),
    )


def to_album(item: Json) -> Album:
    """Return an album."""
    return Album(
        key=text(item, "AlbumKey", "an album"),
        uri=text(item, "Uri", "an album"),
        count=count(item, "ImageCount", "an album"),
        updated=said(item, "LastUpdated"),
        images_updated=said(item, "ImagesLastUpdated"),
    )


def to_image(item: Json, album_key: str, video: Json | None) -> Image:
    """Return a picture or video; ``video`` is its ``LargestVideo``, where that was told.

    Where a picture's original is not told of, ``media`` is ``None`` without a reason.
    """
    uri, key = text(item, "Uri", "a picture"), text(item, "ImageKey", "a picture")
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
        name=said(item, "FileName"),
        uploaded=said(item, "DateTimeUploaded") or said(item, "Date"),
        is_video=is_video,
        media=media,
        withheld=reason,
        facts=describing.facts_of(item, album_key),
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
    told = {PRIVATE_URL: media.url, "rendition": media.rendition.value}
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
    extension = said(item, "Format").lower()
    if found is None or _plain(extension) not in _MEDIA:
        return found
    return Media(found.rendition, found.url, found.size, found.md5, extension)


def _media(rendition: Rendition, item: Json | None) -> Media | None:
    """Return bytes that are told of; ``None`` without an address, or with a size of no file."""
    url = item.get("Url") if item else None
    if not item or not isinstance(url, str) or not _URL.fullmatch(url):
        return None
    if item.get("Usable") is False:
        return None
    size, digest = item.get("Size"), item.get("MD5")
    if isinstance(size, str):
        size = whole(size)
    if isinstance(size, bool) or not isinstance(size, int):
        size = None
    if size is not None and not 0 < size <= _LARGEST:
        return None
    told = digest.lower() if isinstance(digest, str) and _MD5.fullmatch(digest) else ""
    return Media(rendition, url, size, told, said(item, "Ext").lower())


def _reason(item: Json) -> str:
    if item.get("SubStatus") == "CanNotProcess":
        return BROKEN
    return PROCESSING if item.get("Processing") else ""


def _plain(extension: str) -> str:
    lower = extension.lower()
    return _SPELLINGS.get(lower, lower)
