"""OAuth 1.0a signatures, RFC 5849.

HMAC-SHA1, or PLAINTEXT over https only (SmugMug API, tutorial/authorization). The parameters of a
form body are signed, a JSON body is not.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from mirrorfs.emulators.smugmug.errors import oauth_problem

Pairs = Sequence[tuple[str, str]]

_HEADER_PARAMETER = re.compile(r'\s*([\w%.~-]+)="([^"]*)"\s*(?:,|$)')
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Signed:
    """A request as it was signed: method, URL without query, all parameters but the signature."""

    method: str
    url: str
    pairs: Pairs


def read_header(header: str) -> list[tuple[str, str]]:
    """Give the parameters of an ``Authorization: OAuth …`` header; none for another scheme."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        return []
    found = [(unquote(name), unquote(value)) for name, value in _HEADER_PARAMETER.findall(rest)]
    return [pair for pair in found if pair[0] != "realm"]


def base_string(request: Signed) -> str:
    """Give the text that is signed (RFC 5849, 3.4.1)."""
    encoded = sorted((_encode(name), _encode(value)) for name, value in request.pairs)
    parameters = "&".join(f"{name}={value}" for name, value in encoded)
    parts = (request.method.upper(), _normal(request.url), parameters)
    return "&".join(_encode(part) for part in parts)


def check_signature(request: Signed, sent: str, method: str, secrets: tuple[str, str]) -> None:
    """Refuse with 401 a signature that these two secrets, consumer's and token's, do not make."""
    key = "&".join(_encode(secret) for secret in secrets)
    if method == "PLAINTEXT" and request.url.startswith("https://"):
        wanted = key
    elif method == "HMAC-SHA1":
        digest = hmac.new(key.encode(), base_string(request).encode(), hashlib.sha1).digest()
        wanted = base64.b64encode(digest).decode()
    else:
        raise oauth_problem("signature_method_rejected")
    if not hmac.compare_digest(sent.encode(), wanted.encode()):
        raise oauth_problem("signature_invalid")


def _encode(text: str) -> str:
    return quote(text, safe="-._~")


def _normal(url: str) -> str:
    """Give a URL with scheme and host in lower case and no default port (RFC 5849, 3.4.1.2)."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    where = host if port in {None, _PORTS[parts.scheme]} else f"{host}:{port}"
    return f"{parts.scheme}://{where}{parts.path or '/'}"
