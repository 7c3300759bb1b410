"""Upload API actions on existing assets.

https://cloudinary.com/documentation/image_upload_api_reference: rename, destroy, explicit, tags,
context, metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.asset import DELIVERY_TYPES, Asset
from mirrorfs.emulators.cloudinary.described import change, context_of, metadata_of, tags_of
from mirrorfs.emulators.cloudinary.eager import with_extras
from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request
from mirrorfs.emulators.cloudinary.folders import clean_path
from mirrorfs.emulators.cloudinary.naming import check_display_name, check_public_id
from mirrorfs.emulators.cloudinary.removal import delete_asset

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call

Change = Callable[[Asset], Asset]


def destroy(call: Call) -> dict[str, Any]:
    """Delete one asset; an unknown one is no error but ``not found``."""
    params, account = call.params, call.cloud.account
    if "asset_id" in params:
        asset = account.get(params.text("asset_id"))
    else:
        public_id = params.demand("public_id")
        asset = account.find(call.path["resource_type"], _type(call), public_id)
    if asset is None or asset.placeholder:
        return {"result": "not found"}
    delete_asset(call.cloud, asset)
    return {"result": "ok"}


def rename(call: Call) -> dict[str, Any]:
    """Change public id or delivery type; 400 when the target exists and may not be overwritten."""
    cloud, params = call.cloud, call.params
    kind, target = call.path["resource_type"], check_public_id(params.demand("to_public_id"))
    asset = cloud.account.demand(kind, _type(call), params.demand("from_public_id"))
    to_type = params.text("to_type", asset.type)
    if to_type not in DELIVERY_TYPES:
        raise bad_request(f"Invalid value {to_type} for parameter to_type")
    holder = cloud.account.find(kind, to_type, target)
    if holder and holder.asset_id != asset.asset_id and not holder.placeholder:
        if not params.flag("overwrite"):
            raise bad_request(f"to_public_id({target}) already exists")
        delete_asset(cloud, holder)
    moved = replace(asset, public_id=target, type=to_type, updated_at=cloud.clock())
    if not cloud.dynamic:
        moved = replace(moved, asset_folder=moved.directory)
        moved = replace(moved, display_name=target.rpartition("/")[2])
        cloud.folders.create(moved.directory, cloud.clock())
    cloud.account.save(moved)
    return call.writer.upload(moved)


def explicit(call: Call) -> dict[str, Any]:
    """Change an asset without sending its bytes again; 404 when there is none."""
    cloud, params = call.cloud, call.params
    type_ = params.demand("type")
    asset = cloud.account.demand(call.path["resource_type"], type_, params.demand("public_id"))
    changed = change(asset, cloud, params)
    if cloud.dynamic and "asset_folder" in params:
        folder = clean_path(params.text("asset_folder"))
        cloud.folders.create(folder, cloud.clock())
        changed = replace(changed, asset_folder=folder)
    if cloud.dynamic and "display_name" in params:
        changed = replace(changed, display_name=check_display_name(params.text("display_name")))
    changed, extras = with_extras(call, changed, params)
    cloud.account.save(changed)
    answer = {**call.writer.upload(changed), **extras}
    del answer["etag"]
    return answer


def tags(call: Call) -> dict[str, Any]:
    """Add, remove or replace tags of up to 1000 assets."""
    command, given = call.params.demand("command"), tags_of(call.params, "tag")
    changes: dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
        "add": lambda old: tuple(dict.fromkeys((*old, *given))),
        "remove": lambda old: tuple(one for one in old if one not in given),
        "replace": lambda _: given,
        "set_exclusive": lambda old: tuple(dict.fromkeys((*old, *given))),
        "remove_all": lambda _: (),
    }
    if command not in changes:
        raise bad_request(f"Invalid value {command} for parameter command")
    if command == "set_exclusive":
        _take_from_others(call, given)
    return _for_each(call, lambda asset: replace(asset, tags=changes[command](asset.tags)))


def context(call: Call) -> dict[str, Any]:
    """Add context pairs to assets, or remove all."""
    command = call.params.demand("command")
    if command == "remove_all":
        return _for_each(call, lambda asset: replace(asset, context={}))
    if command != "add":
        raise bad_request(f"Invalid value {command} for parameter command")
    pairs = context_of(call.params)
    return _for_each(call, lambda asset: replace(asset, context={**asset.context, **pairs}))


def metadata(call: Call) -> dict[str, Any]:
    """Set values of metadata fields of assets."""
    values = metadata_of(call.cloud, call.params)
    return _for_each(call, lambda asset: replace(asset, metadata={**asset.metadata, **values}))


def _for_each(call: Call, apply: Change) -> dict[str, Any]:
    """Change the assets named in ``public_ids``; give the ids of those that exist."""
    account, kind = call.cloud.account, call.path["resource_type"]
    wanted = call.params.many("public_ids")
    if not wanted:
        raise bad_request("Missing required parameter - public_ids")
    if len(wanted) > 1000:
        raise ApiError(400, "Too many public_ids: at most 1000 are allowed")
    found = [account.find(kind, _type(call), one) for one in wanted]
    changed = [one for one in found if one and not one.placeholder]
    for asset in changed:
        account.save(replace(apply(asset), updated_at=call.cloud.clock()))
    return {"public_ids": [one.public_id for one in changed]}


def _take_from_others(call: Call, given: tuple[str, ...]) -> None:
    account, kind = call.cloud.account, call.path["resource_type"]
    for tag in given:
        for asset_id in list(account.shelves.get("tag", kind, tag)):
            asset = account.demand_id(asset_id)
            account.save(replace(asset, tags=tuple(one for one in asset.tags if one != tag)))


def _type(call: Call) -> str:
    return call.params.text("type", "upload")
