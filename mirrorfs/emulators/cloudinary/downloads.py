"""Signed downloads from the API host, past the CDN.

``download`` serves originals (PDF and ZIP too, where their delivery is blocked), and
``download_backup`` kept versions; both links live one hour
(https://cloudinary.com/documentation/control_access_to_media#providing_time_limited_access).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.contents import (
    original_content,
    rendition_content,
    version_content,
)
from mirrorfs.emulators.cloudinary.errors import ApiError, resource_not_found
from mirrorfs.emulators.cloudinary.rendition import make_rendition
from mirrorfs.emulators.cloudinary.sniff import plain_format
from mirrorfs.emulators.cloudinary.transformation import Chain
from mirrorfs.emulators.serving import send_content

if TYPE_CHECKING:
    from starlette.responses import Response

    from mirrorfs.emulators.cloudinary.calls import Call


def download(call: Call) -> Response:
    """Serve the original, or the image in another format; 401 once the link has expired."""
    cloud, params = call.cloud, call.params
    expires = params.text("expires_at")
    if expires.isdigit() and int(expires) < cloud.clock():
        raise ApiError(401, "The download link has expired")
    kind, type_ = call.path["resource_type"], params.text("type", "upload")
    asset = cloud.account.demand(kind, type_, params.demand("public_id"))
    if asset.placeholder:
        raise resource_not_found(asset.public_id)
    headers = {}
    if "attachment" in params:
        name = asset.file_name.rpartition("/")[2].encode("ascii", "replace").decode()
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    format_ = plain_format(params.text("format"))
    if kind == "image" and format_ not in {"", asset.format}:
        content = rendition_content(make_rendition(cloud, asset, Chain(), format_), asset)
    else:
        content = original_content(cloud, asset)
    return send_content(replace(content, headers=headers), call.headers)


def download_backup(call: Call) -> Response:
    """Serve one kept version of an asset."""
    asset = call.cloud.account.demand_id(call.params.demand("asset_id"))
    wanted = call.params.demand("version_id")
    version = next((one for one in asset.versions if one.version_id == wanted), None)
    if version is None:
        raise resource_not_found(wanted)
    return send_content(version_content(call.cloud, asset, version), call.headers)
