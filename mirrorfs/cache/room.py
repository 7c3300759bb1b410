"""The arithmetic of the limits: what fits, and what has to go first."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from mirrorfs.cache.limits import Limits


class Room:
    """Room promised to blocks on their way to the disk. Thread-safe; sizes in bytes."""

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.limits = limits
        self._folder = folder
        self._promised = 0
        self._lock = threading.Lock()

    def promise(self, size: int, kept: int) -> int:
        """Promise ``size`` on top of the ``kept``, and return 0; else what has to go first.

        Raises:
            OSError: the disk's free room cannot be told.
        """
        disk = os.statvfs(self._folder)
        free = disk.f_bavail * disk.f_frsize
        with self._lock:
            wanted = self._promised + size
            missing = max(
                kept + wanted - self.limits.max_bytes,
                self.limits.min_free_bytes + wanted - free,
            )
            if missing <= 0:
                self._promised = wanted
        return max(missing, 0)

    def settle(self, size: int) -> None:
        """Take back a promise: the block is kept by now, or never will be."""
        with self._lock:
            self._promised -= size
