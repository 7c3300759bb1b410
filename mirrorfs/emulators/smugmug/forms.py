"""The form of an answer, chosen by the Accept header or the parameter ``_accept``.

JSON is what applications ask for; browsers get a page that shows the same JSON in its last
``<pre>``. The service offers other forms too (PHP, MessagePack, CSV), which are not made here: a
request that takes nothing else gets JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_PAGE = """<!doctype html><html><head><title>SmugMug API</title></head>
<body><h1>Response [{code} {message}]</h1><h2>JSON</h2><pre>{text}</pre></body></html>"""


def choose_form(request: Request) -> str:
    """Give ``application/json`` or ``text/html``, whichever the client names first.

    A client that takes anything gets the page, as one that sends no Accept header at all.
    """
    accept = request.query_params.get("_accept") or request.headers.get("accept", "*/*")
    preferred = sorted(accept.split(","), key=_quality, reverse=True)
    for entry in preferred:
        name = entry.partition(";")[0].strip().lower()
        if name in {"text/html", "application/json"}:
            return name
    return "text/html" if "*/*" in accept else "application/json"


def write_page(body: dict[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    """Write the page of the API browser."""
    text = json.dumps(body, ensure_ascii=False, indent=4)
    page = _PAGE.format(code=status, message=escape(str(body["Message"])), text=escape(text))
    return HTMLResponse(page, status, dict(headers))


def _quality(entry: str) -> float:
    _, _, quality = entry.partition("q=")
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
