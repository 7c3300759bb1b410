"""One asset: its details and their update.

https://cloudinary.com/documentation/admin_api#get_details_of_a_single_resource_by_public_id and
#update_details_of_an_existing_resource
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.described import change
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.folders import clean_path
from mirrorfs.emulators.cloudinary.listings import page
from mirrorfs.emulators.cloudinary.moments import admin_time
from mirrorfs.emulators.cloudinary.naming import check_display_name, distinct_name

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.calls import Call

_ADD_ONS = ("raw_convert", "categorization", "detection", "background_removal", "ocr")
_STATUSES = {"approved", "rejected", "pending"}
_FOCUS = 0.9


def asset_of(call: Call) -> Asset:
    """Find the asset a path addresses, by triple or by asset id; 404 when there is none."""
    if "asset_id" in call.path:
        return call.cloud.account.demand_id(call.path["asset_id"])
    path = call.path
    return call.cloud.account.demand(path["resource_type"], path["type"], path["public_id"])


def show(call: Call) -> dict[str, Any]:
    """Give the details of an asset, with the optional parts that are asked for."""
    asset, params = asset_of(call), call.params
    answer = {**call.writer.details(asset), **_paged_derived(call, asset)}
    if params.flag("faces"):
        answer["faces"] = list(asset.coordinates.get("faces", []))
    if params.flag("coordinates") and asset.coordinates:
        answer["coordinates"] = dict(asset.coordinates)
    if params.flag("quality_analysis"):
        answer["quality_analysis"] = quality_analysis()
    if params.flag("media_metadata") or params.flag("image_metadata"):
        answer["etag"] = asset.etag
        answer["media_metadata"] = answer["image_metadata"] = {}
    if params.flag("related"):
        answer["related_assets"] = list(asset.related)
    if params.flag("versions"):
        answer["versions"] = [
            {
                "version_id": one.version_id,
                "version": str(one.version),
                "format": one.format,
                "size": one.bytes,
                "time": admin_time(one.time),
                "restorable": True,
            }
            for one in asset.versions
        ]
    return answer


def show_or_list(call: Call) -> dict[str, Any]:
    """Answer ``resources/<x>``: a list if x is a resource type, the details of asset x if not."""
    name = call.path["asset_id"]
    if name in {"image", "video", "raw"}:
        return page(call, call.cloud.account.shelves.get("resource_type", name))
    return show(call)


def update(call: Call) -> dict[str, Any]:
    """Change descriptive data, folder, display name or moderation of an asset."""
    asset, params, cloud = asset_of(call), call.params, call.cloud
    for name in _ADD_ONS:
        if name in params:
            raise bad_request(f"Illegal value {params.text(name)} for parameter {name}")
    changed = change(asset, cloud, params)
    if "moderation_status" in params:
        changed = replace(changed, moderation=_moderated(asset, params.text("moderation_status")))
    if cloud.dynamic and "asset_folder" in params:
        folder = clean_path(params.text("asset_folder"))
        cloud.folders.create(folder, cloud.clock())
        changed = replace(changed, asset_folder=folder)
    if cloud.dynamic and "display_name" in params:
        name = check_display_name(params.text("display_name"))
        if params.flag("unique_display_name"):
            name = distinct_name(name, changed.asset_folder, cloud.account)
        changed = replace(changed, display_name=name)
    cloud.account.save(replace(changed, updated_at=cloud.clock()))
    return call.writer.details(changed)


def relate(call: Call) -> dict[str, Any]:
    """Relate assets to one; unknown ones are reported."""
    asset = asset_of(call)
    wanted = [_resolve(call, one) for one in call.params.many("assets_to_relate")]
    ids = [one.asset_id for one in wanted if one]
    related = tuple(dict.fromkeys((*asset.related, *ids)))
    call.cloud.account.save(replace(asset, related=related))
    return {"success": [{"asset": one} for one in ids], "failed": []}


def unrelate(call: Call) -> dict[str, Any]:
    """Undo relations of one asset."""
    asset = asset_of(call)
    wanted = [_resolve(call, one) for one in call.params.many("assets_to_unrelate")]
    ids = [one.asset_id for one in wanted if one]
    kept = tuple(one for one in asset.related if one not in ids)
    call.cloud.account.save(replace(asset, related=kept))
    return {"success": [{"asset": one} for one in ids], "failed": []}


def quality_analysis() -> dict[str, Any]:
    """Give a stand-in for the service's analysis: the documented fields, constant values."""
    return {"focus": _FOCUS, "noise": _FOCUS, "contrast": _FOCUS}


def _paged_derived(call: Call, asset: Asset) -> dict[str, Any]:
    count = call.params.count("max_results", 10)
    mark = read_cursor(call.params.text("derived_next_cursor")) or [0]
    start = int(mark[0])
    chosen = asset.derived[start : start + count]
    answer: dict[str, Any] = {"derived": [call.writer.derived(asset, one) for one in chosen]}
    if start + len(chosen) < len(asset.derived):
        answer["derived_next_cursor"] = write_cursor(start + len(chosen))
    return answer


def _moderated(asset: Asset, status: str) -> tuple[dict[str, str], ...]:
    if status not in _STATUSES:
        raise bad_request(f"Illegal value {status} for parameter moderation_status")
    return tuple({**one, "status": status} for one in asset.moderation) or (
        {"kind": "manual", "status": status},
    )


def _resolve(call: Call, name: str) -> Asset | None:
    """Find an asset by immutable id or by ``resource_type/type/public_id``."""
    parts = name.split("/", 2)
    if len(parts) == 3:
        return call.cloud.account.find(parts[0], parts[1], parts[2])
    return call.cloud.account.get(name)
