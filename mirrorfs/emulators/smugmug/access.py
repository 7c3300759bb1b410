"""Who has been let in: applications, request tokens and access tokens."""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug.errors import oauth_problem
from mirrorfs.emulators.smugmug.keys import (
    Access,
    Consumer,
    Permissions,
    RequestToken,
    Token,
)

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.moments import Clock

_REQUEST_LIFE = 300.0


class Grants:
    """Applications and tokens; a request token lives five minutes and is used once.

    SmugMug API, tutorial/authorization. Access tokens end when they are revoked; ``tokens`` are
    those granted already.
    """

    def __init__(self, clock: Clock, tokens: dict[str, Token] | None = None) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._consumers: dict[str, Consumer] = {}
        self._requests: dict[str, RequestToken] = {}
        self._tokens = {} if tokens is None else tokens

    def register(self, consumer: Consumer) -> Consumer:
        """Add an application."""
        with self._lock:
            self._consumers[consumer.key] = consumer
        return consumer

    def consumer(self, key: str) -> Consumer:
        """Look an application up; 401 when there is none."""
        with self._lock:
            found = self._consumers.get(key)
        if found is None:
            raise oauth_problem("consumer_key_unknown")
        return found

    def ask(self, consumer: str, callback: str) -> RequestToken:
        """Begin a grant: give a request token."""
        request = RequestToken(
            secrets.token_urlsafe(24), secrets.token_urlsafe(48), consumer, callback, self._clock()
        )
        with self._lock:
            self._requests[request.token] = request
        return request

    def request(self, token: str) -> RequestToken:
        """Look a request token up; 401 when it is none, used, or older than five minutes."""
        with self._lock:
            found = self._requests.get(token)
        if found is None:
            raise oauth_problem("token_rejected")
        if self._clock() - found.created > _REQUEST_LIFE:
            raise oauth_problem("token_expired")
        return found

    def consent(
        self, token: str, nick: str, access: Access, permissions: Permissions
    ) -> RequestToken:
        """Have the user grant a request: it has its verifier, six digits, from now on.

        An application that has a token already keeps its level: asking anew does not change it
        (SmugMug API, tutorial/oauth/faq).
        """
        request = self.request(token)
        access, permissions = self._level(request.consumer, nick) or (access, permissions)
        verifier = f"{secrets.randbelow(1_000_000):06}"
        granted = replace(
            request, nick=nick, verifier=verifier, access=access, permissions=permissions
        )
        with self._lock:
            self._requests[token] = granted
        return granted

    def _level(self, consumer: str, nick: str) -> tuple[Access, Permissions] | None:
        with self._lock:
            held = [one for one in self._tokens.values() if one.consumer == consumer]
        levels = [(one.access, one.permissions) for one in held if one.nick == nick]
        return levels[-1] if levels else None

    def exchange(self, token: str, verifier: str) -> Token:
        """Give an access token for a granted request, which is used up even by a wrong verifier."""
        request = self.request(token)
        with self._lock:
            del self._requests[token]
        if not request.nick:
            raise oauth_problem("permission_unknown")
        if not secrets.compare_digest(request.verifier, verifier):
            raise oauth_problem("verifier_invalid")
        return self.grant(request.consumer, request.nick, request.access, request.permissions)

    def grant(
        self, consumer: str, nick: str, access: Access = "Full", permissions: Permissions = "Modify"
    ) -> Token:
        """Let an application in without asking."""
        token = Token(
            secrets.token_urlsafe(24), secrets.token_urlsafe(48), consumer, nick, access,
            permissions,
        )  # fmt: skip
        return self.keep(token)

    def keep(self, token: Token) -> Token:
        """Add an access token, or give one it has another level."""
        with self._lock:
            self._tokens[token.token] = token
        return token

    def token(self, token: str) -> Token:
        """Look an access token up; 401 when there is none, or it was revoked."""
        with self._lock:
            found = self._tokens.get(token)
        if found is None:
            raise oauth_problem("token_rejected")
        return found

    def revoke(self, token: str) -> None:
        """Take a grant back, as a user does in the account settings."""
        with self._lock:
            self._tokens.pop(token, None)
