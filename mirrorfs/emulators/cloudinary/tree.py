"""The folder endpoints: https://cloudinary.com/documentation/admin_api#folders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request
from mirrorfs.emulators.cloudinary.folders import clean_path
from mirrorfs.emulators.cloudinary.shelves import folder_key

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.cloud import Cloud
    from mirrorfs.emulators.cloudinary.folders import Folder

_MOST = 2000


def sub_folders(call: Call) -> dict[str, Any]:
    """List a folder's direct sub-folders, 2000 in all at most; 404 for an unknown folder."""
    folders = call.cloud.folders
    path = call.path.get("path", "").strip("/")
    if path:
        path = folders.demand(path).path
    total = min(folders.count(path), _MOST)
    count = call.params.count("max_results", 10)
    seen, after = read_cursor(call.params.text("next_cursor")) or (0, "")
    found = folders.children(path, after, min(count, total - seen))
    seen += len(found)
    more = write_cursor(seen, folder_key(found[-1].path)) if found and seen < total else None
    return {
        "folders": [
            {"name": one.name, "path": one.path, "external_id": one.external_id} for one in found
        ],
        "next_cursor": more,
        "total_count": total,
    }


def create_folder(call: Call) -> dict[str, Any]:
    """Make a folder and its parents; making one that exists changes nothing."""
    path = clean_path(call.path["path"])
    folder = call.cloud.folders.create(path, call.cloud.clock())
    if folder is None:
        raise bad_request("Folder path is empty")
    return {
        "success": True,
        "path": folder.path,
        "name": folder.name,
        "external_id": folder.external_id,
    }


def rename_folder(call: Call) -> dict[str, Any]:
    """Rename or move a folder with everything in it; 400 in fixed folder mode."""
    cloud = call.cloud
    if not cloud.dynamic:
        raise bad_request("Renaming folders is not supported in fixed folder mode")
    source = cloud.folders.demand(call.path["path"].strip("/"))
    target = clean_path(call.params.demand("to_folder"))
    taken = cloud.folders.find(target)
    if taken and taken != source:
        raise ApiError(409, f"Folder {target} already exists")
    if folder_key(target).startswith(folder_key(source.path) + "/"):
        raise bad_request("A folder cannot be moved into itself")
    cloud.folders.create(target.rpartition("/")[0], cloud.clock())
    for old, new in cloud.folders.rename(source.path, target):
        for asset in _held(cloud, old):
            cloud.account.save(replace(asset, asset_folder=new.path))
    return {
        "from": {"name": source.name, "path": source.path},
        "to": {"name": target.rpartition("/")[2], "path": target},
    }


def delete_folder(call: Call) -> dict[str, Any]:
    """Delete a folder and its empty sub-folders; 400 while an asset is left in any of them."""
    cloud = call.cloud
    source = cloud.folders.demand(call.path["path"].strip("/"))
    doomed = cloud.folders.subtree(source.path)
    held = [asset for folder in doomed for asset in _held(cloud, folder)]
    if any(not asset.placeholder for asset in held):
        raise bad_request("Folder is not empty")
    if held and not call.params.flag("skip_backup"):
        raise bad_request("Folder is not empty: it holds backups, see skip_backup")
    for folder in reversed(doomed):
        cloud.folders.remove(folder)
    return {"deleted": [folder.path for folder in doomed]}


def _held(cloud: Cloud, folder: Folder) -> list[Asset]:
    """Give the assets directly in a folder, those of which only backups are left included."""
    key = folder_key(folder.path)
    ids = list(cloud.account.shelves.get("folder", key))
    listed = [cloud.account.demand_id(one) for one in ids]
    hidden = [one for one in cloud.account.placeholders if folder_key(one.asset_folder) == key]
    return listed + [one for one in hidden if one not in listed]
