"""The tree of one remote as it was last listed, on disk, so that it survives restarts.

One row a folder: its entries as text (:mod:`mirrorfs.cache.rows`), and the CRC-32 of each
entry's id, which finds an id among 100 000 in 10 ms without a table of them. What is read back
is sealed (:mod:`mirrorfs.cache.seal`), since SQLite itself does not notice a flipped bit.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from mirrorfs.cache import rows, seal
from mirrorfs.cache.database import Database, NotKept
from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot

_log = logging.getLogger(__name__)
_VERSION = 4
_SCHEMA = """
    CREATE TABLE folders (
        path BLOB PRIMARY KEY, listed_at REAL, files INTEGER, folders INTEGER, bytes INTEGER,
        ids BLOB, rows BLOB
    );
    CREATE TABLE tree (id INTEGER PRIMARY KEY CHECK (id = 0), state BLOB);
"""
_INSERT = "INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?)"
_ADVANCE = "INSERT OR REPLACE INTO tree VALUES (0, ?)"


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
            "SELECT listed_at, rows FROM folders WHERE path = ? AND rows NOT NULL", (_key(path),)
        )
        if not found:
            return None
        listed_at, sealed = found[0]
        data = seal.opened(sealed, _key(path), listed_at)
        if data is None:
            self._unlist(_key(path))
            return None
        return Listing(rows.decode(path, data), listed_at)

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
            write.execute(_ADVANCE, (_state(snapshot.cursor, listed_at),))

    def replace_folder(self, path: RemotePath, entries: Sequence[Entry], listed_at: float) -> None:
        """Let ``entries`` be all that is in ``path``.

        A sub-folder that vanished goes with all below it; a new one is unlisted.
        """
        children = {_key(entry.path) for entry in entries if entry.is_folder}
        with self._database.transaction() as write:
            gone = [(key,) for child, key in _below(write, _key(path)) if child not in children]
            write.executemany("DELETE FROM folders WHERE path = ?", gone)
            new = [(child,) for child in children]
            write.executemany("INSERT OR IGNORE INTO folders (path) VALUES (?)", new)
            write.execute(_INSERT, _record(path, entries, listed_at))

    def together(self) -> AbstractContextManager[object]:
        """Write what is written inside as a whole, or not at all.

        Raises:
            NotKept: the disk would not take it.
        """
        return self._database.transaction()

    def folders_of(self, ids: Iterable[str]) -> dict[str, RemotePath]:
        """Return id → the folder it is in, for those of ``ids`` that are in the tree."""
        wanted = set(ids)
        sought = {_crc(id_) for id_ in wanted}
        found: dict[str, RemotePath] = {}
        query = "SELECT path, ids FROM folders WHERE ids NOT NULL"
        for key, sealed in self._database.read(query):
            known = seal.opened(sealed, key)
            if known is None:
                self._unlist(key)
            elif not sought.isdisjoint(array("I", known)):
                path = RemotePath(key.decode("utf-8", "surrogatepass"))
                listing = self.folder(path)
                inside = listing.entries.values() if listing else ()
                found.update({entry.id: path for entry in inside if entry.id in wanted})
        return found

    def state(self) -> TreeState:
        """Sum up what is known."""
        tree = self._database.read("SELECT state FROM tree")
        state = seal.opened(tree[0][0], b"tree") if tree else None
        cursor, listed_at = json.loads(state) if state else ("", 0.0)
        sums = self._database.read(
            "SELECT TOTAL(files), TOTAL(folders), TOTAL(bytes),"
            " COUNT(*) = COUNT(files) AND TOTAL(path = x'') = 1 FROM folders"
        )
        files, folders, size, complete = sums[0] if sums else (0, 0, 0, 0)
        return TreeState(cursor, listed_at, bool(complete), int(files), int(folders), int(size))

    def advance(self, cursor: str, looked_at: float) -> None:
        """Note that the tree is as it was at ``looked_at``, its changes going on at ``cursor``."""
        with self._database.transaction() as write:
            write.execute(_ADVANCE, (_state(cursor, looked_at),))

    def clear(self) -> None:
        """Forget the whole tree."""
        with self._database.transaction() as write:
            write.execute("DELETE FROM folders")
            write.execute("DELETE FROM tree")

    def close(self) -> None:
        """Give the file back; the store is not used afterwards."""
        self._database.close()

    def _unlist(self, key: object) -> None:
        _log.warning("The listing of %r was damaged; it is unknown from now on.", key)
        with contextlib.suppress(NotKept), self._database.transaction() as write:
            write.execute("DELETE FROM folders WHERE path = ?", (key,))
            write.execute("INSERT INTO folders (path) VALUES (?)", (key,))


def _record(path: RemotePath, entries: Sequence[Entry], listed_at: float) -> tuple[object, ...]:
    ordered = sorted(entries, key=lambda entry: entry.path)
    data = rows.encode(ordered)
    folders = sum(entry.is_folder for entry in ordered)
    ids = array("I", (_crc(entry.id) for entry in ordered))
    return (
        _key(path),
        listed_at,
        len(ordered) - folders,
        folders,
        sum(entry.size for entry in ordered),
        seal.sealed(ids.tobytes(), _key(path)),
        seal.sealed(data, _key(path), listed_at),
    )


def _below(write: sqlite3.Connection, folder: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each folder known below ``folder``, after the child of ``folder`` that it is in."""
    first = folder + b"/" if folder else b""
    query = "SELECT CAST(path AS BLOB) FROM folders WHERE path > ? AND path < ?"
    past = folder + b"0" if folder else b"\xff"
    for (key,) in write.execute(query, (first, past)).fetchall():
        yield first + key[len(first) :].partition(b"/")[0], key


def _state(cursor: str, listed_at: float) -> bytes:
    return seal.sealed(json.dumps([cursor, listed_at]).encode("ascii"), b"tree")


def _crc(id_: str) -> int:
    return zlib.crc32(id_.encode("utf-8", "surrogatepass"))


def _key(path: RemotePath) -> bytes:
    return path.encode("utf-8", "surrogatepass")
