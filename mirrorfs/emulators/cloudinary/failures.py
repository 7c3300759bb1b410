"""Scripted failures in Cloudinary's words.

``rate_limit`` ``{"reset": <Unix seconds>, "limit": 500}`` answers with the documented 420;
``deny`` with the CDN's 401 and ``X-Cld-Error: deny or ACL failure``; ``null_cursor`` takes
``next_cursor`` out of a JSON answer; ``reencode`` delivers an image as optimize-by-default would,
unless the URL says ``fl_original``.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import JSONResponse, Response

from mirrorfs.emulators.cloudinary.moments import next_hour
from mirrorfs.emulators.cloudinary.rates import exceeded, rate_headers
from mirrorfs.emulators.faults import Dialect

OPTIMIZE = "mirrorfs.optimize"
"""Name of the ASGI extension that has images re-encoded."""

_LIMIT = 500


def _rate_limit(value: Any) -> Response:
    wanted = value if isinstance(value, dict) else {}
    limit = int(wanted.get("limit", _LIMIT))
    reset = float(wanted.get("reset", next_hour(time.time())))
    return JSONResponse(exceeded(limit, reset).body(), 420, rate_headers(limit, 0, reset))


def _deny(_: Any) -> Response:
    return Response(status_code=401, headers={"X-Cld-Error": "deny or ACL failure"})


def _drop_cursor(answer: Any) -> Any:
    return {name: value for name, value in answer.items() if name != "next_cursor"}


DIALECT = Dialect(
    answers={"rate_limit": _rate_limit, "deny": _deny},
    edits={"null_cursor": _drop_cursor},
    marks={"reencode": OPTIMIZE},
)
