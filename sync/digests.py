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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from mirrorfs.core.clock import Clock
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, MirrorError, RateLimited
from sync.database import Database
from sync.ends import End, OnDisk
from sync.errors import StateFailed

_SCHEMA = """
CREATE TABLE digests (
    device INTEGER, inode INTEGER, algorithm TEXT, size INTEGER, mtime INTEGER, ctime INTEGER,
    value TEXT NOT NULL, PRIMARY KEY (device, inode, algorithm)
) WITHOUT ROWID;
"""
_FIND = """
SELECT device, inode, algorithm, size, mtime, ctime, value FROM digests
WHERE device = ? AND inode = ? AND algorithm = ?
"""
_PUT = "INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?, ?, ?)"
_FINE_TICK = 100_000_000
_COARSE_TICK = 3_000_000_000
_BATCH = 500
_PIECE = 1 << 20
_PATIENCE = 0.05
LARGE = 1 << 20
"""Files of so many bytes, one or several, are worth a thread of their own."""

Key = tuple[int, int, str, int, int, int]
Row = tuple[int, int, str, int, int, int, str]
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file whose checksum is wanted."""

    end: End
    entry: Entry
    algorithm: str


class DigestMemory:
    """Checksums by what the file system says of a file; safe to use from several threads.

    They are kept in the file ``path``, which is opened when one is first asked for.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._database: Database | None = None
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._unwritten: list[Row] = []

    def digest(self, end: End, entry: Entry, algorithm: str) -> Digest:
        """Return the checksum of ``entry``; it is read only when it is not known.

        Raises:
            Changed: the file is not at that revision, or changed while it was read.
            NotFound: it is gone. Others as reading it.
            StateFailed: what is remembered cannot be opened, read or written.
        """
        (digest,) = self.digests([Wanted(end, entry, algorithm)])
        if isinstance(digest, MirrorError):
            raise digest
        return digest

    def digests(self, files: Sequence[Wanted]) -> Iterator[Digest | MirrorError]:
        """Yield the checksum of each of ``files`` in turn, or why there is none.

        All that is known is looked up at once, as threads that ask one by one wait for each other.

        Raises:
            RateLimited: the quota is used up.
            StateFailed: what is remembered cannot be opened, read or written.
        """
        with self._in_turn(files):
            for one, row in zip(files, self._remembered(files), strict=True):
                yield _told(partial(self._digest, one, row))

    def close(self) -> None:
        """Write what is not written yet, if that is possible, and give the file back."""
        if self._database is None:
            return
        with contextlib.suppress(StateFailed):
            self._write()
        self._database.close()

    @contextlib.contextmanager
    def _in_turn(self, files: Sequence[Wanted]) -> Iterator[None]:
        """Let one thread at a time read small files of a disk that has them at hand.

        All of that is computing, at which threads stand in each other's way. A disk is not
        waited for: whoever has waited for ``_PATIENCE`` reads at the same time.
        """
        is_small = sum(one.entry.size for one in files) < LARGE
        is_near = is_small and all(one.end.disk for one in files)
        has_turn = is_near and self._turn.acquire(timeout=_PATIENCE)
        try:
            yield
        finally:
            if has_turn:
                self._turn.release()

    def _remembered(self, files: Sequence[Wanted]) -> list[Row | None]:
        """Return what was found of each file when it was last read."""
        marks = [
            _mark(disk.inode(one.entry), one.algorithm) if (disk := one.end.disk) else None
            for one in files
        ]
        rows = iter(self._opened().read_each(_FIND, filter(None, marks)) if any(marks) else ())
        return [next(iter(next(rows)), None) if mark else None for mark in marks]

    def _digest(self, one: Wanted, row: Row | None) -> Digest:
        disk = one.end.disk
        if disk is None:
            return _computed(one.algorithm, one.end.target.read(one.entry))
        if row and _key(disk.status(one.entry), one.algorithm) == row[:-1]:
            return Digest(one.algorithm, row[-1])
        return self._read(disk, one.entry, one.algorithm)

    def _read(self, disk: OnDisk, entry: Entry, algorithm: str) -> Digest:
        with disk.opened(entry) as file:
            before = _key(os.fstat(file), algorithm)
            digest = _computed(algorithm, _pieces(file, entry.size))
        if _key(disk.status(entry), algorithm) != before:
            raise Changed(f"{entry.path} changed while it was read.")
        if _is_settled(before[-1], int(self._clock.now() * 1e9)):
            self._remember((*before, digest.value))
        return digest

    def _opened(self) -> Database:
        with self._lock:
            if self._database is None:
                self._database = Database(self._path, _SCHEMA, 1)
            return self._database

    def _remember(self, row: Row) -> None:
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


def _told(work: Callable[[], R]) -> R | MirrorError:
    """Return what ``work`` returns, or what is wrong with the one file that it is about."""
    try:
        return work()
    except (RateLimited, StateFailed):
        raise
    except MirrorError as error:
        return error


def _computed(algorithm: str, pieces: Iterable[bytes]) -> Digest:
    hasher = hashlib.new(algorithm, usedforsecurity=False)
    for piece in pieces:
        hasher.update(piece)
    return Digest(algorithm, hasher.hexdigest())


def _pieces(file: int, left: int) -> Iterator[bytes]:
    """Yield so many bytes of an open file, or as many as there are."""
    while left and (piece := os.read(file, min(_PIECE, left))):
        left -= len(piece)
        yield piece


def _key(found: os.stat_result, algorithm: str) -> Key:
    times = (found.st_mtime_ns, found.st_ctime_ns)
    return (*_mark((found.st_dev, found.st_ino), algorithm), found.st_size, *times)


def _mark(inode: tuple[int, int], algorithm: str) -> tuple[int, int, str]:
    """Return what a row is found by; SQLite has no numbers of 2⁶³ and more, as inodes may be."""
    device, number = ((half + 2**63) % 2**64 - 2**63 for half in inode)
    return device, number, algorithm


def _is_settled(ctime: int, now: int) -> bool:
    """Say whether a change made now would show; some disks know whole seconds only."""
    tick = _FINE_TICK if ctime % 1_000_000_000 else _COARSE_TICK
    return now - ctime >= tick
