"""The trees that are measured: the same one in an emulated account and on disk."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.figure import CLOUDINARY

_PIECE = 1 << 20
_BATCH = 5000
_JPEG = bytes.fromhex("ffd8 ffc0000b080001000101011100 ffda0008010100003f00")
"""How a picture begins, which is what services look at when it is sent to them."""


@dataclass(frozen=True, slots=True)
class Album:
    """``folders`` folders with ``each`` files of ``size`` bytes.

    Without ``distinct`` all files hold the same bytes, which fills an account faster; it is
    for trees that are only walked.
    """

    folders: int
    each: int
    size: int
    distinct: bool = False
    kind: str = "image"

    @property
    def service(self) -> str:
        """The service whose emulator takes it."""
        return CLOUDINARY

    @property
    def files(self) -> int:
        """The number of files."""
        return self.folders * self.each

    @property
    def volume(self) -> int:
        """The bytes of all files."""
        return self.files * self.size

    def paths(self) -> Iterator[str]:
        """Yield each file's path."""
        extension = "mp4" if self.kind == "video" else "jpg"
        for n in range(self.files):
            yield f"album-{n // self.each:04}/IMG_{n % self.each:04}.{extension}"

    def orders(self) -> Iterator[tuple[str, Any]]:
        """Yield what the emulator's seed door takes, some thousand files at a time."""
        items = self._items()
        while batch := list(itertools.islice(items, _BATCH)):
            yield "seed", batch

    def write(self, folder: Path) -> Path:
        """Write the tree to disk and return ``folder``; files that are only walked stay sparse."""
        for n in range(self.folders):
            (folder / f"album-{n:04}").mkdir(parents=True)
        for path in self.paths():
            with (folder / path).open("wb") as stream:
                if self.distinct:
                    for left in range(self.size, 0, -_PIECE):
                        stream.write(os.urandom(min(left, _PIECE)))
                    if self.kind == "image":
                        stream.seek(0)
                        stream.write(_JPEG)
                else:
                    stream.truncate(self.size)
        os.sync()
        return folder

    def _items(self) -> Iterator[dict[str, Any]]:
        for n, path in enumerate(self.paths()):
            seed = str(n) if self.distinct else "same"
            yield {"path": path, "resource_type": self.kind, "size": self.size, "seed": seed}
