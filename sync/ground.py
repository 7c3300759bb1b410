"""The folder that is watched: whether it is there, and what is at a path of it.

A folder that vanished is not an empty one: a disk that is not mounted leaves an empty folder,
and nothing may be concluded from that.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mirrorfs.core.paths import RemotePath
from sync.dirty import Stamp

ODD = Stamp(-1)
"""What is neither a file nor a folder, or may not be looked at: it is left alone."""


class Ground:
    """A folder of this machine. ``note`` says what is wrong with it; empty when nothing is.

    ``identity`` is another one when another folder has taken its place.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self.note = ""
        self.identity = _identity(self.root)

    def is_there(self) -> bool:
        """Say whether it is the folder it was, or another one with something in it."""
        found = _identity(self.root)
        if found is None:
            self.note = f"{self.root} is gone; nothing is done until it is back."
        elif found != self.identity and not self.holds_something():
            self.note = (
                f"{self.root} is another, empty folder now (is its disk mounted?); "
                "nothing is done until it is back."
            )
        else:
            self.note, self.identity = "", found
        return not self.note

    def holds_something(self) -> bool:
        """Say whether anything is in it."""
        try:
            return any(self.root.iterdir())
        except OSError:
            return False

    def look(self, path: RemotePath) -> Stamp | None:
        """Return what is at ``path`` now, ``None`` for nothing."""
        try:
            found = (self.root / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return ODD
        if stat.S_ISDIR(found.st_mode):
            return Stamp(is_folder=True)
        if not stat.S_ISREG(found.st_mode):
            return ODD
        return Stamp(found.st_size, found.st_mtime_ns)


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        found = root.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
