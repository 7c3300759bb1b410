"""Cacheable search URLs: ``/<cloud>/search/<signature>/<ttl>/<query>[/<cursor>]``.

The query is URL-safe base64 of JSON, the signature the SHA-256 of ttl, query and secret
(https://cloudinary.com/documentation/cacheable_search_urls).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from mirrorfs.emulators.cloudinary.calls import Call, base_url
from mirrorfs.emulators.cloudinary.errors import ApiError, bad_request
from mirrorfs.emulators.cloudinary.params import Params
from mirrorfs.emulators.cloudinary.searching import search

if TYPE_CHECKING:
    from starlette.requests import Request

    from mirrorfs.emulators.cloudinary.cloud import Cloud


def answer_search_url(cloud: Cloud, request: Request) -> Response:
    """Answer a signed search; 401 when the signature does not fit."""
    path = request.path_params
    query, _, cursor = path["rest"].partition("/")
    try:
        text = f"{path['ttl']}{query}{cloud.settings.api_secret}"
        if hashlib.sha256(text.encode()).hexdigest() != path["signature"]:
            raise ApiError(401, "Invalid signature")
        params = Params({**_decode(query), "next_cursor": cursor})
        call = Call(cloud, path, params, request.headers, base_url(request))
        return JSONResponse(search(call), headers={"Cache-Control": f"max-age={path['ttl']}"})
    except ApiError as error:
        return JSONResponse(error.body(), error.status)


def _decode(query: str) -> dict[str, object]:
    try:
        values = json.loads(base64.urlsafe_b64decode(query))
    except (binascii.Error, ValueError):
        raise bad_request("Invalid search query") from None
    if not isinstance(values, dict):
        raise bad_request("Invalid search query")
    return values
