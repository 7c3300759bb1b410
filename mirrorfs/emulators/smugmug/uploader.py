"""The uploader's side of HTTP: POST to ``/``, PUT to ``/NAME``, or a form with one file in it.

It accepts OAuth in the Authorization header alone and reads everything else of ``X-Smug-`` headers
(SmugMug API, reference/upload). What it answers is JSON under HTTP 200, refusals too.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from mirrorfs.emulators.smugmug.authentication import Authentication
from mirrorfs.emulators.smugmug.authentication import Sent as Proven
from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.hosts import site_of
from mirrorfs.emulators.smugmug.uploading import Sent, UploadFailure, receive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

    from mirrorfs.emulators.smugmug.keys import Token
    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Album, Image

_METHOD = "smugmug.images.upload"
_PREFIX = "x-smug-"
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 20
_OAUTH_CODES = {
    "timestamp_refused": 30,
    "consumer_key_unknown": 31,
    "nonce_used": 33,
    "signature_invalid": 35,
    "signature_method_rejected": 37,
}
_REJECTED = 36


class Uploader:
    """``upload.smugmug.com``."""

    def __init__(self, state: State, authentication: Authentication) -> None:
        self._state = state
        self._authentication = authentication

    def routes(self) -> list[Route]:
        """Give the routes of the uploader."""
        return [
            Route("/", self._take, methods=["POST"]),
            Route("/{name:path}", self._take, methods=["POST", "PUT"]),
        ]

    async def _take(self, request: Request) -> Response:
        self._state.agenda.run()
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
            try:
                token = self._admit(request)
                sent = await _read(request, file)
                album, image = await run_in_threadpool(self._receive, token, sent)
            except UploadFailure as failure:
                body = {"stat": "fail", "method": _METHOD, "code": failure.code}
                return _answer(request, {**body, "message": failure.message}, failure.status)
        replaced = "imageuri" in sent.headers
        return _answer(request, self._success(album, image, "" if replaced else None))

    def _admit(self, request: Request) -> Token:
        sent = Proven(
            request.method,
            site_of(request).signed_url,
            parse_qsl(request.url.query, keep_blank_values=True),
            request.headers.get("authorization", ""),
        )
        try:
            viewer = self._authentication.admit(sent, "header")
        except ApiError as error:
            problem = unquote(error.message).partition("&")[0].removeprefix("oauth_problem=")
            raise UploadFailure(_OAUTH_CODES.get(problem, _REJECTED), problem) from None
        token = viewer.token if viewer else None
        if token is None:
            raise UploadFailure(_REJECTED, "invalid/expired token")
        return token

    def _receive(self, token: Token, sent: Sent) -> tuple[Album, Image]:
        if not token.allows("Modify" if "imageuri" in sent.headers else "Add"):
            raise UploadFailure(5, "The user has not granted the required permissions")
        return receive(self._state, token.nick, sent)

    def _success(self, album: Album, image: Image, replaced: str | None) -> dict[str, Any]:
        site = self._state.user(image.nick).site
        path = self._state.tree.path(self._state.node(album.node_id))
        about = {
            "StatusImageReplaceUri": replaced,
            "ImageUri": f"/api/v2/image/{image.locator}",
            "AlbumImageUri": f"/api/v2/album/{album.album_key}/image/{image.locator}",
            "URL": f"{site}{path}/i-{image.image_key}",
        }
        return {"stat": "ok", "method": _METHOD, "Image": about}


async def _read(request: Request, file: IO[bytes]) -> Sent:
    """Take the body in; of a form, the file is the body and other fields count as headers."""
    headers = {
        name.removeprefix(_PREFIX): value
        for name, value in request.headers.items()
        if name.startswith(_PREFIX)
    }
    chunks = request.stream()
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await request.form()
        fields = {name.lower(): value for name, value in form.items() if isinstance(value, str)}
        sent = next((one for one in form.values() if isinstance(one, UploadFile)), None)
        if sent is None:
            raise UploadFailure(5, "system error")
        headers = {"filename": sent.filename or "", **_named(fields), **headers}
        chunks = _chunks(sent)
    name = unquote(request.path_params.get("name", ""))
    md5, size = hashlib.md5(usedforsecurity=False), 0
    async for chunk in chunks:
        md5.update(chunk)
        size += len(chunk)
        file.write(chunk)
    named = {"filename": name, **headers} if name else headers
    return Sent(named, file, size, md5.hexdigest(), request.headers.get("content-md5", ""))


def _named(fields: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(_PREFIX): value for name, value in fields.items()}


async def _chunks(file: UploadFile) -> AsyncGenerator[bytes, None]:
    while chunk := await file.read(_CHUNK):
        yield chunk


def _answer(request: Request, body: dict[str, Any], status: int = 200) -> Response:
    pretty = request.headers.get("x-smug-pretty", "").lower() in {"true", "1"}
    text = json.dumps(body, indent=4 if pretty else None)
    return Response(text, status, media_type="application/json")
