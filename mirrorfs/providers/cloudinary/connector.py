"""The connection under the SDK: ours, because the SDK's own hides what we need.

The SDK's connector repeats GET and DELETE by itself when a connection drops, has no timeouts,
and throws an error's status and headers away. ``execute_request`` of the SDK takes another one:
any object with this ``request``. One is made for each call; they share a pool.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Denied,
    MirrorError,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.net.moments import answered_at
from mirrorfs.net.outages import unreachable
from mirrorfs.net.quota import Quota
from mirrorfs.net.scrub import scrub
from mirrorfs.net.session import CONNECT_SECONDS, READ_SECONDS, TOO_MANY, authorities
from mirrorfs.providers.cloudinary.credentials import Credentials
from mirrorfs.providers.cloudinary.limits import read_allowance, read_refusal

_UPLOAD_SECONDS = 600.0
_TOO_LARGE = "File size too large"
_PLAN = "The account's plan sets this limit."
_STALE = "Stale request"
_POOL_SIZE = 32


@dataclass(frozen=True, slots=True)
class Line:
    """What all calls of one account share."""

    pool: urllib3.PoolManager
    credentials: Credentials
    quota: Quota
    clock: Clock


def open_line(credentials: Credentials, clock: Clock) -> Line:
    """Return a line to the account; connects to nothing yet."""
    kept: dict[str, Any] = {"cert_reqs": "CERT_REQUIRED", "ca_certs": authorities()}
    kept |= {"maxsize": _POOL_SIZE, "retries": False}
    if credentials.api_proxy:
        pool: urllib3.PoolManager = urllib3.ProxyManager(credentials.api_proxy, **kept)
    else:
        pool = urllib3.PoolManager(**kept)
    return Line(pool, credentials, Quota(clock), clock)


class Connector:
    """Makes one call and keeps what was answered, and when; raises this project's errors."""

    def __init__(self, line: Line, *, is_counted: bool) -> None:
        self._line = line
        self._is_counted = is_counted
        self.answered_at = 0.0
        self.body = b""

    def request(
        self,
        method: str,
        url: str,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> urllib3.BaseHTTPResponse:
        """Return a successful answer, read completely.

        Raises:
            Unavailable: no connection, a timeout, or a status that may pass.
            RateLimited: the quota is used up. Denied: 401, 403. NotFound: 404.
            AlreadyExists: 409. Unsupported: 400 or 413 (the message is the service's).
            BadAnswer: an error that is not JSON, or any other status.
        """
        read = READ_SECONDS if self._is_counted else _UPLOAD_SECONDS
        rest["timeout"] = urllib3.Timeout(connect=CONNECT_SECONDS, read=read)
        if self._is_counted:
            self._line.quota.spend()
        try:
            answer = self._line.pool.request(
                method, url, fields=fields, headers=headers, redirect=False, **rest
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise unreachable("Cloudinary", error, url) from None
        self._note(answer)
        if answer.status >= 300:
            raise self._failure(answer)
        self.body = answer.data
        return answer

    def _note(self, answer: urllib3.BaseHTTPResponse) -> None:
        now = self._line.clock.now()
        told = read_allowance(answer.headers, now)
        if told and self._is_counted:
            self._line.quota.note(told)
        self.answered_at = answered_at(answer.headers, now)

    def _failure(self, answer: urllib3.BaseHTTPResponse) -> MirrorError:
        status, message = answer.status, _message(answer)
        said = self._clean(f"Cloudinary answered {status}: {message or 'no reason was given'}")
        said = said.rstrip(".") + "."
        if status in TOO_MANY:
            error = read_refusal(said, answer.headers, self._line.clock.now())
            if self._is_counted and hasattr(error, "retry_at"):
                self._line.quota.exhaust(error.retry_at)
            return error
        return _refusal(status, message, said)

    def _clean(self, text: object) -> str:
        return scrub(str(text), self._line.credentials.secrets)


def _refusal(status: int, message: str, said: str) -> MirrorError:
    """Return the error for a status; 4xx mean what they say only with a JSON message."""
    if status in {408, 423, 425} or status >= 500:
        return Unavailable(said)
    if status == 401:
        return Denied(said, "Check cloud name, API key and API secret.")
    if _STALE in message:
        return Denied(said, "Set this machine's clock: a signature is good for an hour.")
    if status == 413 or (status == 400 and message):
        return Unsupported(said, _PLAN if _TOO_LARGE in message else "")
    kinds = {403: Denied, 404: NotFound, 409: AlreadyExists} if message else {403: Denied}
    return kinds.get(status, BadAnswer)(said)


def _message(answer: urllib3.BaseHTTPResponse) -> str:
    """Return the text of a JSON error, or empty: pages of HTML say nothing to a user."""
    try:
        told = json.loads(answer.data)
        return str(told["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return ""
