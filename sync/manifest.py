"""What two sides last agreed on: one SQLite file for each pair.

A row is written after its file is done, in a transaction of its own, so that a run that is
killed anywhere is continued by the next. A damaged file is set aside: the next run is a first
one, which deletes nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Kind
from mirrorfs.core.paths import RemotePath, ancestors, parent
from sync.database import Database
from sync.model import Agreed, Fact

VERSION = 1

RUNNING = "running"
"""The status while a run is under way, and after it was killed."""

_FACT = "path{0} TEXT, kind{0} TEXT, id{0} TEXT, revision{0} TEXT, size{0} INTEGER, "
_FACT += "modified{0} INTEGER, algorithm{0} TEXT, digest{0} TEXT"
_SCHEMA = f"""
CREATE TABLE agreed (path TEXT PRIMARY KEY, {_FACT.format(1)}, {_FACT.format(2)}) WITHOUT ROWID;
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
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

    ``is_flipped`` says that the sides are given in the order opposite to that of the file.

    Raises:
        Misuse: a newer version of this program wrote it.
        StateFailed: it cannot be opened; every method raises this when the disk fails.
    """

    def __init__(self, path: Path, *, is_flipped: bool = False) -> None:
        self.path = path
        self._flipped = is_flipped
        self._database = Database(path, _SCHEMA, VERSION)

    @property
    def set_aside(self) -> Path | None:
        """Where the file was put that was found damaged; ``None`` when it was not."""
        return self._database.set_aside

    def rows(self) -> dict[RemotePath, Agreed]:
        """Return all rows by their common path."""
        return {row.path: row for row in self.each()}

    def each(self) -> Iterator[Agreed]:
        """Yield all rows in the order of their paths; only some of them are in memory at once."""
        page = self._database.read(_FIRST)
        while page:
            yield from map(self._agreed, page)
            after = (page[-1][0],)
            page = self._database.read(_NEXT, after)

    def count(self) -> int:
        """Return how many rows there are."""
        return int(self._database.read("SELECT count(*) FROM agreed")[0][0])

    def rows_near(self, paths: Iterable[RemotePath]) -> dict[RemotePath, Agreed]:
        """Return the rows of ``paths``, below and above them, and beside them in their folders."""
        found: dict[RemotePath, Agreed] = {}
        for path in paths:
            above = ancestors(path)
            folder, end = (f"{parent(path)}/", f"{parent(path)}0") if parent(path) else ("", _LAST)
            within = f"path IN ({','.join('?' * len(above))}) OR {_BELOW} OR {_BESIDE}"
            values = (*above, f"{path}/", f"{path}0", folder, end, folder)
            rows = self._database.read(f"SELECT * FROM agreed WHERE {within}", values)  # noqa: S608
            found |= {RemotePath(row[0]): self._agreed(row) for row in rows}
        return found

    def row(self, path: RemotePath) -> Agreed | None:
        """Return the row of one common path, if there is one."""
        found = self._database.read("SELECT * FROM agreed WHERE path = ?", (path,))
        return self._agreed(found[0]) if found else None

    def put(self, agreed: Agreed, was: RemotePath | None = None) -> None:
        """Write one row, or write it anew; the row of ``was`` goes at the same moment."""
        self.put_all([agreed], [] if was is None else [was])

    def put_all(self, agreed: Iterable[Agreed], gone: Iterable[RemotePath] = ()) -> None:
        """Remove the rows of ``gone``, then write rows: all of it happens, or nothing."""
        with self._database.transaction():
            self.forget(gone)
            self._database.write(_PUT, (self._values(one) for one in agreed))

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

    def _agreed(self, row: tuple[Any, ...]) -> Agreed:
        path = row[0]
        first = _fact(path, None, *row[1:9])
        second = _fact(path, first, *row[9:17])
        return Agreed(path, second, first) if self._flipped else Agreed(path, first, second)

    def _values(self, agreed: Agreed) -> tuple[Any, ...]:
        first, second = agreed.one, agreed.two
        if self._flipped:
            first, second = second, first
        return (agreed.path, *_columns(agreed.path, first), *_columns(agreed.path, second))


def _columns(path: RemotePath, fact: Fact) -> Iterator[Any]:
    """Yield a fact's eight columns; a path that is the common one is not written again."""
    yield None if fact.path == path else fact.path
    yield fact.kind.value
    yield from (fact.id, fact.revision, fact.size, fact.modified)
    yield from (fact.digest.algorithm, fact.digest.value) if fact.digest else (None, None)


def _fact(  # noqa: PLR0913, PLR0917 - the columns, as fast as can be
    path: RemotePath,
    like: Fact | None,
    own: RemotePath | None,
    kind: str,
    id_: str,
    revision: str,
    size: int,
    modified: int,
    algorithm: str | None,
    value: str,
) -> Fact:
    """Return a fact; what it has in common with ``like`` is in memory once."""
    digest = None
    if algorithm is not None:
        digest = like.digest if like else None
        if digest is None or (digest.algorithm, digest.value) != (algorithm, value):
            digest = Digest(sys.intern(algorithm), value)
    if like:
        revision = like.revision if revision == like.revision else revision
        modified = like.modified if modified == like.modified else modified
    return Fact(own or path, _KINDS[kind], id_, revision, size, modified, digest)


_KINDS = {kind.value: kind for kind in Kind}
