"""Files that are open: each handle holds on to the revision that was there when it was opened."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Corrupt
from mirrorfs.core.provider import Source
from mirrorfs.vfs.content import Content
from mirrorfs.vfs.outage import Outage
from mirrorfs.vfs.run import LONGEST_WINDOW, Run
from mirrorfs.vfs.shelf import MOST_IN_MEMORY, Shelf
from mirrorfs.vfs.supply import Supply

_STREAMS = 64
_PROOFS = 8
_HURRY = -5
"""As ``nice(1)`` counts."""


@dataclass(slots=True)
class _Shared:
    content: Content
    kept: ExitStack
    users: int = 0


class Reader:
    """Reads the files of one account, kept in ``store`` under keys that begin with ``name``.

    Thread-safe. ``source`` need not be reachable for what is kept already. Once ``stopped``
    is set nobody waits for it any more.
    """

    def __init__(self, source: Source, store: BlockStore, stopped: threading.Event) -> None:
        self._store = store
        self._stopped = stopped
        self._streams = ThreadPoolExecutor(_STREAMS, "stream", _give_way)
        self._proofs = ThreadPoolExecutor(_PROOFS, "proof", _go_first)
        self._supply = Supply(
            source,
            Shelf(store),
            self._streams,
            self._proofs,
            self._stopped,
            self._hold,
            self.give_back,
            self._tell_disproved,
            self._tell_outdated,
            Outage(),
        )
        self._contents: dict[str, _Shared] = {}
        self._handles = 0
        self._lock = threading.Lock()
        self._finished: list[Callable[[Entry], None]] = []
        self._disproved: list[Callable[[Entry], None]] = []
        self._outdated: list[Callable[[Entry], None]] = []

    def listen(self, listener: Callable[[Entry], None]) -> None:
        """Call ``listener`` whenever somebody has read a whole file."""
        self._finished.append(listener)

    def listen_for_disproofs(self, listener: Callable[[Entry], None]) -> None:
        """Call ``listener`` when bytes of a file that were read turned out to be wrong.

        It is called before anybody who waits for more of that file is told, and MUST be quick.
        """
        self._disproved.append(listener)

    def listen_for_outdated(self, listener: Callable[[Entry], None]) -> None:
        """Call ``listener`` when the service says of a file that it is gone, or another by now.

        Before who waits for it is told; it MUST be quick.
        """
        self._outdated.append(listener)

    def open(self, entry: Entry) -> Handle:
        """Open a file at the revision of ``entry``; asks nobody.

        From now on it is read where ``entry`` is, also for those who opened it before it moved.
        """
        content = self._take(entry)
        content.entry = entry
        content.prove()
        with self._lock:
            self._handles += 1
        return Handle(self, content, entry)

    def close_handle(self, key: str) -> None:
        """Let go of what :meth:`open` took."""
        with self._lock:
            self._handles -= 1
        self.give_back(key)

    def window(self) -> int:
        """Return how many blocks may be fetched in one go ahead of each handle.

        What a full disk refuses waits in memory alone, where all must find room until it is read.
        """
        if not self._supply.shelf.is_full:
            return LONGEST_WINDOW
        share = MOST_IN_MEMORY // max(self._handles, 1)
        return min(max(share // 2, 1), LONGEST_WINDOW)

    def fetch(self, entry: Entry) -> None:
        """Fetch a file of at most ``WHOLE`` bytes onto the disk, unless it is there.

        Raises:
            MirrorError: it could not be fetched.
        """
        with self.using(entry) as content:
            content.fetch()

    @contextmanager
    def using(self, entry: Entry) -> Iterator[Content]:
        """Hold the blocks of ``entry`` while inside."""
        content = self._take(entry)
        try:
            yield content
        finally:
            self.give_back(content.key)

    def finished(self, entry: Entry) -> None:
        """Tell the listeners that ``entry`` was read whole."""
        for listener in self._finished:
            listener(entry)

    def give_back(self, key: str) -> None:
        """Let go of a content that was taken or held."""
        with self._lock:
            shared = self._contents[key]
            shared.users -= 1
            if shared.users:
                return
            del self._contents[key]
            self._supply.shelf.let_go(key)
        shared.kept.close()

    def clear(self) -> None:
        """Drop all blocks, also from memory."""
        self._supply.shelf.clear()

    def close(self) -> None:
        """Stop all streams; nothing is fetched any more."""
        self._stopped.set()
        self._streams.shutdown(wait=False)
        self._proofs.shutdown(wait=False)

    def _tell_disproved(self, entry: Entry) -> None:
        for listener in self._disproved:
            listener(entry)

    def _tell_outdated(self, entry: Entry) -> None:
        for listener in self._outdated:
            listener(entry)

    def _hold(self, key: str) -> None:
        with self._lock:
            self._contents[key].users += 1

    def _take(self, entry: Entry) -> Content:
        key = key_of(entry)
        with self._lock:
            shared = self._contents.get(key)
            if shared is None:
                kept = ExitStack()
                kept.enter_context(self._store.reading(key))
                shared = _Shared(Content(entry, key, self._supply), kept)
                self._contents[key] = shared
            shared.users += 1
            return shared.content


def _give_way() -> None:
    """Have this thread, when bytes come for it, not interrupt one that hashes or answers."""
    with suppress(OSError):  # a sandbox may forbid it, a C library may not know it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _go_first() -> None:
    """Have this thread, for which all readers wait in the end, go first; only root may."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _HURRY)


