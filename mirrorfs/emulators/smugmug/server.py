"""The emulated service as a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.loopback import Address, Loopback
from mirrorfs.emulators.smugmug.app import create_app, open_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from mirrorfs.emulators.smugmug.settings import Settings


class Server(Loopback):
    """An emulator on loopback with one account; ``service`` is what it holds and may be changed.

    ``api``, ``oauth``, ``upload`` and ``photos`` stand for the service's own base URLs
    (``https://api.smugmug.com/api/v2``, ``https://secure.smugmug.com/services/oauth/1.0a``,
    ``https://upload.smugmug.com/`` and ``https://photos.smugmug.com``). A client that keeps those
    and is led here by its connection alone is answered too: the Host header tells (see ``hosts``).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.service = open_service(settings)
        super().__init__(create_app(self.service), Address(settings.host, settings.port))
        self.state = self.service.state
        self.access = self.service.access

    @property
    def api(self) -> str:
        """The API's base URL, without a slash at its end."""
        return f"{self.url}/api/v2"

    @property
    def oauth(self) -> str:
        """The base URL of the OAuth endpoints, without a slash at its end."""
        return f"{self.url}/services/oauth/1.0a"

    @property
    def upload(self) -> str:
        """The uploader's URL."""
        return f"{self.url}/upload/"

    @property
    def photos(self) -> str:
        """The media server's base URL, without a slash at its end."""
        return f"{self.url}/photos"

    @property
    def environment(self) -> str:
        """The settings of a client as shell variables in one line; it holds the secrets."""
        settings = self.settings
        known = {
            "API_KEY": settings.key,
            "API_SECRET": settings.secret,
            "TOKEN": settings.token,
            "TOKEN_SECRET": settings.token_secret,
            "URL": self.url,
        }
        return " ".join(f"SMUGMUG_{name}={value}" for name, value in known.items())


def serve(settings: Settings, announce: Callable[[Server], None]) -> None:
    """Serve in the foreground; ``announce`` is given the server before the first request."""
    server = Server(settings)
    announce(server)
    server.run()
