"""Searches: albums, nodes and images whose texts hold all words that are asked for.

What is new is found once ``Settings.search_lag`` has passed, as the service's index lags behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug.albums import write_album
from mirrorfs.emulators.smugmug.answers import Answer, Listing
from mirrorfs.emulators.smugmug.catalog import ROUTER
from mirrorfs.emulators.smugmug.errors import bad_request
from mirrorfs.emulators.smugmug.images import write_image
from mirrorfs.emulators.smugmug.moments import read_moment
from mirrorfs.emulators.smugmug.nodes import write_node
from mirrorfs.emulators.smugmug.seeing import arrange, is_listed, is_locked, is_shown, see_user

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Image, Node


def search_albums(call: Call) -> Answer:
    """``album!search``."""
    found = [
        call.state.album(node.album_key)
        for node in _nodes(call)
        if node.album_key and _matches(call, _node_text(node), node.date_added)
    ]
    ordered = arrange(call, found, lambda album: album.last_updated, descending=_descending(call))
    return Answer(Listing(ordered, lambda album: write_album(call, album)))


def search_nodes(call: Call) -> Answer:
    """``node!search``."""
    nodes = [one for one in _nodes(call) if _matches(call, _node_text(one), one.date_added)]
    found = arrange(call, nodes, lambda node: node.date_modified, descending=_descending(call))
    return Answer(Listing(found, lambda node: write_node(call, node)))


def search_images(call: Call) -> Answer:
    """``image!search`` and ``user/NICK!imagesearch``."""
    found = [image for image in _images(call) if _matches(call, _image_text(image), image.uploaded)]
    found = [image for image in found if _was_taken_then(call, image)]
    if call.text("MediaType") in {"Photo", "Video"}:
        video = call.text("MediaType") == "Video"
        found = [image for image in found if image.is_video == video]
    ordered = arrange(call, found, lambda image: image.last_updated, descending=_descending(call))
    return Answer(Listing(ordered, lambda image: write_image(call, image)))


def recent_images(call: Call) -> Answer:
    """``user/NICK!recentimages``: the newest first."""
    found = arrange(call, _images(call), lambda image: image.uploaded, descending=True)
    return Answer(Listing(found, lambda image: write_image(call, image)))


def _nodes(call: Call) -> Iterable[Node]:
    """Give what a search may find: the nodes below its scope that the viewer finds in lists."""
    for top in _scope(call):
        for node in [call.state.node(top), *call.state.tree.below(top)]:
            if is_listed(call, node):
                yield node


def _scope(call: Call) -> list[str]:
    """Give the ids of the topmost nodes: of a folder, a node or a user; of everybody."""
    if "nick" in call.ids:
        return [see_user(call, call.ids["nick"]).root]
    uri = call.text("Scope")
    if not uri:
        return [user.root for user in call.state.users()]
    match = ROUTER.find(uri)
    if match and match.endpoint.type == "User":
        return [see_user(call, match.ids["nick"]).root]
    if match and "node" in match.ids:
        return [call.state.node(match.ids["node"]).node_id]
    if match and match.endpoint.type == "Folder":
        node = call.state.tree.find(match.ids["nick"], match.ids["path"])
        return [node.node_id] if node else []
    raise bad_request("Scope", "Must be the URI of a folder, node or user")


def _images(call: Call) -> list[Image]:
    found: dict[str, Image] = {}
    for node in _nodes(call):
        if node.album_key and not is_locked(call, node):
            for image in call.state.images(node.album_key):
                if is_shown(call, image):
                    found[image.image_key] = image
    return list(found.values())


def _matches(call: Call, text: str, since: float) -> bool:
    if call.state.clock() - since < call.state.settings.search_lag:
        return False
    return all(word in text for word in call.text("Text").casefold().split())


def _node_text(node: Node) -> str:
    return " ".join([node.name, node.description, *node.keywords]).casefold()


def _image_text(image: Image) -> str:
    words = [image.file_name, image.title, image.caption, *image.keywords]
    return " ".join(words).casefold()


def _was_taken_then(call: Call, image: Image) -> bool:
    start, end = call.text("DateTakenStart"), call.text("DateTakenEnd")
    if not start and not end:
        return True
    if not image.taken:
        return False
    try:
        taken = read_moment(image.taken)
        return (not start or taken >= read_moment(start)) and (not end or taken <= read_moment(end))
    except ValueError:
        raise bad_request("DateTakenStart", "Must be a date") from None


def _descending(call: Call) -> bool:
    return (call.text("SortDirection") or "Descending") == "Descending"
