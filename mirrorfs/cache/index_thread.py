"""The one thread that owns the index, and what it does when the index is damaged.

A SQLite connection belongs to a thread, and opening one takes 0.3 ms. The threads in which
libfuse calls are new to Python on every call, so each of them would open one; a hop to the
owner takes a fifth of that. One owner also means that no lock is ever waited for.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from mirrorfs.cache.damage import is_damage
from mirrorfs.cache.files import BlockFiles
from mirrorfs.cache.index import DATABASE, FAILURES, Index

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_IN_USE = "in-use"


class IndexThread:
    """The index of the blocks in ``folder`` for any number of threads.

    A damaged index is set aside (``cache.db.damaged``) and begun anew, without its blocks.
    A disk that is full or failing costs answers, never an exception.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = BlockFiles(folder)
        self._index: Index | None = None
        self._troubled = False
        self._thread = ThreadPoolExecutor(1, "mirrorfs-blocks")
        self._thread.submit(self._open).result()

    @property
    def kept(self) -> int:
        """The room, in bytes, that all blocks take."""
        index = self._index
        return index.kept if index else 0

    def ask(self, work: Callable[[Index], _T], *, otherwise: _T) -> _T:
        """Return ``work(index)``, done by the owner; ``otherwise`` when that cannot be."""
        try:
            answer = self._thread.submit(self._do, work, otherwise)
        except RuntimeError:  # closed: it takes no more work
            return otherwise
        return answer.result()

    def tell(self, work: Callable[[Index], None]) -> None:
        """Have ``work(index)`` done some time soon."""
        with contextlib.suppress(RuntimeError):
            self._thread.submit(self._do, work, None)

    def close(self) -> None:
        """Finish what was asked for and close the index; answers are ``otherwise`` from now."""
        with contextlib.suppress(RuntimeError):
            self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _do(self, work: Callable[[Index], _T], otherwise: _T) -> _T:
        if self._index is None:
            return otherwise
        try:
            return work(self._index)
        except FAILURES as error:
            self._face(error)
            return otherwise

    def _open(self) -> None:
        mark = self._folder / _IN_USE
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            was_killed = mark.exists()
            mark.touch()
            self._index = Index(self._folder)
            if was_killed:
                self._files.sweep(self._index.places())
        except FAILURES as error:
            self._face(error)

    def _face(self, error: Exception) -> None:
        if is_damage(error):
            self._renew(error)
        elif not self._troubled:
            self._troubled = True
            _log.warning("The cache's index fails: %s", error)

    def _renew(self, why: Exception) -> None:
        _log.warning("The cache's index is damaged (%s); it is set aside, a new one begun.", why)
        if self._index:
            self._index.close()
            self._index = None
        database = self._folder / DATABASE
        try:
            for log in ("-wal", "-shm"):
                database.with_name(DATABASE + log).unlink(missing_ok=True)
            if database.exists():
                database.replace(database.with_name(f"{DATABASE}.damaged"))
            self._files.sweep(())
            self._index = Index(self._folder)
        except FAILURES as error:
            _log.warning("The cache keeps no more blocks: %s", error)

    def _close(self) -> None:
        if self._index:
            self._index.close()
            self._index = None
            (self._folder / _IN_USE).unlink(missing_ok=True)
