"""A loopback emulator of SmugMug's API v2, uploader, OAuth 1.0a and media server.

It answers as the documentation of the service says (https://api.smugmug.com/api/v2/doc), and is
judged by recorded replies of the real service and by gallery-dl and smugcli, which run unchanged.
Never bent for one client: what the documentation leaves open is decided here and said where it is
decided, or is one of the ``settings``. ``hosts`` describes how clients reach it, ``catalog`` names
every endpoint, ``state`` holds the accounts, ``accounts`` and ``quirks`` fill them, ``failures``
describes how failures are scripted.
"""

from mirrorfs.emulators.smugmug.accounts import Shape, fill_account
from mirrorfs.emulators.smugmug.app import Service, create_app, open_service
from mirrorfs.emulators.smugmug.quirks import add_quirks
from mirrorfs.emulators.smugmug.server import Server, serve
from mirrorfs.emulators.smugmug.settings import Settings

__all__ = [
    "Server",
    "Service",
    "Settings",
    "Shape",
    "add_quirks",
    "create_app",
    "fill_account",
    "open_service",
    "serve",
]
