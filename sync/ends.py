"""The two sides of a run, opened: what they are called, and what can be done with them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Target
from sync.model import Side

_READABLE = 40


@runtime_checkable
class OnDisk(Protocol):
    """A target whose files are files of this machine."""

    def place(self, path: RemotePath) -> Path:
        """Return where ``path`` is on the disk.

        Raises:
            NotFound: there is nothing.
        """
        ...

    def status(self, entry: Entry) -> os.stat_result:
        """Return all that the file system says of a file.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        ...

    def opened(self, entry: Entry) -> AbstractContextManager[int]:
        """Hold a file open for reading, as a descriptor; the system's errors inside are told, too.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        ...

    def inode(self, entry: Entry) -> tuple[int, int]:
        """Return the device and the inode of a file, as they were when it was listed."""
        ...

    def touch(self, entry: Entry, modified: int) -> Entry:
        """Give a file another time, in nanoseconds since the epoch, and return it.

        Raises:
            Changed: the file is at another revision.
            NotFound: it is gone.
        """
        ...

    def sweep(self) -> int:
        """Remove what writers left that were killed; return how many files that was."""
        ...

    def sweep_beside(self, path: RemotePath) -> int:
        """Do the same in the folder of ``path`` alone; that may be missing."""
        ...


@dataclass(frozen=True, slots=True)
class End:
    """One side: its ``target`` is opened at the folder that is to be kept alike.

    ``label`` is what the user typed. ``key`` names account and folder as ``ACCOUNT:FOLDER``, the
    same for the same, however they were typed; of a folder of this machine it is ``local:`` and
    where that is.
    """

    target: Target
    label: str
    key: str

    @property
    def account(self) -> str:
        """The account, or the word for this machine."""
        return self.key.partition(":")[0]

    @property
    def folder(self) -> RemotePath:
        """The folder within the account."""
        return RemotePath(self.key.partition(":")[2].strip("/"))

    @property
    def disk(self) -> OnDisk | None:
        """The side as a folder of this machine, when it is one."""
        has_place = hasattr(self.target, "place")  # isinstance takes long, and many ask
        return cast("OnDisk", self.target) if has_place else None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides."""

    one: End
    two: End

    def of(self, side: Side) -> End:
        """Return the end of ``side``."""
        return self.one if side is Side.ONE else self.two

    def __iter__(self) -> Iterator[tuple[Side, End]]:
        return iter(((Side.ONE, self.one), (Side.TWO, self.two)))

    @property
    def keys(self) -> tuple[str, str]:
        """The keys of both sides."""
        return self.one.key, self.two.key

    @property
    def name(self) -> str:
        """The name of what is kept for these two sides, in whichever order they are given."""
        keys = sorted(self.keys)
        mark = hashlib.sha256("\n".join(keys).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        shown = (re.sub(r"[^A-Za-z0-9._-]+", "_", key)[-_READABLE:].strip("_.") for key in keys)
        return f"{'..'.join(shown)}-{mark}"
