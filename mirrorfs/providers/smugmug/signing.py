"""OAuth 1.0a signatures: the only module that uses requests-oauthlib.

HMAC-SHA1 in the Authorization header (SmugMug API, tutorial/authorization). Bodies are JSON or
files, which are no part of what is signed. Only the service's own hosts are shown a signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from mirrorfs.providers.smugmug.credentials import Credentials

_HOST = "smugmug.com"
_ORIGIN = re.compile(
    r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d+))?(?=[/?#]|$)", re.IGNORECASE
)  # no user before an "@", no backslash


def signer(credentials: Credentials) -> Callable[[str], AuthBase | None]:
    """Return what gives the signature for a URL, or ``None`` where there MUST be none."""
    if not credentials.is_signed:
        return lambda _url: None
    oauth: AuthBase = OAuth1(
        credentials.api_key,
        credentials.api_secret,
        credentials.token,
        credentials.token_secret,
    )
    return lambda url: oauth if is_own(url, credentials.url) else None


def is_own(url: str, base: str) -> bool:
    """Say whether ``url`` is SmugMug's, over TLS, or where the credentials say the service is."""
    there, here = _origin(url), _origin(base)
    if there is None or there == here:
        return there is not None
    scheme, host, port = there
    is_smugmug = host == _HOST or host.endswith(f".{_HOST}")
    return is_smugmug and scheme == "https" and port in {"", "443"}


def _origin(url: str) -> tuple[str, str, str] | None:
    """Return scheme, host and port; ``None`` where another reader might see another host."""
    found = _ORIGIN.match(url)
    return (found[1].lower(), found[2].lower(), found[3] or "") if found else None
