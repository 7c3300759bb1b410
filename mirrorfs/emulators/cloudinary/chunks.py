"""Uploads in pieces.

Each piece is an upload request with ``X-Unique-Upload-Id`` and ``Content-Range: bytes a-b/total``;
all but the last must be larger than 5 MB, the first comes first and the last one last
(https://cloudinary.com/documentation/upload_images#chunked_asset_upload). A total of ``-1`` means
not known yet.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from mirrorfs.emulators.cloudinary.errors import bad_request

if TYPE_CHECKING:
    from pathlib import Path

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(-?\d+)")
_SMALLEST = 5_000_000


@dataclass(frozen=True)
class Piece:
    """Which bytes of a whole a request carries: ``[start, stop)`` of ``total`` (-1 if unknown)."""

    start: int
    stop: int
    total: int

    @property
    def is_last(self) -> bool:
        """Whether the upload ends with this piece."""
        return self.stop == self.total


def parse_piece(text: str, size: int) -> Piece:
    """Read a Content-Range; 400 when it is none or does not fit the piece's size in bytes."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise bad_request(f"Invalid Content-Range header: {text}")
    piece = Piece(int(match[1]), int(match[2]) + 1, int(match[3]))
    if piece.stop - piece.start != size or piece.total not in range(-1, 1 << 50):
        raise bad_request(f"Invalid Content-Range header: {text} for {size} bytes")
    if not piece.is_last and size < _SMALLEST:
        raise bad_request("All parts except EOF-chunk must be larger than 5mb")
    return piece


class Chunks:
    """Half-finished uploads, each a sparse file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._received: dict[str, dict[int, int]] = {}

    def add(self, upload_id: str, piece: Piece, body: IO[bytes]) -> int:
        """Write a piece in its place; give the number of bytes received so far.

        A piece sent again replaces the first one.
        """
        path = self.path(upload_id)
        if piece.start == 0:
            self._received[upload_id] = {}
            path.unlink(missing_ok=True)
        elif upload_id not in self._received:
            raise bad_request(f"Upload {upload_id} must start with its first chunk")
        path.touch()
        with path.open("r+b") as target:
            target.seek(piece.start)
            body.seek(0)
            shutil.copyfileobj(body, target, 1 << 20)
        self._received[upload_id][piece.start] = piece.stop - piece.start
        return sum(self._received[upload_id].values())

    def path(self, upload_id: str) -> Path:
        """Name the file that collects an upload."""
        return self._folder / hashlib.sha256(upload_id.encode()).hexdigest()

    def finish(self, upload_id: str, total: int) -> Path:
        """Give the complete file, now the caller's; 400 when bytes are missing."""
        received = sum(self._received.pop(upload_id, {}).values())
        if received != total:
            self.path(upload_id).unlink(missing_ok=True)
            raise bad_request(f"Chunks are missing: got {received} of {total} bytes")
        return self.path(upload_id)
