"""A SQLite file of one schema: begun anew when it is damaged or of another version."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mirrorfs.cache.damage import is_damage
from mirrorfs.core.errors import MirrorError

_log = logging.getLogger(__name__)
_FAILURES = (sqlite3.Error, UnicodeDecodeError)
_WAL_BYTES = 1 << 22


class NotKept(MirrorError):
    """The disk would not take it; what was there before is still there."""


class Database:
    """One writer and any number of readers, who see what was there before until it is done.

    Thread-safe. ``schema`` is SQL that makes the tables of ``version`` (above 0).
    """

    def __init__(self, path: Path, schema: str, version: int) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._reading = threading.Lock()
        self._writing = threading.RLock()
        self._is_inside = False
        try:
            self._connect()
        except _FAILURES as error:
            if not is_damage(error):
                raise _not_kept(path, error) from error
            self._begin_anew(error)

    def read(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows; none at all when the database fails or was damaged."""
        reader = self._reader
        try:
            with self._reading:
                return reader.execute(query, values).fetchall()
        except _FAILURES as error:
            with self._writing:
                if reader is self._reader:
                    self._face(error)
            return []

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or, when anything is raised inside, nothing.

        One inside another is part of that one.

        Raises:
            NotKept: the disk is full or fails, or the database was damaged.
        """
        with self._writing:
            if self._is_inside:
                yield self._writer
                return
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                self._is_inside = True
                yield self._writer
                self._writer.execute("COMMIT")
            except _FAILURES as error:
                self._roll_back()
                self._face(error)
                raise _not_kept(self._path, error) from error
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._is_inside = False

    def close(self) -> None:
        """Give the file back."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()

    def _connect(self) -> None:
        with contextlib.ExitStack() as undo:
            writer = self._open(undo)
            (version,) = writer.execute("PRAGMA user_version").fetchone()
            if version not in {0, self._version}:
                raise sqlite3.DatabaseError(f"it is of version {version}")
            if version == 0:
                new = f"BEGIN; {self._schema} PRAGMA user_version = {self._version}; COMMIT;"
                writer.executescript(new)
            self._reader, self._writer = self._open(undo), writer
            undo.pop_all()

    def _open(self, undo: contextlib.ExitStack) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        undo.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        return connection

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._writer.execute("ROLLBACK")

    def _face(self, error: Exception) -> None:
        if not is_damage(error):
            _log.warning("%s fails: %s", self._path, error)
            return
        with contextlib.suppress(NotKept), self._reading:
            self._writer.close()
            self._reader.close()
            self._begin_anew(error)

    def _begin_anew(self, why: Exception) -> None:
        _log.warning("%s is damaged or of another version (%s); it is begun anew.", self._path, why)
        try:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._connect()
        except (OSError, *_FAILURES) as error:
            raise _not_kept(self._path, error) from error


def _not_kept(path: Path, error: Exception) -> NotKept:
    return NotKept(f"{path} cannot be written: {error}.", "Is there room on its disk?")
