"""Moving, collecting and deleting many things at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug.answers import Answer
from mirrorfs.emulators.smugmug.changing import boolean
from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.showing import show
from mirrorfs.emulators.smugmug.uris import (
    album_key,
    image_key,
    node_id,
    read_uris,
    refuse_uris,
)

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call


def move_images(call: Call) -> Answer:
    """Move images into an album."""

    def move(uri: str) -> None:
        source, key = album_key(uri), image_key(uri)
        if source is None or key is None:
            raise ApiError(404)
        call.require_owner(call.state.image(key).nick)
        _check_room(call)
        call.state.move_image(key, source, call.ids["album"])

    return _each(call, "MoveUris", move)


def collect_images(call: Call) -> Answer:
    """Show images in one more album."""

    def collect(uri: str) -> None:
        key = image_key(uri)
        if key is None:
            raise ApiError(404)
        call.require_owner(call.state.image(key).nick)
        _check_room(call)
        call.state.collect_image(key, call.ids["album"])

    return _each(call, "CollectUris", collect)


def delete_images(call: Call) -> Answer:
    """Take images out of an album."""

    def delete(uri: str) -> None:
        key = image_key(uri)
        if key is None or album_key(uri) not in {None, call.ids["album"]}:
            raise ApiError(404)
        call.state.remove_image(call.ids["album"], key)

    return _each(call, "DeleteUris", delete)


def move_nodes(call: Call) -> Answer:
    """Move nodes into a folder."""
    target = call.state.node(call.ids["node"])
    call.require_owner(target.nick)

    def move(uri: str) -> None:
        moved = node_id(uri)
        if moved is None:
            raise ApiError(404)
        call.state.move_node(moved, target.node_id)

    return _batch(call, "MoveUris", move)


def _check_room(call: Call) -> None:
    if call.state.count_images(call.ids["album"]) >= call.state.settings.largest_album:
        raise ApiError(400, "Album is full")


def _each(call: Call, name: str, act: Callable[[str], None]) -> Answer:
    album = call.state.album(call.ids["album"])
    call.require_owner(call.state.node(album.node_id).nick)
    return _batch(call, name, act)


def _batch(call: Call, name: str, act: Callable[[str], None]) -> Answer:
    """Do something with each URI, now or with ``Async`` later.

    One bad URI makes the request fail with 400; what could be done is done all the same.
    """
    uris = read_uris(call.params, name)
    asynchronous = boolean("Async", call.params.get("Async", ""))

    def work() -> None:
        problems: dict[str, str] = {}
        for uri in uris:
            try:
                act(uri)
            except ApiError as error:
                problems[uri] = "Does not exist" if error.status == 404 else error.message
        if problems:
            raise refuse_uris(name, problems)

    if not asynchronous:
        work()
        return Answer()
    token = call.viewer.token
    task = call.state.tasks.start(token.nick if token else "", call.endpoint.type, work)
    return show("Task", task.task_id, status=202)
