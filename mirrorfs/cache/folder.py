"""The cache folder and its one owner."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType

from mirrorfs.core import paths
from mirrorfs.core.errors import CacheBusy, Misuse, MountFailed

_HINT = "Name another one with --cache-dir."
_TROUBLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""A disk that is full or failing, which whoever named the folder could not know."""


class CacheFolder:
    """A folder for this user's eyes only (mode 0700), owned while inside ``with``.

    The owner holds a lock (``flock``) on the file ``lock``, which names its process. The
    kernel gives the lock back however a process ends, so none is ever stale.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = -1

    def __enter__(self) -> CacheFolder:
        """Make the folder where there is none, and own it.

        Raises:
            CacheBusy: another process owns it; the message names that process.
            MountFailed: its disk is full or fails; that may pass.
            Misuse: the folder cannot be made or written for another reason.
        """
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.chmod(0o700)
            self._lock = os.open(self._path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            self._own()
            self.blocks_path.mkdir(mode=0o700, exist_ok=True)
            (self._path / "listings").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            self._release()
            why = error.strerror or str(error)
            if error.errno in _TROUBLE:
                raise MountFailed(
                    f"The disk of the cache folder {self._path} takes nothing: {why}.",
                    "Make room there or mend it, or name another one with --cache-dir.",
                ) from error
            raise Misuse(f"The cache folder {self._path} cannot be used: {why}.", _HINT) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the folder back."""
        os.ftruncate(self._lock, 0)
        self._release()

    @property
    def blocks_path(self) -> Path:
        """Where the :class:`~mirrorfs.cache.blocks.BlockStore` lives."""
        return self._path / "blocks"

    def listings_path(self, remote_key: str) -> Path:
        """Return the file of one remote's :class:`~mirrorfs.cache.listings.ListingStore`.

        Raises:
            Misuse: ``remote_key`` cannot be a file's name.
        """
        file = f"{remote_key}.sqlite"
        if not remote_key or not paths.is_lawful(file):
            raise Misuse(f"{remote_key!r} cannot name a remote.")
        return self._path / "listings" / file

    def _own(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(self._lock, 32, 0).decode("ascii", "replace").strip()
            self._release()
            who = f"process {owner}" if owner else "another process"
            raise CacheBusy(f"The cache folder {self._path} is in use by {who}.", _HINT) from error
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _release(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
