"""Checksums of local files, computed when they are needed and remembered.

A file is known by its device and inode, size and both times: whatever changes its bytes changes
one of these, ``ctime`` at least, which nobody can set back. A file that changed a moment ago is
not remembered, as it may change again within one tick of the file system's clock.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from pathlib import Path

from mirrorfs.core.clock import Clock
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed
from sync.database import Database
from sync.ends import End
from sync.errors import StateFailed

_SCHEMA = """
CREATE TABLE digests (
    device INTEGER, inode INTEGER, algorithm TEXT, size INTEGER, mtime INTEGER, ctime INTEGER,
    value TEXT NOT NULL, PRIMARY KEY (device, inode, algorithm)
) WITHOUT ROWID;
"""
_FIND = """
SELECT value FROM digests WHERE device = ? AND inode = ? AND algorithm = ?
AND size = ? AND mtime = ? AND ctime = ?
"""
_PUT = "INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?, ?, ?)"
_FINE_TICK = 100_000_000
_COARSE_TICK = 3_000_000_000
_BATCH = 500

Key = tuple[int, int, str, int, int, int]


class DigestMemory:
    """Checksums by what the file system says of a file; safe to use from several threads.

    They are kept in the file ``path``, which is opened when one is first asked for.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._database: Database | None = None
        self._lock = threading.Lock()
        self._unwritten: list[tuple[int | str, ...]] = []

    def digest(self, end: End, entry: Entry, algorithm: str) -> Digest:
        """Return the checksum of ``entry``; it is read only when it is not known.

        Raises:
            Changed: the file is not at that revision, or changed while it was read.
            NotFound: it is gone. Others as reading it.
            StateFailed: what is remembered cannot be opened, read or written.
        """
        if end.disk is None:
            return _computed(end, entry, algorithm)
        place = end.disk.place(entry.path)
        before = _key(place, entry, algorithm)
        if found := self._opened().read(_FIND, before):
            return Digest(algorithm, found[0][0])
        digest = _computed(end, entry, algorithm)
        if _key(place, entry, algorithm) != before:
            raise Changed(f"{entry.path} changed while it was read.")
        if _is_settled(before[-1], int(self._clock.now() * 1e9)):
            self._remember((*before, digest.value))
        return digest

    def close(self) -> None:
        """Write what is not written yet, if that is possible, and give the file back."""
        if self._database is None:
            return
        with contextlib.suppress(StateFailed):
            self._write()
        self._database.close()

    def _opened(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database(self._path, _SCHEMA, 1)
            return self._database

    def _remember(self, row: tuple[int | str, ...]) -> None:
        """Write many rows at once: what a killed process forgets is only read again."""
        with self._lock:
            self._unwritten.append(row)
            is_full = len(self._unwritten) >= _BATCH
        if is_full:
            self._write()

    def _write(self) -> None:
        with self._lock:
            rows, self._unwritten = self._unwritten, []
        self._opened().write(_PUT, rows)


def _computed(end: End, entry: Entry, algorithm: str) -> Digest:
    hasher = hashlib.new(algorithm, usedforsecurity=False)
    for piece in end.target.read(entry):
        hasher.update(piece)
    return Digest(algorithm, hasher.hexdigest())


def _key(place: Path, entry: Entry, algorithm: str) -> Key:
    """Return what is known of the file at ``place``, which MUST be ``entry`` still."""
    try:
        found = os.lstat(place)
    except OSError as error:
        raise Changed(f"{entry.path} is gone.") from error
    if (found.st_size, found.st_mtime_ns) != (entry.size, entry.modified):
        raise Changed(f"{entry.path} changed since it was listed.")
    times = (found.st_mtime_ns, found.st_ctime_ns)
    return (found.st_dev, found.st_ino, algorithm, found.st_size, *times)


def _is_settled(ctime: int, now: int) -> bool:
    """Say whether a change made now would show; some disks know whole seconds only."""
    tick = _FINE_TICK if ctime % 1_000_000_000 else _COARSE_TICK
    return now - ctime >= tick
