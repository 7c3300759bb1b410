"""From an HTTP request to a handler and back: parameters, authentication, budget, errors."""

from __future__ import annotations

import base64
import binascii
import hmac
import inspect
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.params import Params, from_body, from_form, gather
from mirrorfs.emulators.cloudinary.render import Writer
from mirrorfs.emulators.cloudinary.signatures import verify_request

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

    from mirrorfs.emulators.cloudinary.cloud import Cloud

_FIELD_BYTES = 100 << 20
_VERSIONS_COST = 11


@dataclass(frozen=True)
class Call:
    """One request as handlers see it: path parts, parameters, headers, and the base URL."""

    cloud: Cloud
    path: Mapping[str, str]
    params: Params
    headers: Headers
    base: str

    @property
    def writer(self) -> Writer:
        """What writes assets for this caller."""
        return Writer(self.cloud.settings, self.base)


Handler = Callable[[Call], Any]
"""Gives a JSON object, a response, or an awaitable of either; raises ``ApiError``."""

Endpoint = Callable[["Request"], Awaitable[Response]]


class Doors:
    """Wraps handlers as endpoints of the Admin API, the Upload API, or neither."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def admin(self, handler: Handler) -> Endpoint:
        """Give an Admin API endpoint: Basic authentication, counted, rate headers."""

        async def endpoint(request: Request) -> Response:
            response = await self._answer(request, handler, self._admit_admin)
            response.headers.update(self._cloud.budget.headers())
            return response

        return endpoint

    def upload(self, handler: Handler) -> Endpoint:
        """Give an Upload API endpoint: signed, or Basic, or unsigned with a preset."""

        async def endpoint(request: Request) -> Response:
            return await self._answer(request, handler, self._admit_upload)

        return endpoint

    async def _answer(
        self, request: Request, handler: Handler, admit: Callable[[Request, Params], None]
    ) -> Response:
        try:
            params = await read_params(request)
            admit(request, params)
            call = Call(
                self._cloud, request.path_params, params, request.headers, base_url(request)
            )
            result = handler(call)
            if inspect.isawaitable(result):
                result = await result
            response = result if isinstance(result, Response) else JSONResponse(result)
        except ApiError as error:
            response = JSONResponse(error.body(), error.status)
        response.headers["X-Request-Id"] = uuid.uuid4().hex
        return response

    def _admit_admin(self, request: Request, params: Params) -> None:
        self._check_cloud(request)
        self._check_basic(request)
        self._cloud.budget.spend(_VERSIONS_COST if params.flag("versions") else 1)

    def _admit_upload(self, request: Request, params: Params) -> None:
        self._check_cloud(request)
        if "authorization" in request.headers:
            self._check_basic(request)
        elif "signature" in params or not params.text("upload_preset"):
            settings = self._cloud.settings
            verify_request(params, settings.api_key, settings.api_secret, self._cloud.clock())
        else:
            self._check_preset(params.text("upload_preset"))

    def _check_cloud(self, request: Request) -> None:
        if request.path_params["cloud"] != self._cloud.settings.cloud_name:
            raise ApiError(401, "cloud_name mismatch")

    def _check_preset(self, name: str) -> None:
        preset = self._cloud.presets.find(name)
        if preset is None:
            raise ApiError(400, "Upload preset not found")
        if not preset.get("unsigned"):
            raise ApiError(400, "Upload preset must be whitelisted for unsigned uploads")

    def _check_basic(self, request: Request) -> None:
        settings = self._cloud.settings
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise ApiError(401, "Invalid credentials: an api_key and api_secret are required")
        try:
            key, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise ApiError(401, "Invalid credentials") from None
        if key != settings.api_key:
            raise ApiError(401, "unknown api_key")
        if not hmac.compare_digest(secret.encode(), settings.api_secret.encode()):
            raise ApiError(401, "api_secret mismatch")


async def read_params(request: Request) -> Params:
    """Collect query and body parameters, whatever the form of the body."""
    query = gather(request.query_params.multi_items())
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        form = await request.form(max_files=10, max_fields=10_000, max_part_size=_FIELD_BYTES)
        sent = from_form(form.multi_items())
        return Params({**query, **sent.values}, sent.file)
    body = await request.body()
    return Params({**query, **from_body(body, content_type)})


def base_url(request: Request) -> str:
    """Give the URL this server is reached under: the address of the accepting socket."""
    host, port = request.scope["server"]
    return f"{request.scope['scheme']}://{host}:{port}"
