"""The Admin API's lists: https://cloudinary.com/documentation/admin_api#get_resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.cursors import read_cursor, write_cursor
from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mirrorfs.emulators.cloudinary.asset import Asset
    from mirrorfs.emulators.cloudinary.calls import Call
    from mirrorfs.emulators.cloudinary.shelves import Place, Shelf

Keep = Callable[["Asset"], bool]

_DESCRIBED = ("tags", "context", "metadata")


def resource_types(call: Call) -> dict[str, Any]:
    """Name the resource types that exist."""
    kinds = {name[1] for name in call.cloud.account.shelves.names("resource_type")}
    return {"resource_types": sorted(kinds)}


def all_of_type(call: Call) -> dict[str, Any]:
    """List one resource and delivery type, or the part with a prefix or given ids."""
    kind, type_ = call.path["resource_type"], call.path["type"]
    account = call.cloud.account
    ids = call.params.many("public_ids")
    if ids:
        if len(ids) > 100:
            raise bad_request("Too many public_ids: at most 100 are allowed")
        found = (account.find(kind, type_, one) for one in ids if "+" not in one)
        return _items(call, [one for one in found if one and not one.placeholder])
    if "prefix" in call.params:
        return _by_prefix(call, account.shelves.get("ids", kind, type_))
    return page(call, account.shelves.get("type", kind, type_))


def by_tag(call: Call) -> dict[str, Any]:
    """List one resource type's assets with a tag."""
    return page(call, call.cloud.account.shelves.get("tag", _kind(call), call.path["tag"]))


def by_context(call: Call) -> dict[str, Any]:
    """List one resource type's assets with a context key, or a key and value."""
    name = ["context", _kind(call), call.params.demand("key")]
    if "value" in call.params:
        name.append(call.params.text("value"))
    return page(call, call.cloud.account.shelves.get(*name))


def by_moderation(call: Call) -> dict[str, Any]:
    """List one resource type's assets in a moderation queue."""
    queue = (call.path["kind"], call.path["status"])
    return page(call, call.cloud.account.shelves.get("moderation", _kind(call), *queue))


def by_asset_folder(call: Call) -> dict[str, Any]:
    """List what lies directly in a folder, all types; 400 in fixed folder mode."""
    if not call.cloud.dynamic:
        raise bad_request("Listing by asset folder is not supported in fixed folder mode")
    if "asset_folder" not in call.params:
        raise bad_request("Missing required parameter - asset_folder")
    folder = call.params.text("asset_folder").strip("/")
    if folder:
        call.cloud.folders.demand(folder)
    shelf = call.cloud.account.shelves.get("folder", folder.casefold())
    kind = call.params.text("resource_type")
    if kind:
        return page(call, shelf, default=50, keep=lambda asset: asset.resource_type == kind)
    return page(call, shelf, default=50)


def by_asset_ids(call: Call) -> dict[str, Any]:
    """List up to ten assets by their immutable ids."""
    found = (call.cloud.account.get(one) for one in call.params.many("asset_ids")[:10])
    return _items(call, [one for one in found if one])


def page(call: Call, shelf: Shelf, default: int = 10, keep: Keep | None = None) -> dict[str, Any]:
    """Cut one page from a shelf ordered by creation, newest first unless asked otherwise."""
    count = call.params.count("max_results", default)
    ascending = call.params.text("direction") in {"asc", "1"}
    mark = read_cursor(call.params.text("next_cursor"))
    after: Place | None = (mark[0], mark[1]) if mark else _start(call, ascending=ascending)
    step = shelf.ascending if ascending else shelf.descending
    found: list[Asset] = []
    while True:
        places = step(after, count + 1 if keep is None else 500)
        for place in places:
            asset = call.cloud.account.demand_id(place[1])
            if keep is None or keep(asset):
                if len(found) == count:
                    return {**_items(call, found), "next_cursor": write_cursor(*_place(found[-1]))}
                found.append(asset)
            after = place
        if len(places) < 500 or keep is None:
            return _items(call, found)


def _by_prefix(call: Call, shelf: Shelf) -> dict[str, Any]:
    """Cut one page of ids with a prefix, in order of id."""
    prefix, count = call.params.text("prefix"), call.params.count("max_results", 10)
    mark = read_cursor(call.params.text("next_cursor"))
    after: Place = (mark[0], mark[1]) if mark else (prefix, "")
    places = [
        place for place in shelf.ascending(after, count + 1) if str(place[0]).startswith(prefix)
    ]
    items = _items(call, [call.cloud.account.demand_id(one) for _, one in places[:count]])
    if len(places) > count:
        items["next_cursor"] = write_cursor(*places[count - 1])
    return items


def _items(call: Call, assets: Iterable[Asset]) -> dict[str, Any]:
    params, writer = call.params, call.writer
    fields = params.many("fields")
    if fields:
        return {"resources": [writer.chosen(one, fields) for one in assets]}
    extra = [name for name in _DESCRIBED if params.flag(name)]
    if params.flag("moderation") or params.flag("moderations"):
        extra.append("moderation")
    return {"resources": [writer.item(one, extra) for one in assets]}


def _start(call: Call, *, ascending: bool) -> Place | None:
    if not call.params.text("start_at"):
        return None
    moment = parse_moment(call.params.text("start_at"))
    return (moment, "") if ascending else (moment, "~")


def _place(asset: Asset) -> Place:
    return (asset.created_at, asset.asset_id)


def _kind(call: Call) -> str:
    return call.path["resource_type"]
