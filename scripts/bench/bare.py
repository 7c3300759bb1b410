"""A file system that does nothing of its own: ``python -m scripts.bench.bare FOLDER MOUNTPOINT``.

It shows FOLDER through the same library as ours. What the kernel holds of its files is read
without asking it, so that speed is what FUSE allows on this machine, to anybody.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import mfusepy

_HOUR = 3600


class Bare(mfusepy.Operations):  # type: ignore[misc]  # mfusepy has no types
    """The folder ``root``, read-only."""

    use_ns = True

    def __init__(self, root: Path) -> None:
        self._root = root

    def getattr(self, path: str, _handle: int | None = None) -> dict[str, int]:
        """Return the fields of ``stat``."""
        found = self._there(path).stat()
        fields = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid")
        return {name: getattr(found, name) for name in fields}

    def readdir(self, path: str, _handle: int) -> list[str]:
        """Return the names in a folder."""
        return [".", "..", *(one.name for one in self._there(path).iterdir())]

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        return os.open(self._there(path), flags)

    def read(self, _path: str, size: int, offset: int, handle: int) -> bytes:
        """Return a part of a file."""
        return os.pread(handle, size, offset)

    def release(self, _path: str, handle: int) -> int:
        """Close a file."""
        os.close(handle)
        return 0

    def _there(self, path: str) -> Path:
        return self._root / path.lstrip("/")


def main(root: str, mountpoint: str, *_: str) -> None:
    """Mount until it is unmounted; pages and attributes stay with the kernel."""
    kept = {"kernel_cache": True, "attr_timeout": _HOUR, "entry_timeout": _HOUR}
    mfusepy.FUSE(Bare(Path(root)), mountpoint, foreground=True, ro=True, **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
