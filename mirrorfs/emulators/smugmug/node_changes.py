"""Making, changing and deleting nodes and albums (SmugMug API, reference/node, reference/album)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mirrorfs.emulators.smugmug.answers import Answer
from mirrorfs.emulators.smugmug.changing import (
    ALBUM,
    ALBUM_NODE,
    NODE,
    boolean,
    choice,
    read_fields,
    text,
)
from mirrorfs.emulators.smugmug.errors import ApiError, bad_request
from mirrorfs.emulators.smugmug.naming import free_url_name, make_url_name
from mirrorfs.emulators.smugmug.showing import show
from mirrorfs.emulators.smugmug.uris import image_key

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Node, NodeType

_HIGHLIGHTS = ("HighlightImageUri", "CoverImageUri", "HighlightAlbumImageUri")
_TYPES = choice("Folder", "Album", "Page")


def create_node(call: Call) -> Answer:
    """Make a folder, album or page; 201 with the node, 409 when its URL name is taken."""
    parent = call.state.node(call.ids["node"])
    call.require_owner(parent.nick)
    beside = ("AutoRename", "Type", "AlbumTemplateUri", *_HIGHLIGHTS)
    (fields,) = read_fields(call.params, NODE, beside=beside)
    type_ = cast("NodeType", _TYPES("Type", call.params.get("Type", "Folder")))
    name = text(254, 1)("Name", fields.pop("name", ""))
    auto_rename = boolean("AutoRename", call.params.get("AutoRename", ""))
    fields = {"show_cover_image": True, **fields, **_highlight(call)}
    node = call.state.create_node(parent.node_id, type_, name, auto_rename=auto_rename, **fields)
    return show("Node", node.node_id, status=201)


def change_node(call: Call) -> Answer:
    """Change a node; 409 when its new URL name is taken."""
    node = call.state.node(call.ids["node"])
    call.require_owner(node.nick)
    (fields,) = read_fields(call.params, NODE, beside=("ResetUrlName", *_HIGHLIGHTS))
    if boolean("ResetUrlName", call.params.get("ResetUrlName", "")):
        fields["url_name"] = _made_anew(call, node, fields.get("name", node.name))
    _keep(call, node, {**fields, **_highlight(call)})
    return show("Node", node.node_id)


def delete_node(call: Call) -> Answer:
    """Delete a node and all below it."""
    return _delete(call, call.state.node(call.ids["node"]))


def change_album(call: Call) -> Answer:
    """Change an album."""
    album = call.state.album(call.ids["album"])
    node = call.state.node(album.node_id)
    call.require_owner(node.nick)
    of_node, of_album = read_fields(call.params, ALBUM_NODE, ALBUM, beside=_HIGHLIGHTS)
    _keep(call, node, {**of_node, **_highlight(call)})
    call.state.change_album(album.album_key, **of_album)
    return show("Album", album.album_key)


def delete_album(call: Call) -> Answer:
    """Delete an album with its node."""
    album = call.state.album(call.ids["album"])
    return _delete(call, call.state.node(album.node_id))


def _keep(call: Call, node: Node, fields: dict[str, Any]) -> None:
    if node.is_root and {"name", "url_name"} & fields.keys():
        raise bad_request("Name", "Can not be changed")
    call.state.change_node(node.node_id, **fields)


def _delete(call: Call, node: Node) -> Answer:
    call.require_owner(node.nick)
    if node.type.startswith("System"):
        raise ApiError(403)
    call.state.remove_node(node.node_id)
    return Answer()


def _made_anew(call: Call, node: Node, name: str) -> str:
    siblings = call.state.tree.children(node.parent) if node.parent else []
    taken = {one.url_name for one in siblings if one.node_id != node.node_id}
    return free_url_name(make_url_name(name), taken)


def _highlight(call: Call) -> dict[str, str]:
    """Read whichever parameter names the image to show for a node."""
    for name in _HIGHLIGHTS:
        if call.params.get(name):
            key = image_key(call.text(name))
            if key is None:
                raise bad_request(name, "Does not exist")
            return {"highlight": call.state.image(key).image_key}
    return {}
