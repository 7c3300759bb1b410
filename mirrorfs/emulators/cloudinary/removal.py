"""Deleting assets and bringing them back.

With a backup a deleted asset stays as a placeholder without bytes, which ``restore`` fills again
(https://cloudinary.com/documentation/backups_and_version_management).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.cloudinary.asset import Asset
from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.errors import bad_request, resource_not_found

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.cloud import Cloud
    from mirrorfs.emulators.cloudinary.shelves import Shelf

_MOST = 1000


def delete_asset(cloud: Cloud, asset: Asset) -> None:
    """Delete an asset, leaving a placeholder if backups of it are kept."""
    kept = {one.blob for one in asset.versions}
    if asset.blob not in kept:
        cloud.blobs.remove(asset.blob)
    if not asset.versions:
        cloud.account.drop(asset)
        return
    cloud.account.save(
        replace(
            asset,
            placeholder=True,
            bytes=0,
            blob=Blob(0),
            tags=(),
            derived=(),
            updated_at=cloud.clock(),
        )
    )


def delete_by_type(call: Call) -> dict[str, Any]:
    """Delete by ids (100 at most), by prefix, or all of a resource and delivery type."""
    kind, type_ = call.path["resource_type"], call.path["type"]
    account = call.cloud.account
    ids = call.params.many("public_ids")
    if ids:
        _check_count(ids)
        return _delete(call, {one: account.find(kind, type_, one) for one in ids})
    shelf = account.shelves.get("ids", kind, type_)
    if "prefix" in call.params:
        return _sweep(call, shelf, call.params.demand("prefix"))
    if call.params.flag("all"):
        return _sweep(call, shelf, "")
    raise bad_request("Missing required parameter - public_ids, prefix or all")


def delete_by_ids(call: Call) -> dict[str, Any]:
    """Delete up to 100 assets by their immutable ids."""
    ids = call.params.many("asset_ids")
    _check_count(ids)
    return _delete(call, {one: call.cloud.account.get(one) for one in ids})


def delete_by_tag(call: Call) -> dict[str, Any]:
    """Delete a resource type's assets with a tag."""
    shelf = call.cloud.account.shelves.get("tag", call.path["resource_type"], call.path["tag"])
    found = [call.cloud.account.demand_id(one) for one in shelf][: _MOST + 1]
    answer = _delete(call, {one.public_id: one for one in found[:_MOST]})
    if len(found) > _MOST:
        answer.update(partial=True, next_cursor=write_cursor(found[_MOST - 1].public_id))
    return answer


def delete_derived(call: Call) -> dict[str, Any]:
    """Delete derived forms by their ids."""
    wanted = call.params.many("derived_resource_ids")
    result = dict.fromkeys(wanted, "not_found")
    for asset in call.cloud.account:
        kept = tuple(one for one in asset.derived if one.id not in result)
        if len(kept) < len(asset.derived):
            result.update({one.id: "deleted" for one in asset.derived if one.id in result})
            call.cloud.account.save(replace(asset, derived=kept))
    return {"deleted": result}


def restore(call: Call) -> dict[str, Any]:
    """Bring assets back, to given backup versions or to the last ones."""
    kind, type_ = call.path["resource_type"], call.path["type"]
    ids = call.params.many("public_ids")
    return _restore(call, {one: call.cloud.account.find(kind, type_, one) for one in ids})


def restore_by_ids(call: Call) -> dict[str, Any]:
    """Bring assets back by their immutable ids."""
    ids = call.params.many("asset_ids")
    return _restore(call, {one: call.cloud.account.get(one) for one in ids})


def delete_backups(call: Call) -> dict[str, Any]:
    """Forget backup versions of one asset; a placeholder without any is gone."""
    cloud, wanted = call.cloud, call.params.many("version_ids")
    asset = cloud.account.demand_id(call.path["asset_id"])
    doomed = [one for one in asset.versions if one.version_id in wanted]
    kept = tuple(one for one in asset.versions if one not in doomed)
    held = {asset.blob, *(one.blob for one in kept)}
    for one in doomed:
        if one.blob not in held:
            cloud.blobs.remove(one.blob)
    if asset.placeholder and not kept:
        cloud.account.drop(asset)
    else:
        cloud.account.save(replace(asset, versions=kept))
    found = {one.version_id for one in doomed}
    return {"deleted": {one: "deleted" if one in found else "not_found" for one in wanted}}


def _sweep(call: Call, shelf: Shelf, prefix: str) -> dict[str, Any]:
    mark = read_cursor(call.params.text("next_cursor"))
    places = shelf.ascending((mark[0], "~") if mark else (prefix, ""), _MOST + 1)
    found = [one for name, one in places if str(name).startswith(prefix)]
    assets = [call.cloud.account.demand_id(one) for one in found[:_MOST]]
    answer = _delete(call, {one.public_id: one for one in assets})
    if len(found) > _MOST:
        answer.update(partial=True, next_cursor=write_cursor(assets[-1].public_id))
    return answer


def _delete(call: Call, assets: dict[str, Asset | None]) -> dict[str, Any]:
    keep_original = call.params.flag("keep_original") or "transformations" in call.params
    chosen = call.params.text("transformations").split("|")
    result = {}
    for name, asset in assets.items():
        if asset is None or asset.placeholder:
            result[name] = "not_found"
            continue
        result[name] = "deleted"
        if keep_original:
            kept = tuple(one for one in asset.derived if not _chosen(one.transformation, chosen))
            call.cloud.account.save(replace(asset, derived=kept))
        else:
            delete_asset(call.cloud, asset)
    return {"deleted": result, "partial": False}


def _chosen(transformation: str, chosen: list[str]) -> bool:
    return chosen == [""] or transformation in chosen


def _restore(call: Call, assets: dict[str, Asset | None]) -> dict[str, Any]:
    versions = call.params.many("versions")
    answer: dict[str, Any] = {}
    for at, (name, asset) in enumerate(assets.items()):
        if asset is None or not asset.versions:
            answer[name] = {"error": "no_backup"}
            continue
        wanted = versions[at] if at < len(versions) else asset.versions[-1].version_id
        back = _revive(call.cloud, asset, wanted)
        call.cloud.folders.create(back.asset_folder, call.cloud.clock())
        answer[name] = call.writer.upload(call.cloud.account.save(back))
    return answer


def _revive(cloud: Cloud, asset: Asset, version_id: str) -> Asset:
    chosen = next((one for one in asset.versions if one.version_id == version_id), None)
    if chosen is None:
        raise resource_not_found(version_id)
    now = cloud.clock()
    return replace(
        asset,
        placeholder=False,
        version=int(now),
        version_id=uuid.uuid4().hex,
        format=chosen.format,
        bytes=chosen.bytes,
        etag=chosen.etag,
        blob=chosen.blob,
        width=chosen.width,
        height=chosen.height,
        uploaded_at=now,
        updated_at=now,
    )


def _check_count(ids: list[str]) -> None:
    if not ids or len(ids) > 100:
        raise bad_request("Between 1 and 100 ids are expected")
