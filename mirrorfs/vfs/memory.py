"""The listings used last, decoded, within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from mirrorfs.cache.listings import Listing
from mirrorfs.core.paths import RemotePath


class ListingMemory:
    """Folder → listing, up to ``limit`` entries altogether. Thread-safe.

    :meth:`put` wants the :attr:`generation` from before the listing was read: one that was
    read before a change and comes after it would be out of date for ever.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._listings: OrderedDict[RemotePath, Listing] = OrderedDict()
        self._entries = 0
        self._lock = threading.Lock()
        self.generation = 0

    def get(self, folder: RemotePath) -> Listing | None:
        """Return what is remembered of ``folder``."""
        with self._lock:
            listing = self._listings.get(folder)
            if listing is not None:
                self._listings.move_to_end(folder)
            return listing

    def put(self, folder: RemotePath, listing: Listing, generation: int) -> None:
        """Remember ``listing``, read when this was at ``generation``."""
        with self._lock:
            if generation != self.generation:
                return
            self._remove(folder)
            self._listings[folder] = listing
            self._entries += len(listing.entries) + 1
            while self._entries > self._limit and len(self._listings) > 1:
                self._remove(next(iter(self._listings)))

    def drop(self, folders: Iterable[RemotePath]) -> None:
        """Forget ``folders``, and what is being read of them right now."""
        with self._lock:
            self.generation += 1
            for folder in folders:
                self._remove(folder)

    def clear(self) -> None:
        """Forget everything."""
        self.drop(self.folders())

    def folders(self) -> list[RemotePath]:
        """Return the folders that are remembered, the one used last at the end."""
        with self._lock:
            return list(self._listings)

    def _remove(self, folder: RemotePath) -> None:
        listing = self._listings.pop(folder, None)
        if listing is not None:
            self._entries -= len(listing.entries) + 1
