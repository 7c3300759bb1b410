"""Files that the service holds but does not give: each is told of once in the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

from mirrorfs.core.paths import RemotePath

_log = logging.getLogger(__name__)


class Withholding:
    """Remembers what was told of; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: set[tuple[RemotePath, str]] = set()

    def tell(self, withheld: Mapping[RemotePath, str]) -> None:
        """Warn of what was not told of before."""
        with self._lock:
            new = set(withheld.items()) - self._told
            self._told |= new
        for path, reason in sorted(new):
            _log.warning("%s is left out: %s", path, reason)
