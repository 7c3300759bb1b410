"""Scripted failures in SmugMug's words.

Answered instead of the service: ``rate_limit`` ``{"retry_after": <seconds>}``, the documented 429;
``unavailable``, 503; ``oauth_problem`` ``"token_rejected"``, 401 with a percent-encoded message;
``moved`` ``"/api/v2/…"``, 301 to a new URI; ``conflict``, 409; ``upload_failure``
``{"code": 5, "message": "system error"}``, the uploader's refusal under HTTP 200.
Changing its answer: ``ignore_range`` has the media server answer a ranged request with the whole;
``drop_next_page`` takes ``NextPage`` out of a list, as if it ended there.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import JSONResponse, Response

from mirrorfs.emulators.faults import Dialect
from mirrorfs.emulators.smugmug.errors import ApiError, oauth_problem
from mirrorfs.emulators.smugmug.media import IGNORE_RANGE


def _refusal(error: ApiError) -> Response:
    body = {"Response": {}, "Code": error.status, "Message": error.message}
    return JSONResponse(body, error.status, error.headers)


def _rate_limit(value: Any) -> Response:
    wait = int(value.get("retry_after", 1)) if isinstance(value, dict) else 1
    limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + wait)}
    return _refusal(ApiError(429, headers={"Retry-After": str(wait), **limits}))


def _unavailable(_: Any) -> Response:
    return _refusal(ApiError(503))


def _oauth_problem(value: Any) -> Response:
    return _refusal(oauth_problem(str(value)))


def _moved(value: Any) -> Response:
    return _refusal(ApiError(301, headers={"Location": str(value)}))


def _conflict(_: Any) -> Response:
    return _refusal(ApiError(409))


def _upload_failure(value: Any) -> Response:
    told = value if isinstance(value, dict) else {}
    code, message = told.get("code", 5), told.get("message", "system error")
    return JSONResponse(
        {"stat": "fail", "method": "smugmug.images.upload", "code": code, "message": message}
    )


def _drop_next_page(answer: Any) -> Any:
    answer.get("Response", {}).get("Pages", {}).pop("NextPage", None)
    return answer


DIALECT = Dialect(
    answers={
        "rate_limit": _rate_limit,
        "unavailable": _unavailable,
        "oauth_problem": _oauth_problem,
        "moved": _moved,
        "conflict": _conflict,
        "upload_failure": _upload_failure,
    },
    edits={"drop_next_page": _drop_next_page},
    marks={"ignore_range": IGNORE_RANGE},
)
