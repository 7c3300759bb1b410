"""Where bytes are kept: one file per blob, or bytes generated on demand from a seed."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO
    from pathlib import Path

CHUNK = 1 << 20
_UNIT = 1 << 16


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored bytes: a file of the blob folder, or ``size`` bytes generated from ``seed``."""

    size: int
    name: str = ""
    seed: str = ""


class Blobs:
    """A folder of immutable files, read by ranges."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, body: bytes) -> Blob:
        """Keep a small body."""
        blob, path = self._new(len(body))
        path.write_bytes(body)
        return blob

    def adopt(self, source: IO[bytes], size: int) -> Blob:
        """Copy ``size`` bytes from an open file."""
        blob, path = self._new(size)
        source.seek(0)
        with path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        return blob

    def path(self, blob: Blob) -> Path:
        """Name the file that holds a stored blob."""
        return self._folder / blob.name[:2] / blob.name

    def read(self, blob: Blob, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes of ``[start, stop)`` in chunks of at most 1 MiB.

        The file is open once this returns: deleting the blob no longer matters.
        """
        stop = blob.size if stop is None else stop
        if not blob.name:
            return _generate(blob.seed, start, stop)
        return _read(self.path(blob).open("rb", buffering=0), start, stop)

    def whole(self, blob: Blob) -> bytes:
        """Give all bytes of a blob known to fit in memory (a picture to transform)."""
        return b"".join(self.read(blob))

    def digest(self, blob: Blob) -> str:
        """Compute the MD5 of a blob in hexadecimal."""
        md5 = hashlib.md5(usedforsecurity=False)
        for chunk in self.read(blob):
            md5.update(chunk)
        return md5.hexdigest()

    def remove(self, blob: Blob) -> None:
        """Delete a stored blob; readers that have it open keep reading."""
        if blob.name:
            self.path(blob).unlink(missing_ok=True)

    def _new(self, size: int) -> tuple[Blob, Path]:
        blob = Blob(size, uuid.uuid4().hex)
        path = self.path(blob)
        path.parent.mkdir(exist_ok=True)
        return blob, path


def _read(file: FileIO, start: int, stop: int) -> Iterator[bytes]:
    with file:
        while start < stop:
            chunk = os.pread(file.fileno(), min(CHUNK, stop - start), start)
            if not chunk:
                return
            start += len(chunk)
            yield chunk


def _generate(seed: str, start: int, stop: int) -> Iterator[bytes]:
    """Give bytes of an endless stream: a pseudo-random unit, numbered every 64 KiB."""
    unit = hashlib.shake_128(seed.encode()).digest(_UNIT - 8)
    while start < stop:
        first = start // _UNIT
        last = min((stop - 1) // _UNIT, first + CHUNK // _UNIT - 1)
        block = b"".join(number.to_bytes(8, "big") + unit for number in range(first, last + 1))
        piece = block[start - first * _UNIT : stop - first * _UNIT]
        yield piece
        start += len(piece)
