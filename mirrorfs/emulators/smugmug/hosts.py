"""One loopback server under all of the service's host names.

The paths of the hosts are kept apart by a prefix: ``/upload`` is ``upload.smugmug.com``,
``/photos`` is ``photos.smugmug.com``, everything else (``/api/v2``, ``/services/oauth/1.0a``) is
any of the other hosts. A request that names one of those hosts in its Host header, as one led here
by a proxy or by a rewritten connection does, has the prefix put before its path.

OAuth signs the URL that the client believes it calls. For a request to a host of the service (or to
an owner's own domain) that is ``https://`` and the Host header, else the loopback URL itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

SITE = "mirrorfs.site"
"""Name of the ASGI extension that holds a request's ``Site``."""

PREFIXES: Mapping[str, str] = {"upload.smugmug.com": "/upload", "photos.smugmug.com": "/photos"}

HOSTS = ("api.smugmug.com", "secure.smugmug.com", "www.smugmug.com", *PREFIXES)
"""The service's own host names; owners' sites are ``NICK.smugmug.com`` or domains of their own."""


@dataclass(frozen=True)
class Site:
    """Where a request came to: its host, the URL without query that it signed, the media server."""

    host: str
    signed_url: str
    photos: str


class Hosts:
    """Wraps the application: tells each request its site and puts the host's prefix in its path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under the path that this server knows it by."""
        if scope["type"] == "http":
            netloc = Headers(scope=scope).get("host", "localhost")
            host = netloc.rpartition(":")[0] or netloc
            path = scope["raw_path"].decode("ascii", "replace")
            scheme = scope["scheme"] if is_loopback(host) else "https"
            base = f"{scheme}://{netloc}"
            photos = f"{base}/photos" if is_loopback(host) else "https://photos.smugmug.com"
            site = Site(host.lower(), base + path, photos)
            scope.setdefault("extensions", {})[SITE] = site
            prefix = PREFIXES.get(site.host, "")
            scope["path"] = prefix + scope["path"]
            scope["raw_path"] = prefix.encode() + scope["raw_path"]
        await self._app(scope, receive, send)


def site_of(request: Request) -> Site:
    """Give the site of a request."""
    site: Site = request.scope["extensions"][SITE]
    return site


def is_loopback(host: str) -> bool:
    """Tell whether a host name is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
