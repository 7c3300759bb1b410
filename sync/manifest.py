"""What two sides last agreed on: one SQLite file for each pair.

A row is written after its file is done, in a transaction of its own, so that a run that is
killed anywhere is continued by the next. A damaged file is set aside: the next run is a first
one, which deletes nothing.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath, ancestors, parent
from sync.database import Database
from sync.errors import StateFailed
from sync.model import Agreed, Side, Tree
from sync.record import COLUMNS, Record, agreed_of, flipped, record_of
from sync.rows import NOTHING, Rows

VERSION = 1

RUNNING = "running"
"""The status while a run is under way, and after it was killed."""

_SCHEMA = f"""
CREATE TABLE agreed ({COLUMNS}) WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_PAIR = "pair"
"""The note of whose rows these are: the keys of both sides, sorted, in JSON."""

_NEW = "Move it away: the next run of these two is then a first one."
_LAST = chr(0x10FFFF)
"""Comes after all paths."""

_FIRST = "SELECT * FROM agreed ORDER BY path LIMIT 1000"
_NEXT = "SELECT * FROM agreed WHERE path > ? ORDER BY path LIMIT 1000"
_BELOW = "(path > ? AND path < ?)"
_BESIDE = "(path > ? AND path < ? AND instr(substr(path, length(?) + 1), '/') = 0)"
_PUT = "INSERT OR REPLACE INTO agreed VALUES (?, ?,?,?,?,?,?,?,?, ?,?,?,?,?,?,?,?)"
_NOTE = "INSERT OR REPLACE INTO notes VALUES (?, ?)"


class Manifest:
    """The rows and notes of one pair; safe to use from several threads.

    ``keys`` name both sides (:class:`~sync.ends.End`), in the order in which they are given;
    the file has them in the order of their names.

    Raises:
        Misuse: a newer version of this program wrote it, or it is that of two other sides.
        StateFailed: it cannot be used; every method raises this when the disk fails, or
            a row makes no sense.
    """

    def __init__(self, path: Path, keys: tuple[str, str]) -> None:
        self.path = path
        self._flipped = keys[0] > keys[1]
        self._database = Database(path, _SCHEMA, VERSION)
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            self._claim(json.dumps(sorted(keys)))
            undo.pop_all()

    @property
    def set_aside(self) -> Path | None:
        """Where the file was put that was found damaged; ``None`` when it was not."""
        return self._database.set_aside

    def rows(self, trees: Mapping[Side, Tree] = NOTHING) -> Rows:
        """Return all rows; those that are as ``trees`` are take little room."""
        with self._sensible():
            return Rows(self._records(), trees)

    def count(self) -> int:
        """Return how many rows there are."""
        return int(self._database.read("SELECT count(*) FROM agreed")[0][0])

    def rows_near(self, paths: Iterable[RemotePath]) -> Rows:
        """Return the rows of ``paths``, below and above them, and beside them in their folders."""
        found: dict[str, Record] = {}
        for path in paths:
            above = ancestors(path)
            folder, end = (f"{parent(path)}/", f"{parent(path)}0") if parent(path) else ("", _LAST)
            within = f"path IN ({','.join('?' * len(above))}) OR {_BELOW} OR {_BESIDE}"
            values = (*above, f"{path}/", f"{path}0", folder, end, folder)
            rows = self._database.read(f"SELECT * FROM agreed WHERE {within}", values)  # noqa: S608
            found |= {row[0]: self._turned(row) for row in rows}
        with self._sensible():
            return Rows(found.values())

    def row(self, path: RemotePath) -> Agreed | None:
        """Return the row of one common path, if there is one."""
        found = self._database.read("SELECT * FROM agreed WHERE path = ?", (path,))
        with self._sensible():
            return agreed_of(self._turned(found[0])) if found else None

    def put(self, agreed: Agreed, was: RemotePath | None = None) -> None:
        """Write one row, or write it anew; the row of ``was`` goes at the same moment."""
        self.put_all([agreed], [] if was is None else [was])

    def put_all(self, agreed: Iterable[Agreed], gone: Iterable[RemotePath] = ()) -> None:
        """Remove the rows of ``gone``, then write rows: all of it happens, or nothing."""
        with self._database.transaction():
            self.forget(gone)
            self._database.write(_PUT, (self._turned(record_of(one)) for one in agreed))

    def forget(self, paths: Iterable[RemotePath]) -> None:
        """Remove the rows of ``paths``; one that is not there is fine."""
        self._database.write("DELETE FROM agreed WHERE path = ?", ((path,) for path in paths))

    def replace_all(self, agreed: Iterable[Agreed]) -> None:
        """Write these rows in the place of all there are."""
        with self._database.transaction():
            self._database.write("DELETE FROM agreed", [()])
            self.put_all(agreed)

    def note(self, name: str) -> str:
        """Return what was last noted under ``name``; empty when nothing was."""
        found = self._database.read("SELECT value FROM notes WHERE name = ?", (name,))
        return str(found[0][0]) if found else ""

    def set_note(self, name: str, value: str) -> None:
        """Note ``value`` under ``name``, such as ``filters``, ``status`` and ``ended``."""
        self._database.write(_NOTE, [(name, value)])

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def _claim(self, pair: str) -> None:
        """Note whose rows these are, or check that they are theirs."""
        noted = self.note(_PAIR)
        if not noted:
            self.set_note(_PAIR, pair)
        elif noted != pair:
            raise Misuse(
                f"{self.path} is the manifest of {' and '.join(json.loads(noted))}, which is "
                f"another pair than {' and '.join(json.loads(pair))}.",
                _NEW,
            )

    def _records(self) -> Iterator[Record]:
        """Yield all records in the order of their paths; only some are in memory at once."""
        page = self._database.read(_FIRST)
        while page:
            yield from map(flipped, page) if self._flipped else page
            page = self._database.read(_NEXT, (page[-1][0],))

    def _turned(self, record: Record) -> Record:
        """Return a record of the file as one of this run, or the other way round."""
        return flipped(record) if self._flipped else record

    @contextlib.contextmanager
    def _sensible(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            raise StateFailed(
                f"{self.path} holds a row that makes no sense: {error}.", _NEW
            ) from error
