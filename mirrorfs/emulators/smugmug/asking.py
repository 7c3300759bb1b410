"""What a request asks for: method, path, parameters, and the fields of a change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.wishes import Wishes, echo, read_wishes

if TYPE_CHECKING:
    from starlette.requests import Request

HARMLESS = frozenset({"GET", "OPTIONS"})
"""Methods that change nothing; others take their place by a POST only."""


@dataclass(frozen=True)
class Asked:
    """A request as it was understood: method, path, query and what the client wants of it."""

    method: str
    path: str
    query: Mapping[str, str]
    uri: str
    echoed: str
    wishes: Wishes

    @property
    def params(self) -> dict[str, str]:
        """The endpoint's own parameters."""
        hidden = ("_", "oauth_", "APIKey")
        return {name: text for name, text in self.query.items() if not name.startswith(hidden)}


def understand(request: Request, form: str) -> Asked:
    """Read a request's line and query (SmugMug API, advanced/overrides); 400 for odd wishes.

    ``form`` is the form of the answer: the API browser shows all there is unless told otherwise.
    """
    raw: str = request.scope["raw_path"].decode("ascii", "replace")
    path = raw.replace("%21", "!").replace("%2C", ",").replace("%2c", ",")
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    method = query.get("_method", request.method).upper()
    if method not in HARMLESS and request.method in HARMLESS:
        method = request.method
    if form == "text/html":
        query.setdefault("_verbosity", "3")
    text = request.url.query
    uri = path + ("?" + text if text else "")
    return Asked(method, path, query, uri, path + echo(text), read_wishes(query))


async def read_body(request: Request) -> dict[str, Any]:
    """Give the fields of a change: a JSON object or a form; 400 when it is neither."""
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return {name: str(value) for name, value in (await request.form()).items()}
    if kind != "application/json":
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    try:
        fields = json.loads(body or b"{}")
    except ValueError:
        raise ApiError(400) from None
    if not isinstance(fields, dict):
        raise ApiError(400)
    return fields
