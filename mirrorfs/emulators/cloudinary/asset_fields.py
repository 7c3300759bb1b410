"""The fields search expressions and sort orders may name, for assets and for folders.

https://cloudinary.com/documentation/search_expressions#expression_fields; fields of image analysis
and embedded metadata (Tier 2) are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.match import Field, Fields

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.settings import FolderMode

_COMMON: Fields = {
    "public_id": Field("text", lambda asset: asset.public_id, default=True),
    "filename": Field("text", lambda asset: asset.public_id.rpartition("/")[2], default=True),
    "tags": Field("text", lambda asset: asset.tags, default=True),
    "context": Field(
        "text",
        lambda asset: (*asset.context, *asset.context.values()),
        default=True,
    ),
    "context.*": Field("text", lambda asset: asset.context),
    "metadata": Field("text", lambda asset: tuple(map(str, asset.metadata.values()))),
    "metadata.*": Field("text", lambda asset: asset.metadata),
    "resource_type": Field("exact", lambda asset: asset.resource_type),
    "type": Field("exact", lambda asset: asset.type),
    "format": Field("exact", lambda asset: asset.format),
    "etag": Field("exact", lambda asset: asset.etag),
    "access_mode": Field("exact", lambda _: "public"),
    "status": Field("exact", lambda asset: "deleted" if asset.placeholder else "active"),
    "moderation_status": Field("exact", lambda asset: tuple(m["status"] for m in asset.moderation)),
    "moderation_kind": Field("exact", lambda asset: tuple(m["kind"] for m in asset.moderation)),
    "bytes": Field("number", lambda asset: asset.bytes),
    "backup_bytes": Field("number", lambda asset: sum(one.bytes for one in asset.versions)),
    "width": Field("number", lambda asset: asset.width),
    "height": Field("number", lambda asset: asset.height),
    "pixels": Field("number", lambda asset: asset.width * asset.height if asset.width else None),
    "aspect_ratio": Field(
        "number", lambda asset: asset.width / asset.height if asset.width else None
    ),
    "pages": Field("number", lambda asset: asset.pages),
    "version": Field("number", lambda asset: asset.version),
    "created_at": Field("date", lambda asset: int(asset.created_at)),
    "uploaded_at": Field("date", lambda asset: int(asset.uploaded_at)),
    "updated_at": Field("date", lambda asset: int(asset.updated_at)),
    "last_updated.updated_at": Field("date", lambda asset: int(asset.updated_at)),
}
_DYNAMIC: Fields = {
    "asset_id": Field("exact", lambda asset: asset.asset_id),
    "asset_folder": Field("folder", lambda asset: asset.asset_folder, default=True),
    "display_name": Field("text", lambda asset: asset.display_name, default=True),
}
_FIXED: Fields = {"folder": Field("folder", lambda asset: asset.directory, default=True)}

FOLDER_FIELDS: Fields = {
    "path": Field("folder", lambda folder: folder.path, default=True),
    "name": Field("text", lambda folder: folder.name, default=True),
    "created_at": Field("date", lambda folder: int(folder.created_at)),
}


def asset_fields(mode: FolderMode) -> Fields:
    """Give the fields of a folder mode.

    ``asset_id``, ``asset_folder`` and ``display_name`` exist in dynamic mode, ``folder`` in fixed.
    """
    return {**_COMMON, **(_DYNAMIC if mode == "dynamic" else _FIXED)}
