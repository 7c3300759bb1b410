"""Changing and deleting single images, and fetching new ones."""

from __future__ import annotations

import hashlib
import tempfile
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug import pictures
from mirrorfs.emulators.smugmug.answers import Answer
from mirrorfs.emulators.smugmug.changing import IMAGE, boolean, choice, read_fields
from mirrorfs.emulators.smugmug.errors import ApiError, bad_request
from mirrorfs.emulators.smugmug.showing import show
from mirrorfs.emulators.smugmug.uploading import Sent, UploadFailure, receive

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Image

_FETCH_SECONDS = 10
_TURNS = choice("90", "180", "270")


def change_image(call: Call) -> Answer:
    """Change what is told of an image."""
    image = _image(call)
    call.require_owner(image.nick)
    (fields,) = read_fields(call.params, IMAGE)
    call.state.change_image(image.image_key, **fields)
    return show("Image", _image(call).locator)


def change_album_image(call: Call) -> Answer:
    """Change what is told of an image, named within an album."""
    change_image(call)
    return show("AlbumImage", call.ids["album"], _image(call).locator)


def delete_image(call: Call) -> Answer:
    """Delete an image from all albums."""
    image = _image(call)
    call.require_owner(image.nick)
    call.state.remove_image(image.album_key, image.image_key)
    return Answer()


def delete_album_image(call: Call) -> Answer:
    """Take an image out of an album: gone for good from its own, un-collected from another."""
    image = _image(call)
    call.require_owner(image.nick)
    call.state.remove_image(call.ids["album"], image.image_key)
    return Answer()


def rotate_image(call: Call) -> Answer:
    """Turn a photo clockwise: other bytes under the next serial."""
    image = _image(call)
    call.require_owner(image.nick)
    degrees = int(_TURNS("Rotate", call.text("Rotate")))
    try:
        body = pictures.rotate(call.state.blobs.whole(image.blob), image.format, degrees)
    except pictures.Unreadable:
        raise ApiError(409) from None
    call.state.replace_image(image.image_key, body, **pictures.describe_picture(body))
    return show("Image", _image(call).locator)


def upload_from_uri(call: Call) -> Answer:
    """Fetch a file from elsewhere into an album; only ``https`` unless ``AllowInsecure``."""
    album = call.state.album(call.ids["album"])
    call.require_owner(call.state.node(album.node_id).nick)
    uri = call.text("Uri")
    insecure = boolean("AllowInsecure", call.params.get("AllowInsecure", ""))
    if not uri.startswith(("https://", *(("http://",) if insecure else ()))):
        raise bad_request("Uri", "Must be a secure URL")
    names = ("Title", "Caption", "FileName", "Keywords", "Hidden")
    headers = {name.lower(): call.text(name) for name in names if name in call.params}
    headers.setdefault("filename", uri.partition("?")[0].rpartition("/")[2])
    about = {"albumuri": f"/api/v2/album/{album.album_key}", "version": "v2"}
    try:
        body = _fetch(uri, call.text("Cookie"))
        with tempfile.SpooledTemporaryFile() as file:
            file.write(body)
            md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
            everything = {**headers, **about, "responsetype": "JSON"}
            nick = call.state.node(album.node_id).nick
            _, image = receive(call.state, nick, Sent(everything, file, len(body), md5))
    except UploadFailure as failure:
        raise bad_request("Uri", failure.message) from None
    return show("AlbumImage", album.album_key, image.locator)


def _image(call: Call) -> Image:
    return call.state.image(call.ids["image"].partition("-")[0])


def _fetch(uri: str, cookie: str) -> bytes:
    request = urllib.request.Request(uri, headers={"Cookie": cookie} if cookie else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_FETCH_SECONDS) as answer:  # noqa: S310
            body: bytes = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise bad_request("Uri", f"Could not be fetched: {error}") from None
    return body
