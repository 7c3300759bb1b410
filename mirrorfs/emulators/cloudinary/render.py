"""Assets as the API writes them: one shape per endpoint family.

The Admin API's list item, its details, the Search API's item and the Upload API's answer differ in
fields, in date format and in how context is nested
(https://cloudinary.com/documentation/admin_api, .../image_upload_api_reference, .../search_api).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mirrorfs.emulators.cloudinary.moments import admin_time, search_time
from mirrorfs.emulators.cloudinary.signatures import response_signature, url_signature

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mirrorfs.emulators.cloudinary.asset import Asset, Derived
    from mirrorfs.emulators.cloudinary.settings import Settings

_SAFE = re.compile(r"[A-Za-z0-9_.\-/:]+")
_SEARCH_KEPT = (
    "public_id",
    "asset_id",
    "asset_folder",
    "created_at",
    "status",
    "type",
    "resource_type",
)


def escape_id(text: str) -> str:
    """Write an id for a URL path: UTF-8 bytes outside ``[A-Za-z0-9_.-/:]`` become ``%XX``."""
    return text if _SAFE.fullmatch(text) else quote(text, safe="_.-/:")


@dataclass(frozen=True)
class Writer:
    """Writes assets for one account as reached under one base URL."""

    settings: Settings
    base: str

    @property
    def dynamic(self) -> bool:
        """Whether the account is in dynamic folder mode."""
        return self.settings.folder_mode == "dynamic"

    def url(self, asset: Asset, transformation: str = "", format_: str = "") -> str:
        """Give the complete delivery URL, signed for types that are not public."""
        name = asset.file_name
        if format_ and asset.resource_type != "raw":
            name = f"{asset.public_id}.{format_}"
        name = escape_id(name)
        head = f"{self.base}/{self.settings.cloud_name}/{asset.resource_type}/{asset.type}"
        middle = f"/{transformation}" if transformation else ""
        if asset.type in {"private", "authenticated"}:
            signed = f"{transformation}/{name}" if transformation else name
            head += f"/s--{url_signature(signed, self.settings.api_secret)}--"
        return f"{head}{middle}/v{asset.version}/{name}"

    def item(self, asset: Asset, extra: Collection[str] = ()) -> dict[str, Any]:
        """Give the Admin API's list item; ``extra`` may name tags, context, metadata, moderation.

        Tags and context are left out where there are none.
        """
        item = self._core(asset)
        item["created_at"] = admin_time(asset.created_at)
        if asset.placeholder:
            item["placeholder"] = True
        item.update(self._urls(asset))
        for name, value in _described(asset).items():
            if name in extra and (value or name == "metadata"):
                item[name] = value
        return item

    def chosen(self, asset: Asset, fields: Collection[str]) -> dict[str, Any]:
        """Give only the named fields, and always ``public_id`` and ``asset_id``."""
        everything = {**self.details(asset), **_described(asset), "etag": asset.etag}
        everything["uploaded_at"] = admin_time(asset.uploaded_at)
        everything["filename"] = asset.public_id.rpartition("/")[2]
        everything["status"] = _status(asset)
        return {
            name: everything[name]
            for name in ("asset_id", "public_id", *fields)
            if name in everything
        }

    def details(self, asset: Asset) -> dict[str, Any]:
        """Give the Admin API's details of one asset."""
        item = self.item(asset, ("tags", "context"))
        if asset.metadata:
            item["metadata"] = dict(asset.metadata)
        if asset.moderation:
            item["moderation"] = [dict(one) for one in asset.moderation]
        item["access_mode"] = "public"
        if asset.access_control:
            item["access_control"] = [dict(one) for one in asset.access_control]
        item["placeholder"] = asset.placeholder
        item["backup"] = bool(asset.versions)
        item["last_updated"] = {"updated_at": search_time(asset.updated_at)}
        item["original_filename"] = asset.original_filename
        item["derived"] = [self.derived(asset, one) for one in asset.derived]
        if asset.resource_type != "raw":
            item["etag"] = asset.etag
            item["pages"] = asset.pages
        return item

    def derived(self, asset: Asset, one: Derived) -> dict[str, Any]:
        """Give one entry of an asset's ``derived`` list."""
        url = self.url(asset, one.transformation, one.format)
        return {
            "transformation": one.transformation,
            "format": one.format,
            "bytes": one.bytes,
            "id": one.id,
            "url": url,
            "secure_url": url,
        }

    def search_item(self, asset: Asset, extra: Collection[str] = ()) -> dict[str, Any]:
        """Give the Search API's item; context is flat here."""
        item = self._core(asset)
        item["filename"] = asset.public_id.rpartition("/")[2]
        item["created_at"] = search_time(asset.created_at)
        item["uploaded_at"] = search_time(asset.uploaded_at)
        item["backup_bytes"] = sum(one.bytes for one in asset.versions)
        if asset.width and asset.height:
            item["aspect_ratio"] = round(asset.width / asset.height, 5)
            item["pixels"] = asset.width * asset.height
        item.update(self._urls(asset))
        item["status"] = _status(asset)
        item["access_mode"] = "public"
        item["access_control"] = [dict(one) for one in asset.access_control] or None
        item["etag"] = asset.etag
        item["created_by"] = item["uploaded_by"] = {"access_key": self.settings.api_key}
        item["last_updated"] = {"updated_at": search_time(asset.updated_at)}
        described = {**_described(asset), "context": dict(asset.context), "image_metadata": {}}
        described["image_analysis"] = {"etag": asset.etag}
        item.update({name: described[name] for name in extra if name in described})
        return item

    def search_chosen(self, asset: Asset, fields: Collection[str]) -> dict[str, Any]:
        """Give only the named fields of a search item, and those always returned."""
        item = self.search_item(asset, fields)
        return {name: item[name] for name in item if name in fields or name in _SEARCH_KEPT}

    def upload(self, asset: Asset) -> dict[str, Any]:
        """Give the Upload API's answer."""
        secret = self.settings.api_secret
        answer = self._core(asset)
        answer["version_id"] = asset.version_id
        answer["signature"] = response_signature(asset.public_id, asset.version, secret)
        answer["created_at"] = admin_time(asset.created_at)
        answer["tags"] = sorted(asset.tags)
        if asset.pages:
            answer["pages"] = asset.pages
        answer["etag"] = asset.etag
        answer["placeholder"] = asset.placeholder
        answer.update(self._urls(asset))
        described = {**_described(asset), "moderation": [dict(one) for one in asset.moderation]}
        for name in ("context", "metadata", "moderation"):
            if described[name]:
                answer[name] = described[name]
        if asset.access_control:
            answer["access_control"] = [dict(one) for one in asset.access_control]
        answer["original_filename"] = asset.original_filename
        answer["api_key"] = self.settings.api_key
        return answer

    def _core(self, asset: Asset) -> dict[str, Any]:
        item: dict[str, Any] = {"asset_id": asset.asset_id, "public_id": asset.public_id}
        if asset.resource_type != "raw":
            item["format"] = asset.format
        item["version"] = asset.version
        item["resource_type"] = asset.resource_type
        item["type"] = asset.type
        item["bytes"] = asset.bytes
        if asset.resource_type != "raw":
            item["width"] = asset.width
            item["height"] = asset.height
        if self.dynamic:
            item["asset_folder"] = asset.asset_folder
            item["display_name"] = asset.display_name
        else:
            item["folder"] = asset.directory
        return item

    def _urls(self, asset: Asset) -> dict[str, str]:
        url = self.url(asset)
        return {"url": url, "secure_url": url}


def derived_id(asset: Asset, transformation: str, format_: str) -> str:
    """Give the id of a derived form: the same one whenever it is asked for again."""
    text = f"{asset.asset_id}/{transformation}/{format_}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _described(asset: Asset) -> Mapping[str, Any]:
    return {
        "tags": sorted(asset.tags),
        "context": {"custom": dict(asset.context)} if asset.context else {},
        "metadata": dict(asset.metadata),
        "moderation": [dict(one) for one in asset.moderation],
    }


def _status(asset: Asset) -> str:
    return "deleted" if asset.placeholder else "active"
