r"""Filling an account fast, without going through uploads.

``POST /_emulator/seed`` takes a list of objects::

    {"path": "a/b/name.txt"}                     # or "folder" and "display_name" / "public_id"
     "resource_type": "raw", "type": "upload",   # defaults
     "size": 1000, "seed": "x",                  # bytes generated from the seed, no disk is used
     "base64": "…",                              # or the bytes themselves
     "format", "width", "height", "tags", "context", "uploaded_at", "created_at"}   # optional

``path`` is folder and display name; for images and videos its extension is the format. Without
``public_id`` the id is random in dynamic mode and the path in fixed mode. Times are Unix seconds
or ISO 8601. Generated bodies of equal seed and size are equal; their MD5 is computed once, so
sharing a seed makes seeding large files cheap. Existing assets with the same id are replaced.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.cloudinary.asset import Asset
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.moments import parse_moment
from mirrorfs.emulators.cloudinary.naming import random_text

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.cloud import Cloud

Item = Mapping[str, Any]


def seed_assets(cloud: Cloud, items: list[Item]) -> int:
    """Add all items; give how many there were; 400 for a malformed one."""
    digests: dict[Blob, str] = {}
    with cloud.storage.batch():
        for item in items:
            asset = _compose(cloud, item, digests)
            cloud.folders.create(asset.asset_folder, asset.created_at)
            cloud.account.save(asset)
    return len(items)


def _compose(cloud: Cloud, item: Item, digests: dict[Blob, str]) -> Asset:
    kind, type_ = item.get("resource_type", "raw"), item.get("type", "upload")
    folder, name, format_ = _place(item, kind)
    public_id = item.get("public_id") or _public_id(cloud, kind, folder, name)
    old = cloud.account.find(kind, type_, public_id)
    blob, etag = _body(cloud, item, digests)
    uploaded = _moment(item.get("uploaded_at"), cloud.clock())
    return Asset(
        asset_id=old.asset_id if old else uuid.uuid4().hex,
        resource_type=kind,
        type=type_,
        public_id=public_id,
        version=int(uploaded),
        version_id=uuid.uuid4().hex,
        format=format_,
        bytes=blob.size,
        etag=etag,
        blob=blob,
        created_at=_moment(item.get("created_at"), uploaded),
        uploaded_at=uploaded,
        updated_at=uploaded,
        asset_folder=folder if cloud.dynamic else public_id.rpartition("/")[0],
        display_name=name,
        original_filename=name.rpartition(".")[0] or name,
        width=item.get("width"),
        height=item.get("height"),
        pages=1 if kind == "image" else None,
        tags=tuple(item.get("tags", ())),
        context=dict(item.get("context", {})),
    )


def _place(item: Item, kind: str) -> tuple[str, str, str]:
    """Give folder, display name and format."""
    format_ = item.get("format", "")
    if "path" in item:
        folder, _, name = str(item["path"]).strip("/").rpartition("/")
        if kind != "raw" and "." in name:
            name, _, extension = name.rpartition(".")
            format_ = format_ or extension.lower()
        return folder, name, format_
    folder = str(item.get("folder", "")).strip("/")
    name = item.get("display_name") or str(item.get("public_id", "")).rpartition("/")[2]
    if not name:
        raise bad_request("A seeded asset needs a path, a display_name or a public_id")
    return folder, name, format_


def _public_id(cloud: Cloud, kind: str, folder: str, name: str) -> str:
    if not cloud.dynamic:
        return f"{folder}/{name}" if folder else name
    extension = name.rpartition(".")[2] if kind == "raw" and "." in name else ""
    return random_text(20) + (f".{extension}" if extension else "")


def _body(cloud: Cloud, item: Item, digests: dict[Blob, str]) -> tuple[Blob, str]:
    if "base64" in item:
        body = base64.b64decode(item["base64"])
        return cloud.blobs.write(body), hashlib.md5(body, usedforsecurity=False).hexdigest()
    blob = Blob(int(item.get("size", 0)), seed=str(item.get("seed", "seed")))
    if blob not in digests:
        digests[blob] = cloud.blobs.digest(blob)
    return blob, digests[blob]


def _moment(value: Any, default: float) -> float:
    if value is None:
        return default
    return float(value) if isinstance(value, int | float) else parse_moment(str(value))
