"""Taking uploaded files in (SmugMug API, reference/upload).

The uploader answers with HTTP 200 even when it refuses, and tells so in the body:
``{"stat": "fail", "code": 6, "message": "wrong format"}``. The codes are those of the older APIs.
"""

from __future__ import annotations

import base64
import binascii
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote

from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.films import describe_video, make_film
from mirrorfs.emulators.smugmug.formats import HEAD, Format, tell_format
from mirrorfs.emulators.smugmug.pictures import Unreadable, describe_picture, from_heic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Album, Image

_ALBUM_URI = re.compile(r"/api/v2/album/([^/!?]+)")
_IMAGE_URI = re.compile(r"/api/v2/(?:album/[^/!?]+/)?image/([^/!?-]+)(?:-\d+)?")
_NEW = {"is_video": False, "film": None, "processing": False, "can_process": True, "taken": ""}
"""What is true of any upload, whatever it replaces, unless its bytes tell otherwise."""


class UploadFailure(Exception):
    """A file the uploader does not take: code and message as in the reply, and the HTTP status."""

    def __init__(self, code: int, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def wrong_format() -> UploadFailure:
    """Refuse what is no photo or video."""
    return UploadFailure(6, "wrong format")


def invalid_album() -> UploadFailure:
    """Refuse an album that is not there or not the user's."""
    return UploadFailure(9, "invalid album")


@dataclass(frozen=True)
class Sent:
    """An upload as it arrived: its ``X-Smug-`` headers by lower-case name without that beginning.

    ``check`` is the Content-MD5 header, ``md5`` the digest of the body in hexadecimal.
    """

    headers: Mapping[str, str]
    body: IO[bytes]
    size: int
    md5: str
    check: str = ""

    def text(self, name: str) -> str:
        """Give a header's text; clients send UTF-8, which HTTP libraries read as Latin-1."""
        raw = self.headers.get(name, "")
        try:
            return raw.encode("latin-1").decode()
        except UnicodeError:
            return raw


def receive(state: State, nick: str, sent: Sent) -> tuple[Album, Image]:
    """Store or replace an image of a user; give it and the album it was sent to.

    Raises ``UploadFailure``.
    """
    if sent.headers.get("version") != "v2" or sent.headers.get("responsetype") != "JSON":
        raise UploadFailure(5, "system error")
    album = _find_album(state, nick, sent)
    replaced = _find_replaced(state, nick, sent)
    if not is_digest(sent.check, sent.md5):
        raise UploadFailure(5, "system error")
    fields = {**_told(sent), **_described(state, sent)}
    format_: Format = fields.pop("type")
    name = sent.text("filename")
    name = stored_name(unquote(name) if state.settings.decode_file_names else name, format_)
    with state.lock, _still_there():
        if replaced:
            image = _replace(state, replaced, name, fields)
        else:
            image = _add(state, album, name, fields)
        return album, _process(state, image) if image.film else image


@contextmanager
def _still_there() -> Iterator[None]:
    """Refuse an upload whose album or image was deleted while it was on its way."""
    try:
        yield
    except ApiError:
        raise invalid_album() from None


def _replace(state: State, image: Image, name: str, fields: dict[str, Any]) -> Image:
    """Give an image other bytes, and their name if they have one."""
    named = {"file_name": name} if name else {}
    return state.replace_image(image.image_key, fields.pop("blob"), **named, **fields)


def _add(state: State, album: Album, name: str, fields: dict[str, Any]) -> Image:
    if state.count_images(album.album_key) >= state.settings.largest_album:
        raise UploadFailure(5, "album is full")
    if state.settings.refuse_duplicates and _holds(state, album, name):
        raise UploadFailure(409, "Conflict", 409)
    return state.add_image(album.album_key, name, fields.pop("blob"), **fields)


def _process(state: State, image: Image) -> Image:
    """Have a video be without its film for the time the settings give."""
    if not state.settings.processing_time:
        return image

    def finish() -> None:
        with suppress(ApiError):  # deleted meanwhile
            state.change_image(image.image_key, processing=False, film=image.film)

    state.agenda.add(state.settings.processing_time, finish)
    return state.change_image(image.image_key, processing=True, film=None)


def stored_name(name: str, format_: Format) -> str:
    """Give the name a file gets: what became a JPEG is called one, other names are kept."""
    if format_.kind != "heic" or not name:
        return name
    return f"{name.rpartition('.')[0] or name}.JPG"


def is_digest(check: str, md5: str) -> bool:
    """Tell whether a Content-MD5 header fits; base64 as in RFC 1864, or hexadecimal; or absent."""
    if not check or check.lower() == md5:
        return True
    try:
        return base64.b64decode(check, validate=True).hex() == md5
    except binascii.Error:
        return False


def _find_album(state: State, nick: str, sent: Sent) -> Album:
    found = _ALBUM_URI.search(sent.text("albumuri"))
    if not found:
        raise invalid_album()
    try:
        album = state.album(found[1])
    except ApiError:
        raise invalid_album() from None
    if state.node(album.node_id).nick != nick or album.source:
        raise invalid_album()
    return album


def _find_replaced(state: State, nick: str, sent: Sent) -> Image | None:
    wanted = sent.text("imageuri")
    if not wanted:
        return None
    found = _IMAGE_URI.search(wanted)
    try:
        image = state.image(found[1]) if found else None
    except ApiError:
        image = None
    if image is None or image.nick != nick:
        raise UploadFailure(5, "invalid image")
    return image


def _holds(state: State, album: Album, name: str) -> bool:
    return any(image.file_name == name for image in state.images(album.album_key))


def _told(sent: Sent) -> dict[str, Any]:
    """Give the fields of ``Image`` the headers set."""
    found: dict[str, Any] = {
        name: sent.text(name) for name in ("title", "caption") if name in sent.headers
    }
    if "keywords" in sent.headers:
        found["keywords"] = split_keywords(sent.text("keywords"))
    if "hidden" in sent.headers:
        found["hidden"] = sent.text("hidden").lower() in {"true", "1"}
    for name, number in (("latitude", float), ("longitude", float), ("altitude", _whole)):
        if sent.headers.get(name):
            try:
                found[name] = number(sent.headers[name])
            except ValueError:
                raise UploadFailure(5, "system error") from None
    return found


def split_keywords(text: str) -> tuple[str, ...]:
    """Split a list of keywords at its semicolons, or at its commas if it has none."""
    parts = text.split(";" if ";" in text else ",")
    return tuple(part.strip() for part in parts if part.strip())


def _whole(text: str) -> int:
    return round(float(text))


def _described(state: State, sent: Sent) -> dict[str, Any]:
    """Look at the bytes and keep them; give ``type``, ``blob`` and fields of ``Image``."""
    sent.body.seek(0)
    format_ = tell_format(sent.body.read(HEAD))
    if format_ is None:
        raise wrong_format()
    _check_size(state, format_, sent.size)
    if format_.kind == "video":
        return {**_NEW, "type": format_, **_keep_video(state, sent)}
    sent.body.seek(0)
    body = sent.body.read()
    if format_.kind == "heic":
        made = from_heic(body)
        about = describe_picture(made)
        blob = state.blobs.write(made)
        return {**_NEW, "type": format_, "blob": blob, "format": "JPG", **about}
    try:
        about = describe_picture(body)
    except Unreadable:
        raise wrong_format() from None
    if about["width"] * about["height"] > state.settings.largest_pixels:
        raise UploadFailure(5, "file is too large")
    given = {name: value for name, value in about.items() if name not in sent.headers}
    blob = state.blobs.write(body)
    return {**_NEW, "type": format_, "blob": blob, "format": format_.name, **given}


def _check_size(state: State, format_: Format, size: int) -> None:
    settings = state.settings
    largest = settings.largest_video if format_.kind == "video" else settings.largest_photo
    if size > largest:
        raise UploadFailure(5, "file is too large")


def _keep_video(state: State, sent: Sent) -> dict[str, Any]:
    """Keep a film instead of a video; its size and digest are all that is told of it."""
    about = describe_video(sent.body, sent.size)
    film = make_film(state, sent.md5, sent.size, about)
    taken = {"taken": about["taken"]} if "taken" in about else {}
    return {
        "blob": film.blob, "format": "MP4", "is_video": True, "film": film,
        "width": film.width, "height": film.height, **taken,
    }  # fmt: skip
