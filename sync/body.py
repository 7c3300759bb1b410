"""A file on its way from one side to the other: counted, paced, proven."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator

from mirrorfs.core.digest import Digest, proven
from mirrorfs.core.entry import Entry
from sync.ends import End
from sync.pace import Spend


class Body:
    """Reads exactly the revision of ``entry``; what writes it sees an open binary file.

    It can be read again from its beginning. ``seekable`` says so only where that costs little,
    which is on a disk. ``spend`` says when bytes may go; ``watch`` is told of them as they do,
    below zero when it begins again.
    """

    def __init__(self, end: End, entry: Entry, spend: Spend, watch: Callable[[int], None]) -> None:
        self._end = end
        self._entry = entry
        self._spend = spend
        self._watch = watch
        self._hasher = hashlib.md5(usedforsecurity=False)
        self._pieces = self._open()
        self._rest = memoryview(b"")
        self._at = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes; empty at the end, when all of it is proven.

        Raises:
            Changed: the file is not at that revision any more.
            Corrupt: its bytes are not those of its checksum. Others as reading it.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        while size and not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            if self._entry.digest is None:
                self._hasher.update(piece)
            self._rest = memoryview(piece)
        given = bytes(self._rest[:size])
        self._rest = self._rest[size:]
        self._at += len(given)
        for part in self._spend(len(given)):
            self._watch(part)
        return given

    def seekable(self) -> bool:
        """Say whether it costs little to read it again."""
        return self._end.disk is not None

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go back to the beginning, or stay; it goes nowhere else.

        Raises:
            OSError: another place was asked for.
        """
        wanted = offset + (self._at if whence == io.SEEK_CUR else 0)
        if whence == io.SEEK_END or wanted not in {0, self._at}:
            raise OSError("A file on its way is only read again from its beginning.")
        if wanted != self._at:
            self._watch(-self._at)
            self._pieces, self._rest, self._at = self._open(), memoryview(b""), 0
            self._hasher = hashlib.md5(usedforsecurity=False)
        return self._at

    def finish(self) -> Digest:
        """Prove what was read, if its reader stopped at the last byte; return its checksum.

        That is the service's own where there is one, else MD5.
        """
        while self.read(1 << 20):
            pass
        return self._entry.digest or Digest("md5", self._hasher.hexdigest())

    def _open(self) -> Iterator[bytes]:
        pieces = self._end.target.read(self._entry)
        known = self._entry.digest if self._end.disk else None  # a service proves its own
        return proven(pieces, self._entry.size, known, self._entry.path)
