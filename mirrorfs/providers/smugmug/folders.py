"""The way from a path to what the service has there, level by level.

The names in a directory depend on its siblings only, so a path is followed from the root, asking
for the children of each folder on the way. They are remembered for some seconds, in which whoever
lists one directory also lists others, and forgotten by whoever changes them.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.smugmug import layout
from mirrorfs.providers.smugmug.account import Account
from mirrorfs.providers.smugmug.layout import Inside, Place
from mirrorfs.providers.smugmug.listing import Lister
from mirrorfs.providers.smugmug.records import Node

REMEMBERED = 15.0
"""Seconds."""


class Folders:
    """The directories of an account below ``base``; safe to use from several threads.

    Paths are those of the provider: the directory at ``base`` of the account is the root.
    """

    def __init__(
        self, lister: Lister, account: Account, clock: Clock, base: RemotePath = ROOT
    ) -> None:
        self._lister = lister
        self._account = account
        self._clock = clock
        self.base = base
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, tuple[Node, ...]]] = {}
        self._top: Node | None = None

    def whole(self) -> Folders:
        """Return the directories of the whole account, asked for anew."""
        return Folders(self._lister, self._account, self._clock)

    def root(self) -> Place:
        """Return the directory that is the root here.

        Raises:
            NotFound: there is no such directory in the account.
        """
        if self._top is None:
            self._top = self._lister.node(self._account.owner().root_uri)
        place = self._follow(layout.root_of(self._top), self.base)
        return replace(place, path=ROOT)

    def place(self, path: RemotePath) -> Place:
        """Return the directory at ``path``.

        Raises:
            NotFound: there is none.
        """
        return self._follow(self.root(), path)

    def inside(self, path: RemotePath) -> Inside:
        """Return what is in the directory at ``path``.

        Raises:
            NotFound: there is none.
        """
        return self.unfold(self.place(path))

    def unfold(self, place: Place) -> Inside:
        """Return what is in a directory."""
        return layout.unfold(place, self.children(place.folder) if place.folder else ())

    def children(self, folder: Node) -> tuple[Node, ...]:
        """Return what is in a folder, as it was some seconds ago at most."""
        now = self._clock.now()
        with self._lock:
            asked, nodes = self._known.get(folder.uri, (0.0, ()))
        if 0 <= now - asked < REMEMBERED:
            return nodes
        nodes = self._lister.children(folder).nodes
        with self._lock:
            self._known[folder.uri] = (now, nodes)
        return nodes

    def forget(self) -> None:
        """Ask for everything anew: something was changed, or the newest is wanted."""
        with self._lock:
            self._known.clear()

    def _follow(self, place: Place, path: RemotePath) -> Place:
        for name in filter(None, path.split("/")):
            found = self.unfold(place).places.get(name)
            if found is None:
                raise NotFound(f"There is no folder {path!r}.")
            place = found
        return place
