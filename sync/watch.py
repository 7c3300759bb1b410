"""Events of a folder of this machine, as hints: the one door to watchdog.

watchdog tells its handlers of what happened, never of what it missed. Three things are missed,
and each is found out here: the kernel's queue runs over (the reader of inotify sees that, and
is asked), a folder cannot be watched since a limit is reached (the same), and nobody takes the
hints for so long that there are too many. Then everything has to be looked at.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import unicodedata
import warnings
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)
from watchdog.observers.polling import PollingObserver

from mirrorfs import mountpoint
from mirrorfs.core import paths
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from sync.pending import Hints

_log = logging.getLogger(__name__)

ROOM = 100_000
"""Hints that may wait to be taken; with more, everything has to be looked at."""

POLL = 30.0
"""Seconds between two looks at a folder whose changes the kernel does not tell."""

_REMOTE = ("9p", "afs", "autofs", "ceph", "cifs", "coda", "fuse.", "glusterfs", "lustre", "ncp",
           "nfs", "prl_fs", "smb", "vboxsf", "virtiofs", "vmhgfs")  # fmt: skip
"""Beginnings of the types of file systems on which others may write unseen by this kernel."""

_TOLD: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]
_LIMITS = {
    errno.ENOSPC: "fs.inotify.max_user_watches",
    errno.EMFILE: "fs.inotify.max_user_instances",
    errno.ENOMEM: "fs.inotify.max_user_watches",
}


class Watch:
    """Watches all that is below ``root`` while inside.

    ``note`` says why the folder is looked at every ``poll`` seconds instead; empty where the
    kernel tells what happens. ``room`` is how many hints may wait.

    Raises:
        NotFound: there is no such folder.
    """

    def __init__(self, root: Path, *, room: int = ROOM, poll: float = POLL) -> None:
        self.root = Path(os.path.realpath(root))
        self.note = ""
        self._room = room
        self._poll = poll
        self._changed = threading.Condition()
        self._paths: set[RemotePath] = set()
        self._folders: set[RemotePath] = set()
        self._lost = False
        self._observer: BaseObserver | None = None

    def __enter__(self) -> Watch:
        if not self.root.is_dir():
            raise NotFound(f"{self.root} is not a folder.")
        kind = mountpoint.file_system_of(self.root)
        if kind.startswith(_REMOTE):
            self._look_often(f"The kernel does not tell what others change on {kind}.")
        else:
            self._listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def take(self, patience: float) -> Hints:
        """Return the hints since the last time; wait for the first for ``patience`` seconds."""
        self._mend()
        with self._changed:
            self._changed.wait_for(lambda: self._paths or self._folders or self._lost, patience)
            hints = Hints(frozenset(self._paths), frozenset(self._folders), self._lost)
            self._paths, self._folders = set(), set()
            self._lost = False
        self._fall_back()
        return hints

    def _listen(self) -> None:
        try:
            self._begin(_Listener(self._miss, self._limit))
        except OSError as error:
            if error.errno not in _LIMITS:
                raise NotFound(f"{self.root} cannot be watched: {error.strerror}.") from error
            self._limit(error)
            self._fall_back()

    def _begin(self, observer: BaseObserver) -> None:
        observer.schedule(_Handler(self._hear), str(self.root), recursive=True, event_filter=_TOLD)
        try:
            observer.start()
        except OSError:
            observer.stop()
            raise
        self._observer = observer

    def _hear(self, raw: str) -> None:
        path, is_whole = _relative(raw[len(str(self.root)) :].strip("/"))
        with self._changed:
            (self._paths if is_whole else self._folders).add(path)
            if len(self._paths) + len(self._folders) > self._room:
                self._paths, self._folders = set(), set()
                self._lost = True
            self._changed.notify()

    def _miss(self) -> None:
        with self._changed:
            self._lost = True
            self._changed.notify()

    def _limit(self, error: OSError) -> None:
        """Take note that a folder cannot be watched; the next :meth:`take` changes the way."""
        if self.note:
            return
        sysctl = _LIMITS[error.errno or errno.ENOSPC]
        self.note = (
            f"The kernel's limit {sysctl} is reached, so {self.root} is looked at every "
            f"{self._poll:g} seconds. Raise it: sudo sysctl {sysctl}={_twice(sysctl)}"
        )
        self._miss()

    def _mend(self) -> None:
        """Begin anew where the folder was removed, and another one of its name is there now."""
        observer = self._observer
        if observer is None or all(emitter.is_alive() for emitter in observer.emitters):
            return
        if self.root.is_dir():
            is_polled = isinstance(observer, PollingObserver)
            self._end()
            self._miss()
            if is_polled:
                self._look_often(self.note)
            else:
                self._listen()

    def _fall_back(self) -> None:
        if self.note and not isinstance(self._observer, PollingObserver):
            self._look_often(self.note)

    def _look_often(self, note: str) -> None:
        self._end()
        self.note = note
        _log.warning("%s", note)
        try:
            self._begin(PollingObserver(timeout=self._poll))
        except OSError as error:
            raise NotFound(f"{self.root} cannot be watched: {error.strerror}.") from error

    def _end(self) -> None:
        if self._observer and self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        self._observer = None


class _Handler(FileSystemEventHandler):
    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear

    def dispatch(self, event: FileSystemEvent) -> None:
        """Tell of both ends of a move, and of the one place of all else."""
        for path in (event.src_path, event.dest_path):
            if path:
                self._hear(os.fsdecode(path))


class _Reader(InotifyFD):
    """Reads what the kernel tells, and says what watchdog keeps to itself."""

    def __init__(self, miss: Callable[[], None], limit: Callable[[OSError], None]) -> None:
        super().__init__()
        self._miss = miss
        self._limit = limit

    def handle_event(self, event: InotifyEvent) -> None:
        if event.is_queue_overflow:
            _log.warning("More happened at once than the kernel's queue holds.")
        super().handle_event(event)
        if event.is_queue_overflow:
            self._miss()

    def add_callback(
        self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
    ) -> WatchDescriptor:
        try:
            with warnings.catch_warnings():  # a moved folder's watch goes with it: added again
                warnings.simplefilter("ignore", RuntimeWarning)
                return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            if error.errno in _LIMITS:
                self._limit(error)
            raise


class _Listener(BaseObserver):
    """Observes through a :class:`_Reader` of its own."""

    def __init__(self, miss: Callable[[], None], limit: Callable[[OSError], None]) -> None:
        self._reader = _Reader(miss, limit)
        self._reader.start()
        super().__init__(InotifyEmitter, inotify_fd=self._reader)

    def on_thread_stop(self) -> None:
        """Let go of all watches, then of the kernel's queue."""
        super().on_thread_stop()
        self._reader.stop()
        self._reader.join()


def _relative(raw: str) -> tuple[RemotePath, bool]:
    """Return the lawful path of ``raw``, or of the folder above its first name that is not."""
    path = ROOT
    for name in raw.split("/") if raw else ():
        if not _is_plain(name):
            return path, False
        path = paths.join(path, name)
    return path, True


def _is_plain(name: str) -> bool:
    """Say whether a name on the disk is its lawful name as well."""
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return False
    return paths.is_lawful(name) and unicodedata.normalize("NFC", name) == name


def _twice(sysctl: str) -> int:
    return 2 * int(Path("/proc/sys", *sysctl.split(".")).read_text())
