"""Signing in with OAuth 1.0a: a request token, the user's consent, an access token.

RFC 5849, section 2; problems are told as in the OAuth Problem Reporting extension
(``oauth_problem=verifier_invalid``, also percent-encoded inside another form).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlencode

import requests
from requests_oauthlib import OAuth1

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import (
    BadAnswer,
    Denied,
    Expired,
    MirrorError,
    RateLimited,
    Unavailable,
    WrongCode,
)
from mirrorfs.net.outages import unreachable
from mirrorfs.net.session import CONNECT_SECONDS, READ_SECONDS, TOO_MANY, retry_after

_PROBLEM = re.compile(r"oauth_problem=(\w+)")
_ENDED = frozenset({"token_expired", "token_used", "token_rejected", "token_revoked"})
_WRONG_CODE = frozenset({"verifier_invalid", "permission_unknown", "parameter_rejected"})
_CLOCK = "Set this machine's clock: a signature is good for some minutes."


@dataclass(frozen=True, slots=True)
class Application:
    """Who asks for access, and where (``base`` has no slash at its end).

    The service's three addresses are ``paths`` below it: for a request token, for the user,
    and for an access token. ``lifetime`` of a request token is in seconds.
    """

    service: str
    base: str
    paths: tuple[str, str, str]
    key: str
    secret: str = field(repr=False)
    lifetime: float


class Walk:
    """One attempt to be let in. The user opens :attr:`url` and brings back the code it shows."""

    def __init__(self, application: Application, wish: Mapping[str, str], clock: Clock) -> None:
        """Ask for a request token; ``wish`` are the parameters of what access is asked for.

        Raises:
            Denied: the key or its secret is wrong. Unavailable, RateLimited: not now.
            BadAnswer: the answer holds no token.
        """
        self._application = application
        self._clock = clock
        self._begun = clock.now()
        oauth = OAuth1(application.key, application.secret, callback_uri="oob")
        self._token, self._secret = self._ask(application.paths[0], oauth)
        query = urlencode({"oauth_token": self._token, **wish})
        self.url = f"{application.base}/{application.paths[1]}?{query}"

    def finish(self, code: str) -> tuple[str, str]:
        """Return the access token and its secret.

        Raises:
            WrongCode: the service does not take ``code``. Expired: it was too late, or the service
                does not take another; begin anew. Others as in the beginning.
        """
        if self._clock.now() - self._begun > self._application.lifetime:
            raise Expired(f"{self._application.service}: that took too long.")
        application = self._application
        oauth = OAuth1(
            application.key, application.secret, self._token, self._secret, verifier=code
        )
        return self._ask(application.paths[2], oauth)

    def _ask(self, path: str, oauth: OAuth1) -> tuple[str, str]:
        application = self._application
        url = f"{application.base}/{path}"
        try:
            answer = requests.get(
                url,
                auth=oauth,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError) as error:
            raise unreachable(application.service, error, url) from None
        if answer.status_code != 200:
            raise self._failure(answer)
        told = parse_qs(answer.text)
        try:
            return told["oauth_token"][0], told["oauth_token_secret"][0]
        except KeyError:
            raise BadAnswer(f"{application.service} answered without a token.") from None

    def _failure(self, answer: requests.Response) -> MirrorError:
        service, status = self._application.service, answer.status_code
        if status in TOO_MANY:
            until = retry_after(answer.headers, self._clock.now())
            return RateLimited(f"{service} lets nobody sign in for a while.", until)
        if status in {408, 425} or status >= 500:
            return Unavailable(f"{service} answered {status} to signing in.")
        found = _PROBLEM.search(unquote(unquote(answer.text)))
        problem = found[1] if found else f"status {status}"
        if problem in _ENDED:
            return Expired(f"{service} takes no more codes for that address ({problem}).")
        if problem in _WRONG_CODE:
            return WrongCode(f"{service} does not take that code ({problem}).")
        if "timestamp" in problem:
            return Denied(f"{service} refused to sign in ({problem}).", _CLOCK)
        return Denied(
            f"{service} refused to sign in ({problem}).", "Check the API key and its secret."
        )
