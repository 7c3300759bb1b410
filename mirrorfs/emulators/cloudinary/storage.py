"""What survives a restart: one SQLite file beside the blobs."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.cloudinary.asset import Asset, dump_asset, load_asset
from mirrorfs.emulators.cloudinary.folders import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS asset (asset_id TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folder (external_id TEXT PRIMARY KEY, path TEXT, created_at REAL);
CREATE TABLE IF NOT EXISTS definition (kind TEXT, name TEXT, body TEXT, PRIMARY KEY (kind, name));
"""


class Storage:
    """Writes every change at once; a crash of the machine may lose the last ones."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)

    def assets(self) -> Iterator[Asset]:
        """Give the assets of the last run."""
        for (body,) in self._base.execute("SELECT body FROM asset"):
            yield load_asset(body)

    def folders(self) -> Iterator[Folder]:
        """Give the folders of the last run, parents first."""
        rows = self._base.execute(
            "SELECT path, external_id, created_at FROM folder ORDER BY length(path)"
        )
        return (Folder(*row) for row in rows)

    def definitions(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Give (kind, name, content) of the last run."""
        for kind, name, body in self._base.execute("SELECT * FROM definition ORDER BY rowid"):
            yield kind, name, json.loads(body)

    def keep_asset(self, old: Asset | None, new: Asset | None) -> None:
        """Follow a change of the account."""
        if new:
            row = (new.asset_id, dump_asset(new))
            self._base.execute("INSERT OR REPLACE INTO asset VALUES (?, ?)", row)
        elif old:
            self._base.execute("DELETE FROM asset WHERE asset_id = ?", (old.asset_id,))

    def keep_folder(self, old: Folder | None, new: Folder | None) -> None:
        """Follow a change of the folder tree."""
        if new:
            row = (new.external_id, new.path, new.created_at)
            self._base.execute("INSERT OR REPLACE INTO folder VALUES (?, ?, ?)", row)
        elif old:
            self._base.execute("DELETE FROM folder WHERE external_id = ?", (old.external_id,))

    def keep_definition(self, kind: str, name: str, body: dict[str, Any] | None) -> None:
        """Follow a change of a definition."""
        if body is None:
            query = "DELETE FROM definition WHERE kind = ? AND name = ?"
            self._base.execute(query, (kind, name))
        else:
            row = (kind, name, json.dumps(body))
            self._base.execute("INSERT OR REPLACE INTO definition VALUES (?, ?, ?)", row)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Write everything within as one transaction."""
        self._base.execute("BEGIN")
        try:
            yield
        finally:
            self._base.execute("COMMIT")

    def close(self) -> None:
        """Release the file."""
        self._base.close()
