"""A SQLite file of the state folder: written at once or not at all, set aside when damaged.

In WAL mode without a flush per transaction: a process that is killed loses nothing, a machine
that loses power the last rows at most, and never the order of what was written.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mirrorfs.core.errors import Misuse
from sync.errors import StateFailed

_SUFFIXES = ("", "-wal", "-shm")
_PIECE = 1 << 20
_TROUBLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""Codes of a disk or machine in trouble, which prove nothing about the file."""


_HINT = "Look at the file and at its folder: it must be this user's own, and sound."
_HINTS = {
    sqlite3.SQLITE_FULL: "Is there room on its disk?",
    sqlite3.SQLITE_IOERR: "Is its disk sound, and is there room?",
    sqlite3.SQLITE_BUSY: "Another program holds it; try again once that has ended.",
    sqlite3.SQLITE_LOCKED: "Another program holds it; try again once that has ended.",
    sqlite3.SQLITE_CORRUPT: "It was damaged meanwhile; the next run sets it aside.",
}


class Database:
    """One connection for all threads of a process.

    ``schema`` is SQL that makes the tables of ``version`` (above 0). ``set_aside`` is where a
    damaged file was put, ``None`` when the file was sound or new.

    Raises:
        Misuse: a newer version of this program wrote it.
        StateFailed: it cannot be opened.
    """

    def __init__(self, path: Path, schema: str, version: int) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.set_aside: Path | None = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = _connect(path, schema, version)
        except (OSError, sqlite3.Error) as error:
            if not _is_damage(error):
                raise _failed(path, error) from error
            self.set_aside = _put_aside(path)
            self._connection = _connect(path, schema, version)

    def read(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows.

        Raises:
            StateFailed: they cannot be read.
        """
        with self._told():
            return self._connection.execute(query, values).fetchall()

    def read_each(
        self, query: str, values: Iterable[tuple[Any, ...]]
    ) -> list[list[tuple[Any, ...]]]:
        """Return the rows for each of ``values``, with nobody let in between.

        Raises:
            StateFailed: they cannot be read.
        """
        with self._told():
            return [self._connection.execute(query, one).fetchall() for one in values]

    def write(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Carry out ``query`` for each of ``rows``: for all of them or, on an error, for none.

        Raises:
            StateFailed: the disk is full or fails.
        """
        with self._told(), self.transaction():
            self._connection.executemany(query, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is written inside one: all of it happens, or nothing."""
        with self._told():
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise _failed(self._path, error) from error


def _connect(path: Path, schema: str, version: int) -> sqlite3.Connection:
    with contextlib.ExitStack() as undo:
        path.touch(mode=0o600)
        _read_ahead(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        undo.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the quick check failed")
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > version:
            raise Misuse(
                f"{path} was written by a newer version of mirrorsync.", "Update this one."
            )
        if found == 0 and not _tables(connection):
            connection.executescript(f"BEGIN; {schema} PRAGMA user_version = {version}; COMMIT;")
        _check_tables(path, _tables(connection), schema)
        undo.pop_all()
        return connection


def _tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the names of the tables and of their columns."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    columns = "SELECT name FROM pragma_table_info(?)"
    return {name: [one for (one,) in connection.execute(columns, (name,))] for (name,) in names}


def _check_tables(path: Path, found: dict[str, list[str]], schema: str) -> None:
    """Check that a sound file is what it is taken for.

    Raises:
        StateFailed: it is something else; it is left as it is.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as example:
        example.executescript(schema)
        for name, columns in _tables(example).items():
            if found.get(name) != columns:
                raise StateFailed(
                    f"{path} is not the database that belongs there: its table {name!r} is "
                    f"{'another one' if name in found else 'missing'}.",
                    "Move it away: a new one is made then.",
                )


def _read_ahead(path: Path) -> None:
    """Have the kernel hold the file: the check reads it page by page, each a wait for the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(_PIECE):
            pass


def _is_damage(error: Exception) -> bool:
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _TROUBLE


def _put_aside(path: Path) -> Path:
    """Give the file and its companions another name; nothing of it is removed."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in _SUFFIXES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _failed(path: Path, error: Exception) -> StateFailed:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StateFailed(f"{path} cannot be used: {error}.", _HINTS.get(code, _HINT))
