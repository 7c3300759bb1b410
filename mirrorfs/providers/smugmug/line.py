"""Calls over the wire: what all of one account share, and what each status means.

Windows of the rate limit begin with their first call; every answer of the API, not of the media
hosts, tells ``X-RateLimit-Remaining`` and ``X-RateLimit-Reset`` (SmugMug API,
advanced/rate-limits).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import requests

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Denied,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.net.moments import answered_at, on_this_clock
from mirrorfs.net.numbers import whole
from mirrorfs.net.quota import Allowance, Quota
from mirrorfs.net.session import TOO_MANY, Manners, Request, Sessions, retry_after
from mirrorfs.providers.smugmug import envelope
from mirrorfs.providers.smugmug.credentials import Credentials
from mirrorfs.providers.smugmug.signing import signer

_LOGIN = "Run: mirrorfs login smugmug"
_CLOCK = "Set this machine's clock: a signature is good for some minutes."
_LEVEL = "The user sets what this application may do under Account Settings > Privacy > Services."


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, and when it was given by the service's own clock (epoch seconds).

    ``moved`` is the address where a redirect leads; empty for any other answer.
    """

    body: bytes
    at: float
    moved: str


class Line:
    """One account's connections, its quota and its clock; safe to use from several threads."""

    def __init__(self, credentials: Credentials, clock: Clock) -> None:
        manners = Manners("SmugMug", secrets=credentials.secrets, sign=signer(credentials))
        self.credentials = credentials
        self.clock = clock
        self.quota = Quota(clock)
        self.sessions = Sessions(clock, manners)

    def call(self, request: Request) -> Answer:
        """Make one call that the rate limit counts, and read its answer completely.

        Raises:
            Unavailable: no answer, a broken one, or a status that may pass (408, 425, 5xx).
            RateLimited: 420, 429, or the service said that no call is left. Denied: 401, 403.
            NotFound: 404, 410. AlreadyExists: 409. Unsupported: 400, 413, in the service's words.
            BadAnswer: a refusal that is not JSON, or any other status.
        """
        self.quota.spend()
        return self.send(request)

    def send(self, request: Request) -> Answer:
        """Make one call that the rate limit does not count; otherwise as :meth:`call`."""
        answer = self.sessions.send(request)
        now = self.clock.now()
        told = _allowance(answer.headers, now)
        if told:
            self.quota.note(told)
        body = _body(answer)
        if answer.is_redirect:
            moved = urljoin(request.url, answer.headers["Location"])
            return Answer(body, answered_at(answer.headers, now), moved)
        if answer.status_code >= 300:
            raise self._failure(answer.status_code, answer.headers, body)
        return Answer(body, answered_at(answer.headers, now), "")

    def _failure(self, status: int, headers: Mapping[str, str], body: bytes) -> MirrorError:
        data = envelope.parse(body)
        reason = envelope.message(data)
        said = f"SmugMug: the API answered {status}: {reason or 'no reason was given'}"
        said = self.sessions.clean(said).rstrip(".") + "."
        if status in TOO_MANY:
            retry_at = retry_after(headers, self.clock.now())
            self.quota.exhaust(retry_at)
            return RateLimited(said, retry_at)
        return refusal(status, reason, said, is_json=bool(data))


def refusal(status: int, reason: str, said: str, *, is_json: bool) -> MirrorError:
    """Return the error for a status; most mean what they say only in JSON."""
    if status in {408, 425} or status >= 500:
        return Unavailable(said)
    if status == 401:
        return Denied(said, _CLOCK if "timestamp" in reason else _LOGIN)
    if status == 403:
        return Denied(said, _LEVEL if "permission" in reason else "")
    kinds = {404: NotFound, 410: NotFound, 409: AlreadyExists, 400: Unsupported, 413: Unsupported}
    return kinds.get(status, BadAnswer)(said) if is_json else BadAnswer(said)


def _body(answer: requests.Response) -> bytes:
    try:
        return answer.content
    except requests.RequestException as error:
        said = f"SmugMug: the answer broke off: {type(error).__name__}."
        raise Unavailable(said) from None
    finally:
        answer.close()


def _allowance(headers: Mapping[str, str], now: float) -> Allowance | None:
    names = ("Limit", "Remaining", "Reset")
    limit, remaining, reset = (whole(headers.get(f"X-RateLimit-{one}", "")) for one in names)
    if remaining is None or reset is None:
        return None
    return Allowance(limit, remaining, on_this_clock(float(reset), headers, now))
