"""HTTP sessions with timeouts, one a thread, and what a status means.

No call is retried here, cookies are neither kept nor sent, and bodies are asked for as they are
stored (``Accept-Encoding: identity``), since a compressed one has another length. A redirect is
signed anew for where it leads, and signed only where the manners say so.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import BinaryIO
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import (
    BadAnswer,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
)
from mirrorfs.net.moments import LONGEST_WAIT, on_this_clock
from mirrorfs.net.numbers import whole
from mirrorfs.net.outages import unreachable
from mirrorfs.net.scrub import scrub

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0

TOO_MANY = frozenset({420, 429})
"""Statuses of a call that was one too many: RFC 6585, and what services said before it."""

_MOST_REDIRECTS = 5


def unsigned(_url: str) -> AuthBase | None:
    """Sign nothing."""
    return None


@dataclass(frozen=True, slots=True)
class Manners:
    """How one service is spoken to.

    ``service`` is what it is called in messages; ``reason_header`` is the response header in which
    it says why it refuses; ``connect`` and ``read`` are timeouts in seconds; ``secrets`` never
    appear in messages. ``sign`` returns what signs a request to a URL, ``None`` where the
    credentials must not be shown.
    """

    service: str = "The service"
    reason_header: str = ""
    connect: float = CONNECT_SECONDS
    read: float = READ_SECONDS
    secrets: tuple[str, ...] = ()
    sign: Callable[[str], AuthBase | None] = unsigned


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; ``read`` is its timeout in seconds, ``None`` that of the manners."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | BinaryIO | None = None
    read: float | None = None


class Sessions:
    """Requests of any number of threads; each thread has its own session."""

    def __init__(self, clock: Clock, manners: Manners | None = None) -> None:
        self.clock = clock
        self._manners = manners or Manners()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Return an answer with status 200 or 206 whose body is not read yet.

        Raises:
            Unavailable: no connection, a timeout, or a status that may pass (408, 425, 5xx).
            RateLimited: 420 or 429; without Retry-After until a minute from now.
            Denied: 401 or 403. NotFound: 404 or 410. Corrupt: 416, shorter than promised.
            BadAnswer: any other status, a sixth redirect too.
        """
        answer = self.send(Request("GET", url, headers))
        for _ in range(_MOST_REDIRECTS):
            if not answer.is_redirect:
                break
            answer.close()
            url = urljoin(answer.url, answer.headers["Location"])
            answer = self.send(Request("GET", url, headers))
        if answer.status_code in {200, 206}:
            return answer
        with answer:
            raise self._failure(answer)

    def send(self, request: Request) -> requests.Response:
        """Return the answer, of whatever status, its body not read yet; follows no redirect.

        Raises:
            Unavailable: no connection, or a timeout. BadAnswer: ``request`` has no address that
                can be asked, or the answer sends to one.
        """
        try:
            return self._session().request(
                request.method,
                request.url,
                headers=dict(request.headers),
                data=request.body,
                auth=self._manners.sign(request.url),
                timeout=(self._manners.connect, request.read or self._manners.read),
                stream=True,
                allow_redirects=False,
            )
        except ValueError as error:
            said = f"{self.clean(request.url)} cannot be asked: {self.clean(error)}."
            raise BadAnswer(said) from None
        except requests.RequestException as error:
            raise unreachable(self._manners.service, error, request.url) from None

    def clean(self, text: object) -> str:
        """Return ``text`` fit for a message."""
        return scrub(str(text), self._manners.secrets)

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            sessions = list(self._open)
        for session in sessions:
            session.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers["Accept-Encoding"] = "identity"
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._local.session = session
            with self._lock:
                self._open.add(session)
        return session

    def _failure(self, answer: requests.Response) -> MirrorError:
        status = answer.status_code
        reason = answer.headers.get(self._manners.reason_header, "") or answer.reason or ""
        said = self.clean(f"{answer.url} answered {status} {reason}".strip()) + "."
        if status in TOO_MANY:
            return RateLimited(said, retry_after(answer.headers, self.clock.now()))
        if status in {408, 425} or status >= 500:
            return Unavailable(said)
        kinds = {401: Denied, 403: Denied, 404: NotFound, 410: NotFound, 416: Corrupt}
        return kinds.get(status, BadAnswer)(said)


def authorities() -> str:
    """Return the file of the certificate authorities that requests trusts too.

    ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE`` name another one, as behind a company's proxy.
    """
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return named or DEFAULT_CA_BUNDLE_PATH


def retry_after(headers: Mapping[str, str], now: float, default: float = 60.0) -> float:
    """Return when to try again (epoch seconds) from Retry-After (RFC 9110, section 10.2.3).

    That is :data:`~mirrorfs.net.moments.LONGEST_WAIT` from ``now`` at the latest.
    """
    told = headers.get("Retry-After", "").strip()
    seconds = whole(told)
    if seconds is not None:
        return now + min(seconds, LONGEST_WAIT)
    try:
        return on_this_clock(parsedate_to_datetime(told).timestamp(), headers, now)
    except ValueError:
        return now + default
