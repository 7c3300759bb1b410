"""Assets, their kept versions and their renditions as content to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.serving import Content, in_memory, stored

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset, Version
    from mirrorfs.emulators.cloudinary.cloud import Cloud
    from mirrorfs.emulators.cloudinary.rendition import Rendition

_CDN = {
    "Cache-Control": "public, no-transform, immutable, max-age=2592000",
    "Server": "Cloudinary",
}


def original_content(cloud: Cloud, asset: Asset) -> Content:
    """Give the stored file of an asset."""
    read = stored(cloud.blobs, asset.blob)
    return Content(asset.bytes, asset.etag, asset.uploaded_at, asset.file_name, read, _CDN)


def version_content(cloud: Cloud, asset: Asset, version: Version) -> Content:
    """Give the file of a kept version."""
    read = stored(cloud.blobs, version.blob)
    return Content(version.bytes, version.etag, version.time, asset.file_name, read, _CDN)


def rendition_content(made: Rendition, asset: Asset) -> Content:
    """Give a rendition of an asset."""
    name, read = f"{asset.public_id}.{made.format}", in_memory(made.body)
    return Content(len(made.body), made.etag, asset.uploaded_at, name, read, _CDN)