def key_of(entry: Entry) -> str:
    """Return what the bytes of ``entry`` at its revision are kept under, once for all copies."""
    return f"{entry.content or entry.id}@{entry.revision}"


class Handle:
    """An open file. Thread-safe until :meth:`close`."""

    def __init__(self, reader: Reader, content: Content, entry: Entry) -> None:
        self.entry = entry
        """The file as it was when it was opened."""
        self._reader = reader
        self._content = content
        self._run = Run()
        self._unread = entry.size
        self._disproofs = content.disproofs
        self._lock = threading.Lock()

    @property
    def is_proven(self) -> bool:
        """Whether all bytes that were ever read of this file are known to be right."""
        return self._content.is_proven()

    @property
    def is_spoilt(self) -> bool:
        """Whether bytes that may have been read through this handle turned out to be wrong."""
        return self._content.disproofs != self._disproofs

    def read_into(self, offset: int, view: memoryview) -> int:
        """Read from ``offset`` into ``view``; return how many bytes, fewer only at the end.

        Raises:
            Changed: the service has another revision by now, and this was not kept.
            Corrupt: what was read before may have been wrong, now or earlier.
            MirrorError: what was not kept could not be fetched.
        """
        length = max(min(len(view), self.entry.size - offset), 0)
        if not length:
            return 0
        self._check()
        ahead = self._run.advance(offset, length, self._reader.window())
        begun = self._content.schedule(ahead, self._run) if ahead else {}
        self._content.read_into(offset, view[:length], begun)
        self._check()
        self._note(length)
        return length

    def read(self, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes from ``offset``; errors as in :meth:`read_into`."""
        buffer = bytearray(max(min(size, self.entry.size - offset), 0))
        self.read_into(offset, memoryview(buffer))
        return bytes(buffer)

    def close(self) -> None:
        """Let go; what was being read ahead for this handle alone stops."""
        self._run.end()
        self._reader.close_handle(self._content.key)

    def _check(self) -> None:
        if self.is_spoilt:
            raise Corrupt(f"{self.entry.path}: the bytes were found to be wrong; open it again.")

    def _note(self, length: int) -> None:
        with self._lock:
            unread, self._unread = self._unread, self._unread - length
        if 0 < unread <= length:
            self._reader.finished(self.entry)
