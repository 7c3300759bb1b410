"""The embedded accounts of the demonstration, one of each service, on this machine."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath
from mirrorfs.demo import album
from mirrorfs.emulators import cloudinary, smugmug
from mirrorfs.remotes import open_remote
from mirrorfs.settings import Remote


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is still empty: its service, how it is opened, and what it is to hold.

    ``name`` is the folder that it is mounted as.
    """

    name: str
    service: str
    environment: Mapping[str, str]
    items: Callable[[], Iterator[album.Item]]


@contextmanager
def embedded(folder_mode: cloudinary.FolderMode) -> Iterator[tuple[Account, ...]]:
    """Serve one account of each service while inside."""
    images = cloudinary.Settings(
        cloud_name="demo",
        api_key=secrets.token_hex(8),
        api_secret=secrets.token_urlsafe(20),
        folder_mode=folder_mode,
    )
    galleries = smugmug.Settings(
        key=secrets.token_hex(8),
        secret=secrets.token_urlsafe(20),
        token=secrets.token_urlsafe(20),
        token_secret=secrets.token_urlsafe(20),
    )
    with cloudinary.Server(images) as first, smugmug.Server(galleries) as second:
        known = dict(pair.split("=", 1) for pair in second.environment.split())
        yield (
            Account(
                "Cloudinary",
                "cloudinary",
                {"CLOUDINARY_URL": first.cloudinary_url},
                album.items,
            ),
            Account("SmugMug", "smugmug", known, album.galleries),
        )


def fill(account: Account) -> tuple[dict[RemotePath, str], int]:
    """Upload through the service's API what ``account`` is to hold.

    Returns path → MD5 in hexadecimal, the path beginning with the account's folder, and how
    many calls it took.
    """
    expected: dict[RemotePath, str] = {}
    top = RemotePath(account.name)
    remote = Remote(account.service, account.service, "the demonstration", {}, account.environment)
    target = open_remote(remote)
    try:
        for item in account.items():
            body, size = io.BytesIO(item.body), len(item.body)
            entry = target.write(item.path, body, size=size, modified=item.modified)
            digest = hashlib.md5(item.body, usedforsecurity=False).hexdigest()
            expected[paths.join(top, entry.path)] = digest
        target.mkdir(album.EMPTY_FOLDER)
        return expected, target.usage().calls
    finally:
        target.close()
