"""A loopback emulator of Cloudinary's Admin, Search, Upload and delivery APIs.

It answers as the documentation of the service says (https://cloudinary.com/documentation), and is
judged by the official SDK's own test suite. Never bent for one client: what the documentation
leaves open is decided here and said where it is decided. ``failures`` describes how failures are
scripted beyond what every emulator has, ``seeding`` how an account is filled fast.
"""

from mirrorfs.emulators.cloudinary.app import create_app
from mirrorfs.emulators.cloudinary.server import Server, serve
from mirrorfs.emulators.cloudinary.settings import FolderMode, Settings

__all__ = ["FolderMode", "Server", "Settings", "create_app", "serve"]
