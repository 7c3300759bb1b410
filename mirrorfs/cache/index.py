"""The index of the blocks, and the only door to diskcache.

diskcache is asked for what it is good at: a row for each block that survives a crash, found
by name, counted and summed. The blocks' files are written and read by the threads that want
them (see :mod:`mirrorfs.cache.files`); a row only names its place. Four things are our own:

- nothing is ever unpickled (CVE-2025-69872) and no file outside the folder is ever touched;
- diskcache evicts nothing (``cull_limit`` 0): :meth:`Index.evict` does, and spares what is
  being read;
- a file goes when no row names a part of it any more, after the rows are gone for good;
- a row "expires" a century after the block's last use, so the rows' own index on that column
  is their order of use, and reading writes nothing.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import diskcache

from mirrorfs.cache.files import BlockFiles, cost
from mirrorfs.cache.names import group_of
from mirrorfs.cache.place import Place
from mirrorfs.cache.readers import Readers

DATABASE = "cache.db"
_CENTURY = 100 * 365.25 * 86400.0
_BATCH = 256
_OLDEST = """
    SELECT key, CAST(size AS INTEGER) FROM Cache WHERE typeof(key) = 'text' ORDER BY expire_time
"""
_PAGE = """
    SELECT rowid, key FROM Cache WHERE rowid > ? AND typeof(key) = 'text' ORDER BY rowid LIMIT ?
"""
_BY_FILE = "CREATE INDEX IF NOT EXISTS mirrorfs_by_file ON Cache (filename)"
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
    """A block's row: its number in the index, and its name."""

    number: int
    name: str


class NotOurs(ValueError):
    """A row that this module cannot have written."""


FAILURES = (sqlite3.Error, diskcache.Timeout, OSError, AttributeError, TypeError, ValueError)
"""What an :class:`Index` may raise: the disk fails, or the rows are not as they were written."""


class _PlacesOnly(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Keys are text, values the places of blocks that were written before, and their lengths.

    ``freed`` are the places that rows named which are gone now.
    """

    def __init__(self, directory: str, **settings: Any) -> None:
        super().__init__(directory, **settings)
        self.freed: list[Place] = []

    def put(self, key: object) -> tuple[object, bool]:
        if type(key) is not str:
            raise NotOurs(f"the key {key!r} is not text")
        return key, True

    def get(self, key: object, raw: object) -> object:
        if not raw or type(key) is not str:
            raise NotOurs("the key is not text")
        return key

    def store(self, value: tuple[Place, int], read: object, key: object = None) -> tuple[Any, ...]:
        del read, key
        place, length = value
        return cost(length), diskcache.core.MODE_BINARY, str(place), None

    def fetch(self, mode: int, filename: object, value: object, read: object) -> Place:
        del value, read
        if mode != diskcache.core.MODE_BINARY or type(filename) is not str:
            raise NotOurs("the row names no file")
        place = Place.parse(filename)
        if place is None:
            raise NotOurs(f"{filename!r} is no block's place")
        return place

    def remove(self, file_path: object) -> None:
        place = Place.parse(file_path) if type(file_path) is str else None
        if place:
            self.freed.append(place)


class Index:
    """name → place, for the blocks in ``folder``; used by one thread only.

    Each method may raise one of ``FAILURES``. ``kept`` is the room, in bytes, that all
    blocks take.
    """

    def __init__(self, folder: Path) -> None:
        self._files = BlockFiles(folder)
        self._cache: Any = diskcache.Cache(str(folder), disk=_PlacesOnly, **_SETTINGS)
        self._rows = sqlite3.connect(folder / DATABASE)
        self._rows.execute(_BY_FILE)
        self.kept = 0
        self._recount()

    def find(self, name: str) -> Place | None:
        """Return where the block is; a row that is not ours goes."""
        place: Place | None = None
        try:
            place = self._cache.get(name)
        except NotOurs:
            with self._changing():
                self._cache.delete(name)
        return place

    def known(self, names: Iterable[str]) -> set[str]:
        """Return those of ``names`` that have a row."""
        query = "SELECT key FROM Cache WHERE raw = 1 AND key = ?"
        found = (self._rows.execute(query, (name,)).fetchone() for name in names)
        return {row[0] for row in found if row}

    def add(self, written: Iterable[tuple[str, Place, int]]) -> bool:
        """Note names, places and lengths of what is written; where they were before goes."""
        with self._changing():
            for name, place, length in written:
                self._cache.set(name, (place, length), expire=_CENTURY, tag=group_of(name))
        return True

    def drop(self, name: str, place: Place) -> bool:
        """Remove ``name`` from its ``place``; say whether it was still there."""
        if self.find(name) != place:
            return False
        with self._changing():
            self._cache.delete(name)
        return True

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
        with self._changing(), contextlib.closing(oldest):
            for name, room in oldest:
                if size <= 0:
                    break
                with readers.unread(group_of(name)) as unread:
                    if unread and self._cache.delete(name):
                        size -= room

    def forget(self, group: str) -> None:
        """Remove all blocks of ``group``."""
        with self._changing():
            self._cache.evict(group)

    def clear(self) -> None:
        """Remove all blocks."""
        with self._changing():
            self._cache.clear()

    def page(self, after: int) -> list[Row]:
        """Return some rows beyond number ``after``, in order; empty at the end."""
        return [Row(*row) for row in self._rows.execute(_PAGE, (after, _BATCH))]

    def places(self) -> Iterator[Place]:
        """Yield where the blocks are."""
        for (file,) in self._rows.execute("SELECT filename FROM Cache"):
            place = Place.parse(file) if type(file) is str else None
            if place:
                yield place

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

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Change rows as one; then remove what no row names any more, and sum up the rest."""
        freed: list[Place] = self._cache.disk.freed
        freed.clear()
        with self._cache.transact():
            yield
        for place in freed:
            self._files.remove(place, is_last=self._is_last(place))
        self._recount()

    def _is_last(self, place: Place) -> bool:
        query = "SELECT 1 FROM Cache WHERE filename > ? || ':' AND filename < ? || ';' LIMIT 1"
        return self._rows.execute(query, (place.file, place.file)).fetchone() is None

    def _recount(self) -> None:
        self.kept = int(self._cache.reset("size"))
