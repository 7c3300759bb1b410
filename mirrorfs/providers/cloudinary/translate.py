"""From the service's JSON to entries. Pure: no call, no clock.

An asset's fields come in four shapes (search, details, upload, update; see
https://cloudinary.com/documentation/admin_api#get_resources and …/search_method); all are read
here. Two keys of an asset's context are ours: ``mtime`` (RFC 3339, UTC, up to nine decimals, or
decimal seconds) is the modification time of the file that was uploaded, and ``mirrorfs_name``
the file's name where the service cannot otherwise keep it. A third is there only while a file is
replaced: ``mirrorfs_replaces`` of the new asset is the id of the old one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mirrorfs.core import facts
from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import BadAnswer
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary.times import SECOND, read_time, write_time

MTIME = "mtime"
NAME = "mirrorfs_name"
REPLACES = "mirrorfs_replaces"
RESOURCE_TYPES = frozenset({"image", "video", "raw"})

_ALIASES: Mapping[str, str] = MappingProxyType(
    {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "tif": "tiff", "heif": "heic", "mpeg": "mpg"}
)
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_SIGNATURE = re.compile(r"/s--[\w-]+--/")  # delivers what is private to anybody
_GONE = frozenset({"deleted", "not_found"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One stored file in the service's words; ``folder`` and ``name`` are as it spells them.

    ``etag`` is the MD5 of the stored original in lower case, or empty; ``uploaded`` is in
    nanoseconds since the epoch; ``updated`` is the text of the last change of any kind.
    """

    id: str
    public_id: str
    resource_type: str
    type: str
    format: str
    version: int
    size: int
    etag: str
    url: str
    created_at: str
    uploaded: int
    updated: str
    folder: str
    name: str
    context: Mapping[str, str]
    tags: tuple[str, ...]

    @property
    def revision(self) -> str:
        """What changes when and only when the bytes do (without ETag: on each upload)."""
        return self.etag or f"v{self.version}-{self.size}"

    def is_at(self, revision: str) -> bool:
        """Say whether ``revision`` is this one, also when only one of the two knew the ETag."""
        return revision in {self.revision, f"v{self.version}-{self.size}"}


def parse_asset(item: Mapping[str, Any], *, dynamic: bool) -> Asset | None:
    """Read one asset of a listing or an answer; ``None`` when only a backup of it is left.

    Raises:
        BadAnswer: a field that is needed is missing or makes no sense.
    """
    if item.get("placeholder") is True or item.get("status") in _GONE:
        return None
    public_id = _text(item, "public_id")
    resource_type = _text(item, "resource_type")
    if resource_type not in RESOURCE_TYPES:
        raise BadAnswer(f"Cloudinary lists {public_id!r} as an unknown {resource_type!r}.")
    version = _number(item, "version")
    above, _, last = public_id.rpartition("/")
    if dynamic:
        above = _text(item, "asset_folder", may_be_empty=True).strip("/")
        last = str(item.get("display_name") or last)
    etag = str(item.get("etag") or "")
    uploaded = read_time(item["uploaded_at"]) if item.get("uploaded_at") else None
    told = item.get("last_updated")
    return Asset(
        id=_text(item, "asset_id"),
        public_id=public_id,
        resource_type=sys.intern(resource_type),
        type=sys.intern(_text(item, "type")),
        format=sys.intern(str(item.get("format") or "") if resource_type != "raw" else ""),
        version=version,
        size=_number(item, "bytes"),
        etag=etag.lower() if _MD5.fullmatch(etag) else "",
        url=_text(item, "secure_url"),
        created_at=_moment(item.get("created_at")),
        uploaded=version * SECOND if uploaded is None else uploaded,
        updated=_moment(told.get("updated_at")) if isinstance(told, dict) else "",
        folder=sys.intern(above),
        name=last,
        context=_context(item.get("context")),
        tags=tuple(str(tag) for tag in item.get("tags") or ()),
    )


def wanted_name(asset: Asset) -> str:
    """Return the file name that the asset asks for, not yet lawful or unique.

    Raw files are called what the service calls them. Images and videos are stored without
    extension: the format is appended, unless the name ends in it already (``jpeg`` is ``jpg``,
    in either case). A ``mirrorfs_name`` wins while it begins with the service's own name, so
    that it ends with a rename made elsewhere.
    """
    told = asset.context.get(NAME, "")
    if told and asset.name in {told, told.rpartition(".")[0]}:
        return told
    if not asset.format or asset.resource_type == "raw":
        return asset.name
    _, dot, extension = asset.name.rpartition(".")
    if dot and plain_format(extension) == plain_format(asset.format):
        return asset.name
    return f"{asset.name}.{asset.format}"


def plain_format(extension: str) -> str:
    """Return the one spelling of an extension that has several."""
    lower = extension.lower()
    return _ALIASES.get(lower, lower)


def to_entry(asset: Asset, path: RemotePath) -> Entry:
    """Return the asset as the entry at ``path``."""
    told = asset.context.get(MTIME)
    modified = read_time(told) if told else None
    return Entry(
        path,
        Kind.FILE,
        asset.id,
        asset.revision,
        asset.size,
        asset.uploaded if modified is None else modified,
        md5(asset.etag) if asset.etag else None,
        _facts(asset),
    )


def _facts(asset: Asset) -> Mapping[str, str]:
    found = {
        "asset_id": asset.id,
        "public_id": asset.public_id,
        "resource_type": asset.resource_type,
        "type": asset.type,
        "version": str(asset.version),
        facts.PRIVATE_URL if _SIGNATURE.search(asset.url) else facts.URL: asset.url,
        "created_at": asset.created_at,
        "display_name": asset.name,
    }
    told = {"format": asset.format, "etag": asset.etag, **_description(asset)}
    told[facts.REPLACES] = asset.context.get(REPLACES, "")
    found |= {key: value for key, value in told.items() if value}
    return found | {f"context.{key}": value for key, value in asset.context.items()}


def _description(asset: Asset) -> Mapping[str, str]:
    """Return what people wrote of the asset: it comes with every listing and costs no call.

    Place and time are in the file's metadata, which listings would have to bring whole.
    """
    context = asset.context
    return {
        facts.TITLE: context.get("title", ""),
        facts.CAPTION: context.get("caption", "") or context.get("alt", ""),
        facts.KEYWORDS: facts.KEYWORDS_SEPARATOR.join(asset.tags),
    }


def _moment(told: object) -> str:
    """Return a time in one spelling, so that text can be compared: Search has another one."""
    if isinstance(told, str) and told[19:] in {"Z", "+00:00"}:
        return told[:19] + "Z"
    nanoseconds = read_time(told) if told else None
    return "" if nanoseconds is None else write_time(nanoseconds)


def _context(told: object) -> Mapping[str, str]:
    """Read context: flat in Search, below ``custom`` everywhere else."""
    if not isinstance(told, dict):
        return {}
    custom = told.get("custom")
    pairs = custom if isinstance(custom, dict) else told
    return {sys.intern(str(key)): str(value) for key, value in pairs.items()}


def _text(item: Mapping[str, Any], key: str, *, may_be_empty: bool = False) -> str:
    value = item.get(key)
    if may_be_empty and value is None and key in item:
        return ""
    if not isinstance(value, str) or not (value or may_be_empty):
        raise BadAnswer(f"Cloudinary lists an asset without {key}.")
    return value


def _number(item: Mapping[str, Any], key: str) -> int:
    value = item.get(key)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadAnswer(f"Cloudinary lists an asset without {key}.")
    return value
