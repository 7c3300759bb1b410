"""Which revision of a file the kernel's page cache holds.

The kernel keeps one set of pages per path. They may stay from one open to the next as long
as the revision is the same; while a file is open at one revision, whoever opens another must
go past them, or the two would be mixed. One way remains: who maps the newer revision privately
(``MAP_PRIVATE``) while the older is open fills that one set of pages, also for the older.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from mirrorfs.core.paths import RemotePath

_REMEMBERED = 65_536


class Paging(Enum):
    """What an open does with the pages of its path: use them, begin anew, or leave them alone."""

    KEEP = "keep"
    RENEW = "renew"
    BYPASS = "bypass"


@dataclass(slots=True)
class _Pages:
    revision: int | None
    users: int = 0


class PageCache:
    """What the kernel was told to do, by path. Thread-safe."""

    def __init__(self) -> None:
        self._pages: OrderedDict[RemotePath, _Pages] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, path: RemotePath, revision: str, *, is_proven: bool = True) -> Paging:
        """Return how ``path`` is to be opened at ``revision``.

        Pages that came from a file that is not proven yet do not stay.
        """
        mark = hash(revision)
        with self._lock:
            pages = self._pages.get(path)
            if pages is None or (pages.revision != mark and not pages.users):
                self._pages[path] = _Pages(mark, 1)
                self._shorten()
                return Paging.RENEW
            if pages.revision != mark:
                return Paging.BYPASS
            pages.users += 1
            self._pages.move_to_end(path)
            return Paging.KEEP if is_proven else Paging.RENEW

    def close(self, path: RemotePath, paging: Paging) -> None:
        """Take back an :meth:`open` that was answered with ``paging``."""
        if paging is not Paging.BYPASS:
            with self._lock:
                self._pages[path].users -= 1

    def distrust(self, revision: str) -> list[RemotePath]:
        """Have the pages of ``revision`` not used again: what is in them turned out to be wrong.

        Returns the paths that had it.
        """
        mark = hash(revision)
        with self._lock:
            paths = [path for path, pages in self._pages.items() if pages.revision == mark]
            for path in paths:
                self._pages[path].revision = None
        return paths

    def _shorten(self) -> None:
        surplus = max(len(self._pages) - _REMEMBERED, 0)
        for path in list(islice(self._pages, surplus * 2)):
            if not self._pages[path].users:
                del self._pages[path]
