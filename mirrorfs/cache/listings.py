"""The tree of one remote as it was last listed, on disk, so that it survives restarts.

One row a folder: its entries as JSON (:mod:`mirrorfs.cache.rows`) with a CRC-32, since SQLite
itself does not notice a flipped bit, and the CRC-32 of each entry's id, which finds an id
among 100 000 in 20 ms without an index table.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mirrorfs.cache import rows
from mirrorfs.cache.database import Database, NotKept
from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot

_log = logging.getLogger(__name__)
_VERSION = 1
_SCHEMA = """
    CREATE TABLE folders (
        path BLOB PRIMARY KEY, listed_at REAL, files INTEGER, folders INTEGER, bytes INTEGER,
        proof INTEGER, ids BLOB, rows BLOB
    );
    CREATE TABLE tree (cursor TEXT, listed_at REAL);
    INSERT INTO tree VALUES ('', 0.0);
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder's entries by name, sorted by name; when it was listed (seconds, UTC)."""

    entries: Mapping[str, Entry]
    listed_at: float


@dataclass(frozen=True, slots=True)
class TreeState:
    """What is known of the whole tree.

    ``cursor``: where its changes go on from. ``listed_at``: the last complete look (seconds
    since the epoch, UTC; 0 for never). ``complete``: every folder is listed. ``files``,
    ``folders`` (without the root) and ``bytes`` count what is listed.
    """

    cursor: str
    listed_at: float
    complete: bool
    files: int
    folders: int
    bytes: int


class ListingStore:
    """The listings of one remote in the file ``path``; thread-safe.

    A damaged or unknown file is begun anew. Every write is one transaction, and raises
    :class:`~mirrorfs.cache.database.NotKept` where the disk does not take it.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA, _VERSION)

    def folder(self, path: RemotePath) -> Listing | None:
        """Return what is in ``path``; ``None`` when that is unknown (or was damaged)."""
        found = self._database.read(
            "SELECT listed_at, proof, rows FROM folders WHERE path = ?", (_key(path),)
        )
        if not found or found[0][2] is None:
            return None
        listed_at, proof, data = found[0]
        if proof != _proof(path, listed_at, data):
            _log.warning("The listing of %r was damaged; it is listed anew.", path)
            self._unlist(path)
            return None
        return Listing(MappingProxyType(rows.decode(path, data)), listed_at)

    def replace_all(self, snapshot: Snapshot, listed_at: float) -> None:
        """Let the tree be ``snapshot`` (of the root) and nothing else, with its cursor."""
        folders: dict[RemotePath, list[Entry]] = defaultdict(list)
        folders[ROOT] = []
        for path, entry in snapshot.entries.items():
            folders[paths.parent(path)].append(entry)
            if entry.is_folder:
                folders.setdefault(path, [])
        with self._database.transaction() as write:
            write.execute("DELETE FROM folders")
            write.executemany(
                _INSERT, (_record(path, inside, listed_at) for path, inside in folders.items())
            )
            write.execute("UPDATE tree SET cursor = ?, listed_at = ?", (snapshot.cursor, listed_at))

    def replace_folder(self, path: RemotePath, entries: Sequence[Entry], listed_at: float) -> None:
        """Let ``entries`` be all that is in ``path``.

        A sub-folder that vanished goes with all below it; a new one is unlisted.
        """
        children = {entry.path for entry in entries if entry.is_folder}
        with self._database.transaction() as write:
            gone = [key for key in _below(write, path) if _child(path, key) not in children]
            write.executemany("DELETE FROM folders WHERE path = ?", [(key,) for key in gone])
            write.executemany(
                "INSERT OR IGNORE INTO folders (path) VALUES (?)",
                [(_key(child),) for child in children],
            )
            write.execute(_INSERT, _record(path, entries, listed_at))

    def folders_of(self, ids: Iterable[str]) -> dict[str, RemotePath]:
        """Return id → the folder it is in, for those of ``ids`` that are in the tree."""
        wanted = set(ids)
        sought = {_crc(id_) for id_ in wanted}
        found: dict[str, RemotePath] = {}
        query = "SELECT path, ids FROM folders WHERE ids IS NOT NULL"
        for key, known in self._database.read(query):
            if not sought.isdisjoint(array("I", known)):
                path = _path(key)
                listing = self.folder(path)
                inside = listing.entries.values() if listing else ()
                found.update({entry.id: path for entry in inside if entry.id in wanted})
        return found

    def state(self) -> TreeState:
        """Sum up what is known."""
        tree = self._database.read("SELECT cursor, listed_at FROM tree")
        sums = self._database.read(
            "SELECT TOTAL(files), TOTAL(folders), TOTAL(bytes), COUNT(*) = COUNT(files),"
            " COALESCE(MAX(path = x''), 0) FROM folders"
        )
        if not tree or not sums:
            return TreeState("", 0.0, complete=False, files=0, folders=0, bytes=0)
        cursor, listed_at = tree[0]
        files, folders, size, all_listed, has_root = sums[0]
        complete = bool(all_listed and has_root)
        return TreeState(cursor, listed_at, complete, int(files), int(folders), int(size))

    def advance(self, cursor: str, looked_at: float) -> None:
        """Note that the tree is as it was at ``looked_at``, its changes going on at ``cursor``."""
        with self._database.transaction() as write:
            write.execute("UPDATE tree SET cursor = ?, listed_at = ?", (cursor, looked_at))

    def clear(self) -> None:
        """Forget the whole tree."""
        with self._database.transaction() as write:
            write.execute("DELETE FROM folders")
            write.execute("UPDATE tree SET cursor = '', listed_at = 0.0")

    def close(self) -> None:
        """Give the file back; the store is not used afterwards."""
        self._database.close()

    def _unlist(self, path: RemotePath) -> None:
        with contextlib.suppress(NotKept), self._database.transaction() as write:
            write.execute("DELETE FROM folders WHERE path = ?", (_key(path),))
            write.execute("INSERT INTO folders (path) VALUES (?)", (_key(path),))


_INSERT = "INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _record(path: RemotePath, entries: Sequence[Entry], listed_at: float) -> tuple[object, ...]:
    ordered = sorted(entries, key=lambda entry: entry.path)
    data = rows.encode(ordered)
    folders = sum(entry.is_folder for entry in ordered)
    return (
        _key(path),
        listed_at,
        len(ordered) - folders,
        folders,
        sum(entry.size for entry in ordered),
        _proof(path, listed_at, data),
        array("I", (_crc(entry.id) for entry in ordered)).tobytes(),
        data,
    )


def _below(connection: sqlite3.Connection, path: RemotePath) -> list[bytes]:
    start, end = (_key(path) + b"/", _key(path) + b"0") if path else (b"\0", b"\xff")
    query = "SELECT path FROM folders WHERE path >= ? AND path < ?"
    return [key for (key,) in connection.execute(query, (start, end))]


def _child(path: RemotePath, key: bytes) -> RemotePath:
    skipped = len(path) + 1 if path else 0
    below = _path(key)
    return RemotePath(below[:skipped] + below[skipped:].partition("/")[0])


def _proof(path: RemotePath, listed_at: float, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(b"%r\0%b" % (listed_at, _key(path))))


def _crc(id_: str) -> int:
    return zlib.crc32(id_.encode("utf-8", "surrogatepass"))


def _key(path: RemotePath) -> bytes:
    return path.encode("utf-8", "surrogatepass")


def _path(key: bytes) -> RemotePath:
    return RemotePath(key.decode("utf-8", "surrogatepass"))
