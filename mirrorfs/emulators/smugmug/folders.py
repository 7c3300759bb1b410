"""Folders: the older way to walk the tree, by paths; deprecated and still served."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug import images
from mirrorfs.emulators.smugmug.albums import write_album
from mirrorfs.emulators.smugmug.answers import Answer, Body, Link, Listing
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import not_found
from mirrorfs.emulators.smugmug.moments import write_moment
from mirrorfs.emulators.smugmug.nodes import web_uri
from mirrorfs.emulators.smugmug.seeing import is_listed, is_locked, level, see_node, see_user
from mirrorfs.emulators.smugmug.values import Node

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import NodeType

_ACTIONS = (
    "FolderHighlightImage", "Folders", "FolderList", "FolderAlbums", "AlbumList", "FolderSearch",
    "FolderPages", "Size",
)  # fmt: skip
_DEEPEST = 5


def write_folder(call: Call, node: Node) -> Body:
    """Write a folder; the root's path is empty here."""
    fields: dict[str, Any] = {
        "Name": node.name,
        "UrlName": node.url_name,
        "SecurityType": node.security_type,
        "SortMethod": node.sort_method,
        "SortDirection": node.sort_direction,
        "Description": node.description,
        "Keywords": "; ".join(node.keywords),
        "PasswordHint": node.password_hint,
        **({"Privacy": node.privacy} if call.viewer.owns(node.nick) else {}),
        "DateAdded": write_moment(node.date_added),
        "DateModified": write_moment(node.date_modified),
        "UrlPath": _path(call, node),
        "NodeID": node.node_id,
        "IsEmpty": not call.state.tree.children(node.node_id),
        "Uri": CATALOG["Folder"].uri(node.nick, _path(call, node)),
        "WebUri": web_uri(call, node),
        "UriDescription": CATALOG["Folder"].description,
        "ResponseLevel": level(call, node),
    }
    return Body(fields, tuple(_links(call, node)))


def write_page(call: Call, node: Node) -> Body:
    """Write a page."""
    fields = {
        "Name": node.name,
        "UrlName": node.url_name,
        "UrlPath": call.state.tree.path(node),
        "NodeID": node.node_id,
        "Uri": CATALOG["Page"].uri(node.node_id),
        "WebUri": web_uri(call, node),
        "UriDescription": CATALOG["Page"].description,
        "ResponseLevel": level(call, node),
    }
    return Body(fields, (CATALOG["Node"].link(node.node_id), CATALOG["User"].link(node.nick)))


def read_folder(call: Call) -> Answer:
    """``folder/user/NICK/Path`` and ``folder/id/ID``."""
    return Answer(write_folder(call, _folder(call)))


def read_page(call: Call) -> Answer:
    """``page/ID``."""
    node = see_node(call, call.ids["node"])
    if node.type != "Page":
        raise not_found()
    return Answer(write_page(call, node))


def read_parent(call: Call) -> Answer:
    """``!parent``; 404 for the root."""
    node = _folder(call)
    if node.parent is None:
        raise not_found()
    return Answer(write_folder(call, call.state.node(node.parent)))


def read_parents(call: Call) -> Answer:
    """``!parents``: the folder itself first, the root last."""
    above = call.state.tree.above(_folder(call).node_id)
    return Answer(Listing(above, lambda one: write_folder(call, one)))


def read_highlight(call: Call) -> Answer:
    """``!highlightimage``."""
    return images.read_highlight(replace(call, ids={"node": _folder(call).node_id}))


def read_folders(call: Call) -> Answer:
    """``!folders``."""
    return Answer(Listing(_children(call, "Folder"), lambda one: write_folder(call, one)))


def read_albums(call: Call) -> Answer:
    """``!albums``."""
    return Answer(Listing(_children(call, "Album"), lambda one: _write_album(call, one)))


def read_pages(call: Call) -> Answer:
    """``!pages``."""
    return Answer(Listing(_children(call, "Page"), lambda one: write_page(call, one)))


