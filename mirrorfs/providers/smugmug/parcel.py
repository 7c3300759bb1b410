"""A body made ready to be sent: its MD5 is known before, and it can be sent again.

A body that can seek is read twice, once for its MD5. Any other is kept in a temporary file, which
has no name. Neither is ever in memory as a whole.
"""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from mirrorfs.core.errors import Corrupt
from mirrorfs.core.provider import Readable
from mirrorfs.providers.smugmug.rules import HEAD

PIECE = 1 << 20
"""Bytes read at a time."""


class Parcel:
    """``size`` bytes of ``body`` from where it stands; ``what`` names them in messages.

    Look at ``head``, then :meth:`seal` it, then :meth:`open` it as often as it is sent, and
    :meth:`close` it.
    """

    def __init__(self, body: Readable, size: int, what: str) -> None:
        self.size = size
        self.head = b""
        self._what = what
        self._body = body
        self._hasher = hashlib.md5(usedforsecurity=False)
        while len(self.head) < HEAD and (piece := body.read(HEAD - len(self.head))):
            self.head += piece
        self._file: BinaryIO | None = None
        self._start = 0

    @property
    def md5(self) -> str:
        """The MD5 in hexadecimal, as the service tells it; of a sealed parcel only."""
        return self._hasher.hexdigest()

    @property
    def content_md5(self) -> str:
        """The MD5 as the header Content-MD5 has it (RFC 1864)."""
        return base64.b64encode(self._hasher.digest()).decode()

    def seal(self) -> None:
        """Read the body to its end, the first time it is called.

        Raises:
            Corrupt: it is shorter or longer than promised.
        """
        if self._file is not None:
            return
        if _can_seek(self._body):
            self._file = cast("BinaryIO", self._body)
            self._start = self._file.tell() - len(self.head)
            kept = None
        else:
            self._file = kept = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - see close
        seen = 0
        for piece in self._pieces():
            seen += len(piece)
            if seen > self.size:
                break
            self._hasher.update(piece)
            if kept:
                kept.write(piece)
        if seen != self.size:
            raise self.damage()

    def open(self) -> Stream:
        """Return the bytes from the beginning; an earlier stream is not used any more."""
        if self._file is None:
            raise AssertionError("the parcel is not sealed")
        self._file.seek(self._start)
        return Stream(self, self._file)

    def close(self) -> None:
        """Give the temporary file back."""
        if self._file is not None and self._file is not self._body:
            self._file.close()

    def damage(self) -> Corrupt:
        """Return the error for a body that is not what it should be."""
        return Corrupt(f"{self._what} is not {self.size} bytes long, as was promised.")

    def _pieces(self) -> Iterator[bytes]:
        yield self.head
        while piece := self._body.read(PIECE):
            yield piece


class Stream:
    """A parcel being sent: exactly as many bytes as were promised, or an error."""

    def __init__(self, parcel: Parcel, file: BinaryIO) -> None:
        self._parcel = parcel
        self._file = file
        self._left = parcel.size

    def __len__(self) -> int:
        return self._parcel.size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(PIECE):
            yield piece

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes.

        Raises:
            Corrupt: the file was cut since the parcel was sealed.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        piece = self._file.read(wanted)
        if wanted and not piece:
            raise self._parcel.damage()
        self._left -= len(piece)
        return piece


def _can_seek(body: object) -> bool:
    seekable = getattr(body, "seekable", None)
    return bool(seekable and seekable() and hasattr(body, "tell"))
