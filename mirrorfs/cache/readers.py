"""Which files are being read, so that none loses its blocks meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Readers:
    """How many readers each group of blocks has. Thread-safe."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def reading(self, group: str) -> Iterator[None]:
        """Count one more reader of ``group`` while inside."""
        with self._lock:
            self._counts[group] += 1
        try:
            yield
        finally:
            with self._lock:
                self._counts[group] -= 1
                if not self._counts[group]:
                    del self._counts[group]

    @contextmanager
    def unread(self, group: str) -> Iterator[bool]:
        """Say whether ``group`` has no reader; no new one gets in while inside."""
        with self._lock:
            yield group not in self._counts
