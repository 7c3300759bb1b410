"""The media server, photos.smugmug.com.

What an address leads to it gives to everybody who has it, but for private albums: those need the
owner's signature, in the Authorization header or in the query. It sends no rate-limit headers.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mirrorfs.emulators.serving import Content, in_memory, send_content, stored
from mirrorfs.emulators.smugmug import addresses, pictures
from mirrorfs.emulators.smugmug.authentication import Authentication, Sent
from mirrorfs.emulators.smugmug.errors import ApiError, not_found
from mirrorfs.emulators.smugmug.films import shrink
from mirrorfs.emulators.smugmug.hosts import site_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from mirrorfs.emulators.blobs import Blob
    from mirrorfs.emulators.smugmug.addresses import Place
    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Image

IGNORE_RANGE = "mirrorfs.ignore_range"
"""Name of the ASGI extension that has a ranged request answered with the whole."""

_BOXES = dict(addresses.SIZES.values())
_CACHED = {"Cache-Control": "max-age=31536000", "Server": "SmugMug"}


class Media:
    """Serves originals, films and copies."""

    def __init__(self, state: State, authentication: Authentication) -> None:
        self._state = state
        self._authentication = authentication

    def routes(self) -> list[Route]:
        """Give the routes of the media server."""
        return [Route("/{path:path}", self._serve, methods=["GET", "HEAD"])]

    async def _serve(self, request: Request) -> Response:
        self._state.agenda.run()
        path = request.scope["raw_path"].decode("ascii", "replace").partition("?")[0]
        place = addresses.find_place(self._state, path.removeprefix("/photos"))
        try:
            if place is None:
                raise not_found()
            self._check_access(request, place.image)
            content = await run_in_threadpool(self._content, place)
        except ApiError as error:
            return PlainTextResponse(error.message, error.status)
        ranges = self._state.settings.cdn_ranges
        if request.scope["extensions"].get(IGNORE_RANGE):
            ranges = False
        return send_content(replace(content, ranges=ranges), request.headers)

    def _check_access(self, request: Request, image: Image) -> None:
        album = self._state.album(image.album_key)
        if addresses.privacy(self._state, album.node_id) != "Private":
            return
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        authorization = request.headers.get("authorization", "")
        sent = Sent(request.method, site_of(request).signed_url, pairs, authorization)
        viewer = self._authentication.admit(sent)
        if viewer is None or not viewer.owns(image.nick):
            raise ApiError(403)

    def _content(self, place: Place) -> Content:
        image, code = place.image, place.code
        if image.processing or not image.can_process:
            raise not_found()
        if code in {addresses.ARCHIVED, addresses.ORIGINAL} and not image.is_video:
            if not image.archived:
                raise not_found()
            return self._kept(image, code, image.blob)
        if code in addresses.FILMS and image.film:
            blob = image.film.blob
            if code != addresses.largest_film(image):
                blob = shrink(blob, addresses.FILMS[code] / image.film.width)
            return self._kept(image, code, blob)
        if code in addresses.FILMS or (code not in _BOXES and not image.is_video):
            raise not_found()
        return self._copy(image, code)

    def _kept(self, image: Image, code: str, blob: Blob) -> Content:
        etag, read = self._state.sum(blob), stored(self._state.blobs, blob)
        return Content(blob.size, etag, image.uploaded, _name(image, code), read, _CACHED)

    def _copy(self, image: Image, code: str) -> Content:
        size = _BOXES.get(code, image.width)
        body = make_copy(self._state, image, size)
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        read = in_memory(body)
        return Content(len(body), etag, image.uploaded, _name(image, code), read, _CACHED)


def make_copy(state: State, image: Image, size: int) -> bytes:
    """Make a picture whose longer side has at most so many pixels; 404 when none can be made."""
    if image.is_video:
        return pictures.poster((size, size))
    format_ = "JPG" if image.format == "GIF" else image.format
    try:
        return pictures.resize(state.blobs.whole(image.blob), format_, (size, size))
    except pictures.Unreadable:
        raise not_found() from None


def _name(image: Image, code: str) -> str:
    return f"{image.image_key}.{addresses.extension(image, code)}"
