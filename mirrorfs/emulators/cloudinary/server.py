"""The emulated account as a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.app import create_app
from mirrorfs.emulators.loopback import Address, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from mirrorfs.emulators.cloudinary.settings import Settings


class Server(Loopback):
    """An emulator on loopback; what its settings' ``data`` holds stays.

    ``cloudinary_url`` is what the official SDKs read from the environment variable CLOUDINARY_URL.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        address = Address(settings.host, settings.port, settings.certfile, settings.keyfile)
        super().__init__(create_app(settings), address)

    @property
    def cloudinary_url(self) -> str:
        """``cloudinary://key:secret@cloud?upload_prefix=…`` for this server."""
        settings = self.settings
        who = f"{settings.api_key}:{settings.api_secret}@{settings.cloud_name}"
        return f"cloudinary://{who}?upload_prefix={self.url}"


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve in the foreground; ``announce`` is given the CLOUDINARY_URL before the first request.

    The URL holds the secret, which is written nowhere else.
    """
    server = Server(settings)
    announce(server.cloudinary_url)
    server.run()
