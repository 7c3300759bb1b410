"""The values an account is made of: assets, their bytes, versions and derived forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from mirrorfs.emulators.blobs import Blob

Key = tuple[str, str, str]

DELIVERY_TYPES = ("upload", "private", "authenticated")


@dataclass(frozen=True, slots=True)
class Version:
    """One kept state of an asset's content (a backup)."""

    version_id: str
    version: int
    format: str
    bytes: int
    etag: str
    time: float
    blob: Blob
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A transformed form that was asked for and is now listed with its asset."""

    id: str
    transformation: str
    format: str
    bytes: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as stored: ``(resource_type, type, public_id)`` is unique, ``asset_id`` never moves.

    ``created_at`` stays that of the first upload, ``uploaded_at`` and ``version`` (Unix seconds)
    follow the last one. ``format`` is empty for raw assets, whose extension is in ``public_id``.
    A ``placeholder`` is a deleted asset of which backups are kept; it has no bytes.
    """

    asset_id: str
    resource_type: str
    type: str
    public_id: str
    version: int
    version_id: str
    format: str
    bytes: int
    etag: str
    blob: Blob
    created_at: float
    uploaded_at: float
    updated_at: float
    asset_folder: str = ""
    display_name: str = ""
    original_filename: str = ""
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    tags: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    moderation: tuple[Mapping[str, str], ...] = ()
    access_control: tuple[Mapping[str, Any], ...] = ()
    derived: tuple[Derived, ...] = ()
    versions: tuple[Version, ...] = ()
    related: tuple[str, ...] = ()
    coordinates: Mapping[str, Any] = field(default_factory=dict)
    placeholder: bool = False

    @property
    def key(self) -> Key:
        """The triple that is unique within an account."""
        return (self.resource_type, self.type, self.public_id)

    @property
    def file_name(self) -> str:
        """The id with the extension of images and videos, as delivery URLs end."""
        if self.resource_type == "raw" or not self.format:
            return self.public_id
        return f"{self.public_id}.{self.format}"

    @property
    def directory(self) -> str:
        """The folder part of the id: where a fixed-folder account shows the asset."""
        return self.public_id.rpartition("/")[0]


def dump_asset(asset: Asset) -> str:
    """Write an asset as one line of JSON."""
    return json.dumps(_plain(asset), default=_plain, separators=(",", ":"))


def load_asset(text: str) -> Asset:
    """Read what ``dump_asset`` wrote."""
    row: dict[str, Any] = json.loads(text)
    row["blob"] = Blob(**row["blob"])
    row["derived"] = tuple(Derived(**one) for one in row["derived"])
    row["versions"] = tuple(
        Version(**{**one, "blob": Blob(**one["blob"])}) for one in row["versions"]
    )
    for name in ("tags", "moderation", "access_control", "related"):
        row[name] = tuple(row[name])
    return Asset(**row)


def _plain(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}
