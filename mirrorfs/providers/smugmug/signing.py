"""OAuth 1.0a signatures: the only module that uses requests-oauthlib.

HMAC-SHA1 in the Authorization header (SmugMug API, tutorial/authorization). Bodies are JSON or
files, which are no part of what is signed. Only the service's own hosts are shown a signature.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from mirrorfs.providers.smugmug.credentials import Credentials

_HOST = "smugmug.com"


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
    there, here = urlsplit(url), urlsplit(base)
    if (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return True
    host = there.hostname or ""
    is_smugmug = host == _HOST or host.endswith(f".{_HOST}")
    return is_smugmug and there.scheme == "https" and there.port in {None, 443}
