"""What a viewer may know of.

The owner sees all. Visitors reach what is public or unlisted, and find only what is public in
lists; below a password or a grant they see the name of the node and nothing in it; hidden images
are not shown to them (SmugMug API, reference/node). What may not be known of is answered with 404,
as is what was made too recently (``Settings.visible_after``).
"""

from __future__ import annotations

from secrets import SystemRandom
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.addresses import privacy
from mirrorfs.emulators.smugmug.errors import not_found
from mirrorfs.emulators.smugmug.values import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Album, Image, SecurityType, User


def see_user(call: Call, nick: str) -> User:
    """Look a user up."""
    return call.state.user(nick)


def see_node(call: Call, node_id: str) -> Node:
    """Look a node up; 404 for one the viewer may not know of."""
    node = call.state.node(node_id)
    if not _is_known(call, node):
        raise not_found()
    return node


def see_inside(call: Call, node_id: str) -> Node:
    """Look a node up whose content is asked for; 404 for a locked one too."""
    node = see_node(call, node_id)
    if is_locked(call, node):
        raise not_found()
    return node


def see_album(call: Call, album_key: str) -> Album:
    """Look an album up; 404 for one the viewer may not know of."""
    album = call.state.album(album_key)
    see_node(call, album.node_id)
    return album


def see_album_inside(call: Call, album_key: str) -> Album:
    """Look an album up whose images are asked for; 404 for a locked one too."""
    album = call.state.album(album_key)
    see_inside(call, album.node_id)
    return album


def see_image(call: Call, locator: str) -> Image:
    """Look an image up by ``KEY-SERIAL`` or ``KEY``; 404 for one the viewer may not know of.

    Any serial leads to the image as it is now.
    """
    image = call.state.image(locator.partition("-")[0])
    if call.viewer.owns(image.nick):
        return image
    nodes = [call.state.node(album.node_id) for album in call.state.albums_of(image.image_key)]
    if image.hidden or not any(_is_known(call, one) and not is_locked(call, one) for one in nodes):
        raise not_found()
    return image


def is_listed(call: Call, node: Node) -> bool:
    """Tell whether lists show a node to the viewer."""
    if call.viewer.owns(node.nick):
        return _is_known(call, node)
    return _is_known(call, node) and privacy(call.state, node.node_id) == "Public"


def is_shown(call: Call, image: Image) -> bool:
    """Tell whether an album that the viewer sees shows an image."""
    return not image.hidden or call.viewer.owns(image.nick)


def is_locked(call: Call, node: Node) -> bool:
    """Tell whether the viewer would have to unlock a node."""
    return not call.viewer.owns(node.nick) and security(call, node) != "None"


def security(call: Call, node: Node) -> SecurityType:
    """Give the security that counts for a node: its own or that of the nearest node above it."""
    found = (one.security_type for one in call.state.tree.above(node.node_id))
    return next((one for one in found if one != "None"), "None")


def level(call: Call, node: Node) -> str:
    """Give the ``ResponseLevel`` of a node or its album."""
    if call.viewer.owns(node.nick):
        return "Full"
    kind = security(call, node)
    return "Public" if kind == "None" else kind


def arrange(
    call: Call, items: Iterable[Any], key: Callable[[Any], Any], *, descending: bool = False
) -> list[Any]:
    """Sort; what sorts alike is in any order where ``Settings.shuffle_ties`` says so."""
    found = list(items)
    if call.state.settings.shuffle_ties:
        SystemRandom().shuffle(found)
    return sorted(found, key=key, reverse=descending)


def _is_known(call: Call, node: Node) -> bool:
    age = call.state.clock() - node.date_added
    if node.parent and not call.viewer.just_made and age < call.state.settings.visible_after:
        return False
    return call.viewer.owns(node.nick) or privacy(call.state, node.node_id) != "Private"
