"""Nodes as the API writes them, and the endpoints that begin with a node.

SmugMug API, reference/node.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.addresses import privacy
from mirrorfs.emulators.smugmug.answers import Answer, Body, Link, Listing
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import bad_request, not_found
from mirrorfs.emulators.smugmug.moments import write_moment
from mirrorfs.emulators.smugmug.seeing import (
    arrange,
    is_listed,
    is_locked,
    level,
    security,
    see_inside,
    see_node,
)

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Node

_TYPES = {"Folder", "Album", "Page", "System Album", "System Page"}
_FIELDS = {
    "SortIndex": "sort_index",
    "DateAdded": "date_added",
    "DateModified": "date_modified",
    "Name": "name",
}


def write_node(call: Call, node: Node) -> Body:
    """Write a node; who owns it sees its settings too."""
    own = call.viewer.owns(node.nick)
    tree = call.state.tree
    fields: dict[str, Any] = {
        "Description": node.description,
        "Name": node.name,
        "Keywords": list(node.keywords),
        "PasswordHint": node.password_hint,
        "SecurityType": node.security_type,
        "ShowCoverImage": node.show_cover_image,
        "SortDirection": node.sort_direction,
        "SortMethod": node.sort_method,
        "Type": node.type,
        "UrlName": node.url_name,
        **(_settings(call, node) if own else {}),
        "DateAdded": write_moment(node.date_added),
        "DateModified": write_moment(node.date_modified),
        "EffectiveSecurityType": security(call, node),
        "FormattedValues": {
            "Name": {"html": escape(node.name)},
            "Description": {"html": escape(node.description), "text": node.description},
        },
        "HasChildren": any(is_listed(call, child) for child in tree.children(node.node_id)),
        "IsRoot": node.is_root,
        "NodeID": node.node_id,
        **({} if node.is_root else {"SortIndex": node.sort_index}),
        "UrlPath": tree.path(node),
        "Uri": CATALOG["Node"].uri(node.node_id),
        "WebUri": web_uri(call, node),
        "UriDescription": CATALOG["Node"].description,
        "ResponseLevel": level(call, node),
    }
    return Body(fields, tuple(_links(call, node)))


def web_uri(call: Call, node: Node) -> str:
    """Give the address of a node's page; what is not public has its id in it instead of a path."""
    site = call.state.user(node.nick).site
    if node.is_root:
        return site
    if node.album_key and privacy(call.state, node.node_id) != "Public":
        return f"{site}/{node.url_name}/n-{node.node_id}"
    return site + call.state.tree.path(node)


def read_node(call: Call) -> Answer:
    """``node/ID``."""
    return Answer(write_node(call, see_node(call, call.ids["node"])))


def read_children(call: Call) -> Answer:
    """``!children``; 404 for a node that can have none."""
    node = see_inside(call, call.ids["node"])
    if not node.holds_nodes:
        raise not_found()
    types = _wanted_types(call.text("Type") or "All")
    found = [
        child
        for child in call.state.tree.children(node.node_id)
        if child.type in types and is_listed(call, child)
    ]
    return Answer(Listing(sort_nodes(call, node, found), lambda one: write_node(call, one)))


def sort_nodes(call: Call, parent: Node, nodes: Iterable[Node]) -> list[Node]:
    """Sort as the client wants, else as the parent does ("Organizer")."""
    method = call.text("SortMethod") or "Organizer"
    direction = call.text("SortDirection") or "Ascending"
    if method == "Organizer":
        method, direction = parent.sort_method, call.text("SortDirection") or parent.sort_direction
    if method not in _FIELDS:
        raise bad_request("SortMethod", "Must be one of its options")
    if direction not in {"Ascending", "Descending"}:
        raise bad_request("SortDirection", "Must be one of its options")
    name = _FIELDS[method]
    descending = direction == "Descending"
    return arrange(call, nodes, lambda one: getattr(one, name), descending=descending)


def read_parent(call: Call) -> Answer:
    """``!parent``; 404 for the root."""
    node = see_node(call, call.ids["node"])
    if node.parent is None:
        raise not_found()
    return Answer(write_node(call, call.state.node(node.parent)))


def read_parents(call: Call) -> Answer:
    """``!parents``: the node itself first, the root last."""
    node = see_node(call, call.ids["node"])
    above = call.state.tree.above(node.node_id)
    return Answer(Listing(above, lambda one: write_node(call, one)))


def _wanted_types(text: str) -> set[str]:
    if text == "All":
        return _TYPES
    rest, found = text.replace(",", " "), set()
    for name in sorted(_TYPES, key=len, reverse=True):
        if name in rest:
            found.add(name)
            rest = rest.replace(name, "")
    if rest.strip() or not found:
        raise bad_request("Type", "Must be one of its options")
    return found


def _settings(call: Call, node: Node) -> dict[str, Any]:
    return {
        "HideOwner": node.hide_owner,
        "Password": node.password,
        "Privacy": node.privacy,
        "SmugSearchable": node.smug_searchable,
        "WorldSearchable": node.world_searchable,
        "EffectivePrivacy": privacy(call.state, node.node_id),
    }


def _links(call: Call, node: Node) -> Iterable[Link]:
    one = node.node_id
    if node.album_key:
        yield CATALOG["Album"].link(node.album_key)
    if node.holds_nodes:
        yield CATALOG["FolderByID"].link(one)
    if node.parent:
        yield CATALOG["ParentNode"].link(one)
    yield CATALOG["ParentNodes"].link(one)
    if not node.hide_owner or call.viewer.owns(node.nick):
        yield CATALOG["User"].link(node.nick)
    for name in ("NodeCoverImage", "HighlightImage", "NodeComments"):
        yield CATALOG[name].link(one)
    if is_locked(call, node):
        yield CATALOG["UnlockNode"].link(one)
    elif node.holds_nodes:
        yield CATALOG["ChildNodes"].link(one)
    if call.viewer.owns(node.nick):
        yield CATALOG["NodeGrants"].link(one)
        if node.holds_nodes:
            yield CATALOG["MoveNodes"].link(one)
