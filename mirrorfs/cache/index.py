"""The index of the blocks, and the only door to diskcache.

diskcache is asked for what it is good at: a row for each block that survives a crash, found
by name, counted and summed. The blocks' files are written and read by the threads that want
them (see :mod:`mirrorfs.cache.files`); a row only names its file. Three things are our own:

- nothing is ever unpickled (CVE-2025-69872) and no file outside the folder is ever touched;
- diskcache evicts nothing (``cull_limit`` 0): :meth:`Index.evict` does, and spares what is
  being read;
- a row "expires" a century after the block's last use, so the rows' own index on that column
  is their order of use, and reading writes nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import diskcache

from mirrorfs.cache.files import BlockFiles, cost, is_block
from mirrorfs.cache.frame import TRAILER_SIZE
from mirrorfs.cache.names import group_of
from mirrorfs.cache.readers import Readers

DATABASE = "cache.db"
_CENTURY = 100 * 365.25 * 86400.0
_BATCH = 256
_OLDEST = """
    SELECT key, CAST(size AS INTEGER) FROM Cache WHERE typeof(key) = 'text' ORDER BY expire_time
"""
_PAGE = """
    SELECT rowid, key, filename FROM Cache
    WHERE rowid > ? AND typeof(key) = 'text' AND typeof(filename) = 'text' ORDER BY rowid LIMIT ?
"""
_SETTINGS = {
    "cull_limit": 0,
    "eviction_policy": "none",
    "statistics": 0,
    "tag_index": 1,
    "sqlite_auto_vacuum": 0,
    "sqlite_cache_size": 2048,
    "sqlite_journal_mode": "wal",
    "sqlite_journal_size_limit": 1 << 20,
    "sqlite_mmap_size": 0,  # a mapped database that is cut short ends the process (SIGBUS)
    "sqlite_synchronous": 1,
    "sqlite_wal_autocheckpoint": 256,
}


class Row(NamedTuple):
    """A block's row: its number in the index, its name, and its file (relative)."""

    number: int
    name: str
    file: str


class NotOurs(ValueError):
    """A row that this module cannot have written."""


FAILURES = (sqlite3.Error, diskcache.Timeout, OSError, AttributeError, TypeError, ValueError)
"""What an :class:`Index` may raise: the disk fails, or the rows are not as they were written."""


class _FilesOnly(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Keys are text, values the names of files that were written before."""

    def put(self, key: object) -> tuple[object, bool]:
        if type(key) is not str:
            raise NotOurs(f"the key {key!r} is not text")
        return key, True

    def get(self, key: object, raw: object) -> object:
        if not raw or type(key) is not str:
            raise NotOurs("the key is not text")
        return key

    def store(self, value: bytes, read: object, key: object = None) -> tuple[Any, ...]:
        del read, key
        file = value.decode()
        length = Path(self._directory, file).stat().st_size - TRAILER_SIZE
        return cost(length), diskcache.core.MODE_BINARY, file, None

    def fetch(self, mode: int, filename: object, value: object, read: object) -> str:
        del value, read
        if mode != diskcache.core.MODE_BINARY or type(filename) is not str:
            raise NotOurs("the row names no file")
        if not is_block(filename):
            raise NotOurs(f"{filename!r} is no block's file")
        return filename

    def remove(self, file_path: object) -> None:
        if type(file_path) is str:
            BlockFiles(Path(self._directory)).remove(file_path)


class Index:
    """name → file, for the blocks in ``folder``; used by one thread only.

    Each method may raise one of ``FAILURES``. ``kept`` is the room, in bytes, that all
    blocks take.
    """

    def __init__(self, folder: Path) -> None:
        self._cache: Any = diskcache.Cache(str(folder), disk=_FilesOnly, **_SETTINGS)
        self._rows = sqlite3.connect(folder / DATABASE)
        self.kept = 0
        self._recount()

    def find(self, name: str) -> str | None:
        """Return the block's file, relative to the folder; a row that is not ours goes."""
        file: str | None = None
        try:
            file = self._cache.get(name)
        except NotOurs:
            self._cache.delete(name)
            self._recount()
        return file

    def add(self, name: str, file: str) -> bool:
        """Let ``name`` be in ``file``, which is written; the file it was in before goes."""
        self._cache.set(name, file.encode(), expire=_CENTURY, tag=group_of(name))
        self._recount()
        return True

    def drop(self, name: str, file: str) -> None:
        """Remove ``name`` with its ``file``, unless it is in another file by now."""
        if self.find(name) == file:
            self._cache.delete(name)
            self._recount()

    def touch(self, uses: Mapping[str, float]) -> None:
        """Note when each name was used last (seconds since the epoch); unknown ones are passed."""
        with self._cache.transact():
            for name, used_at in uses.items():
                self._cache.touch(name, expire=_CENTURY + used_at - time.time())

    def evict(self, size: int, readers: Readers) -> None:
        """Remove the blocks used longest ago until ``size`` bytes are free or none is left.

        A block of a group that is being read is passed over.
        """
        oldest = self._rows.execute(_OLDEST)
        with contextlib.closing(oldest), self._cache.transact():
            for name, room in oldest:
                if size <= 0:
                    break
                with readers.unread(group_of(name)) as unread:
                    if unread and self._cache.delete(name):
                        size -= room
        self._recount()

    def forget(self, group: str) -> None:
        """Remove all blocks of ``group``."""
        self._cache.evict(group)
        self._recount()

    def clear(self) -> None:
        """Remove all blocks."""
        self._cache.clear()
        self._recount()

    def page(self, after: int) -> list[Row]:
        """Return some rows beyond number ``after``, in order; empty at the end."""
        return [Row(*row) for row in self._rows.execute(_PAGE, (after, _BATCH))]

    def files(self) -> set[str]:
        """Return the files of all blocks."""
        return {file for (file,) in self._rows.execute("SELECT filename FROM Cache")}

    def count_of(self, group: str) -> int:
        """Return how many blocks ``group`` has."""
        query = "SELECT COUNT(*) FROM Cache WHERE tag = ?"
        count: int = self._rows.execute(query, (group,)).fetchone()[0]
        return count

    def count(self) -> tuple[int, int]:
        """Return how many groups and how many blocks there are."""
        query = "SELECT COUNT(DISTINCT tag), COUNT(*) FROM Cache"
        groups, blocks = self._rows.execute(query).fetchone()
        return groups, blocks

    def close(self) -> None:
        """Give the database back."""
        self._rows.close()
        self._cache.close()

    def _recount(self) -> None:
        self.kept = int(self._cache.reset("size"))