def read_folder_list(call: Call) -> Answer:
    """``!folderlist``: all folders below, in one reply."""
    depth = call.state.tree.depth
    return Answer(
        [
            {
                "Uri": CATALOG["Folder"].uri(node.nick, _path(call, node)),
                "UrlPath": _path(call, node),
                "Name": node.name,
                "CanHaveFolder": depth(node.node_id) < _DEEPEST,
            }
            for node in _below(call, "Folder")
        ]
    )


def read_album_list(call: Call) -> Answer:
    """``!albumlist``: all albums below, in one reply."""
    return Answer(
        [
            {
                "Uri": CATALOG["Album"].uri(node.album_key or ""),
                "UrlPath": _path(call, node),
                "Name": node.name,
            }
            for node in _below(call, "Album")
        ]
    )


def read_size(call: Call) -> Answer:
    """``!size``: how much is below; smart galleries count apart."""
    state = call.state
    albums = [state.album(node.album_key or "") for node in _below(call, "Album")]
    shown = [(album, image) for album in albums for image in state.images(album.album_key)]
    sizes = {
        smart: [image.original_size for album, image in shown if bool(album.source) == smart]
        for smart in (False, True)
    }
    node = _folder(call)
    fields = {
        "FolderCount": len(_below(call, "Folder")),
        "AlbumCount": len(albums),
        "PageCount": len(_below(call, "Page")),
        "MediaCount": len(sizes[False]),
        "MediaSize": sum(sizes[False]),
        "DynamicMediaCount": len(sizes[True]),
        "DynamicMediaSize": sum(sizes[True]),
        "Uri": CATALOG["Size"].uri(node.nick, _path(call, node)),
        "UriDescription": CATALOG["Size"].description,
    }
    return Answer(Body(fields))


def read_path(call: Call) -> Answer:
    """``user/NICK!urlpathlookup?urlpath=/a/b``: the folder, album or page of a path."""
    nick = see_user(call, call.ids["nick"]).nick
    found = call.state.tree.find(nick, call.text("urlpath"))
    if found is None:
        raise not_found()
    node = see_node(call, found.node_id)
    if node.album_key:
        return Answer(_write_album(call, node), locator="Album")
    if node.holds_nodes:
        return Answer(write_folder(call, node), locator="Folder")
    return Answer(write_page(call, node), locator="Page")


def _folder(call: Call) -> Node:
    if "node" in call.ids:
        node: Node | None = see_node(call, call.ids["node"])
    else:
        nick = see_user(call, call.ids["nick"]).nick
        node = call.state.tree.find(nick, call.ids["path"])
    if node is None or not node.holds_nodes:
        raise not_found()
    return see_node(call, node.node_id)


def _children(call: Call, type_: NodeType) -> list[Node]:
    node = _folder(call)
    if is_locked(call, node):
        raise not_found()
    children = call.state.tree.children(node.node_id)
    return [child for child in children if child.type == type_ and is_listed(call, child)]


def _below(call: Call, type_: NodeType) -> list[Node]:
    node = _folder(call)
    if is_locked(call, node):
        raise not_found()
    return [
        one
        for one in call.state.tree.below(node.node_id)
        if one.type == type_ and is_listed(call, one) and not is_locked(call, one)
    ]


def _path(call: Call, node: Node) -> str:
    return call.state.tree.path(node).rstrip("/")


def _write_album(call: Call, node: Node) -> Body:
    return write_album(call, call.state.album(node.album_key or ""))


def _links(call: Call, node: Node) -> Iterable[Link]:
    path = _path(call, node)
    yield CATALOG["FolderByID"].link(node.node_id)
    yield CATALOG["Node"].link(node.node_id)
    yield CATALOG["User"].link(node.nick)
    if node.parent:
        above = _path(call, call.state.node(node.parent))
        yield CATALOG["ParentFolders"].link(node.nick, above)
        yield CATALOG["ParentFolder"].link(node.nick, path)
    yield CATALOG["HighlightImage"].link(node.node_id)
    for name in _ACTIONS:
        yield CATALOG[name].link(node.nick, path)
