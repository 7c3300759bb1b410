"""An emulated account, filled as long ago as a test likes, and providers on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mirrorfs.core.clock import Clock, SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT
from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.smugmug import Server, Settings
from mirrorfs.emulators.smugmug.films import make_film
from mirrorfs.emulators.smugmug.values import Image, Node
from mirrorfs.net.patience import Patience
from mirrorfs.providers import smugmug
from mirrorfs.providers.smugmug.provider import SmugmugProvider

LONG_AGO = 1_600_000_000.0
PATIENCE = Patience(tries=3, pause=0.001)


class Account:
    """The account of a server: what is put into it was there long ago, until :meth:`go_on`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.state = server.state
        self.now = LONG_AGO
        self.state.clock = lambda: self.now

    @property
    def root(self) -> str:
        return self.state.user(self.server.settings.nick).root

    @property
    def calls(self) -> list[str]:
        """The API's paths that were asked for."""
        entries = self.server.service.journal.entries()
        return [one["path"] for one in entries if one["path"].startswith("/api/")]

    def folder(self, name: str, parent: Node | None = None, **fields: Any) -> Node:
        return self._node("Folder", name, parent, fields)

    def album(self, name: str, parent: Node | None = None, **fields: Any) -> Node:
        return self._node("Album", name, parent, fields)

    def photo(
        self, album: Node, name: str, body: bytes | Blob = b"\xff\xd8\xff bytes", **fields: Any
    ) -> Image:
        assert album.album_key
        return self.state.add_image(album.album_key, name, body, **fields)

    def film(self, album: Node, name: str) -> Image:
        film = make_film(self.state, name, 30_000, {"duration": 12})
        size = {"width": film.width, "height": film.height}
        return self.photo(album, name, film.blob, format="MP4", is_video=True, film=film, **size)

    def later(self, seconds: float = 60.0) -> None:
        """Let time pass on the service, so that what changes now shows."""
        self.now += seconds

    def fail(self, path: str, action: dict[str, Any], method: str = "", **rule: Any) -> None:
        match = {"method": method, "path_regex": path}
        self.server.service.faults.add({"match": match, "action": action, **rule})

    @property
    def credentials(self) -> smugmug.Credentials:
        settings = self.server.settings
        keys = (settings.key, settings.secret, settings.token, settings.token_secret)
        return smugmug.Credentials(*keys, url=self.server.url)

    def open(
        self,
        clock: Clock | None = None,
        patience: Patience = PATIENCE,
        root: str = "",
        **who: str,
    ) -> SmugmugProvider:
        settings = self.server.settings
        options = {
            "api_key": settings.key,
            "api_secret": settings.secret,
            "token": settings.token,
            "token_secret": settings.token_secret,
            "url": self.server.url,
            **who,
        }
        credentials = smugmug.from_options(options)
        return smugmug.open(credentials, clock or SystemClock(), patience, root)

    def _node(self, type_: Any, name: str, parent: Node | None, fields: dict[str, Any]) -> Node:
        above = parent.node_id if parent else self.root
        given = {"privacy": "Public", "auto_rename": True, **fields}
        return self.state.create_node(above, type_, name, **given)


@contextmanager
def serving(**settings: Any) -> Iterator[Account]:
    with Server(Settings(**settings)) as server:
        yield Account(server)


def tree(provider: SmugmugProvider) -> dict[str, Entry]:
    return {str(path): entry for path, entry in provider.scan(ROOT).entries.items()}


def content(provider: SmugmugProvider, entry: Entry) -> bytes:
    return b"".join(provider.read(entry))


def today() -> float:
    return time.time()
