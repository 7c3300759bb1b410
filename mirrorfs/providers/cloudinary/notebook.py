"""Notes of our own writes that all processes of this machine share, as JSON Lines in a file.

It only bridges the seconds in which a search lags behind: a file that cannot be read or written
is as good as none, and one that nobody wrote to for long is begun anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_MOST_BYTES = 4 << 20


class Notebook:
    """The file ``path``, readable by its user alone. One thread at a time MUST use it.

    Each note has the moment ``until`` (epoch seconds) up to which it counts. Nothing is at
    ``path``, nor above it, before the first note.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0

    def add(self, note: Mapping[str, Any], now: float) -> None:
        """Write one note."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            with os.fdopen(os.open(self._path, flags, 0o600), "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if file.seek(0, os.SEEK_END) > _MOST_BYTES:
                    file.seek(0)
                    kept = b"".join(line for line, _ in _lines(file.readall(), now))
                    file.truncate(0)
                    file.write(kept)
                file.write(json.dumps(note, separators=(",", ":")).encode() + b"\n")

    def news(self, now: float) -> list[dict[str, Any]]:
        """Return the notes that count and were not returned before, the eldest first."""
        try:
            with self._path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                size = file.seek(0, os.SEEK_END)
                file.seek(self._seen if self._seen <= size else 0)
                text = file.read()
                self._seen = size
        except OSError:
            return []
        return [note for _, note in _lines(text, now)]


def _lines(text: bytes, now: float) -> Iterator[tuple[bytes, dict[str, Any]]]:
    """Yield each line whose note still counts, and the note; what is damaged is left out."""
    for line in text.splitlines(keepends=True):
        with contextlib.suppress(ValueError, TypeError, KeyError):
            note = json.loads(line)
            if float(note["until"]) > now:
                yield line, note
