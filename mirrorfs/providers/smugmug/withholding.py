"""Files that the service holds but does not give: each is told of once in the log.

Those that it still processes are waited for: that one is ready shows in no date of its album.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug.translate import PROCESSING

_log = logging.getLogger(__name__)


class Withholding:
    """Remembers what was told of; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[tuple[RemotePath, str]] = set()
        self._awaited: dict[RemotePath, bool] = {}

    def note(self, folders: Iterable[RemotePath], withheld: Mapping[RemotePath, str]) -> None:
        """Take note of all that is withheld in directories that were listed, and warn of it."""
        awaited = {paths.parent(path) for path, why in withheld.items() if why == PROCESSING}
        with self._lock:
            for folder in folders:
                if folder in awaited or folder in self._awaited:
                    self._awaited[folder] = folder in awaited
        self._tell(withheld)

    def awaited(self, known: frozenset[RemotePath]) -> frozenset[RemotePath]:
        """Return the directories that wait for a file: ``known`` ones and those found since."""
        with self._lock:
            for path in known:
                self._awaited.setdefault(path, True)
            return frozenset(path for path, waits in self._awaited.items() if waits)

    def _tell(self, withheld: Mapping[RemotePath, str]) -> None:
        with self._lock:
            new = set(withheld.items()) - self._told
            self._told |= new
        for path, reason in sorted(new):
            _log.warning("%s is left out: %s", path, reason)
