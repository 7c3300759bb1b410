"""Requests the service refuses.

The body's ``Code`` equals the HTTP status, ``Message`` is short ("Not Found"); a parameter's own
problems are told in ``Options.Parameters`` (SmugMug API, pages/concepts).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

Problems = list[str] | dict[str, list[str]]


class ApiError(Exception):
    """A refusal: HTTP status, message, headers, and problems by parameter name.

    A parameter that lists URIs has its problems told by URI.
    ``values`` are the parameters that were sent, as far as they are to be told with the problems.
    """

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        problems: Mapping[str, Problems] | None = None,
    ) -> None:
        self.status = status
        self.message = message or HTTPStatus(status).phrase
        self.headers = dict(headers or {})
        self.problems = dict(problems or {})
        self.values: dict[str, Any] = {}
        super().__init__(self.message)


def not_found() -> ApiError:
    """Say that there is no such object, or that this viewer may not know of it."""
    return ApiError(404)


def bad_request(name: str = "", problem: str = "") -> ApiError:
    """Refuse with 400, naming the parameter that is at fault."""
    return ApiError(400, problems={name: [problem]} if name else None)


def conflict(name: str, problem: str) -> ApiError:
    """Refuse with 409: something else has the name already."""
    return ApiError(409, problems={name: [problem]})


def oauth_problem(problem: str, **details: str) -> ApiError:
    """Refuse with 401; the message is percent-encoded as the OAuth Problem Reporting says."""
    text = "&".join(f"{key}={value}" for key, value in details.items())
    message = f"oauth_problem={problem}" + (f"&{text}" if text else "")
    return ApiError(401, quote(message))
