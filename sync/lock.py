"""One run at a time for each pair of sides, one watcher for each, one keeper of schedules.

The kernel gives the lock back (``flock``) however a process ends, so that none is ever stale on
this machine. On a network disk it may not know of other machines; there the file's text tells.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mirrorfs.core.clock import Clock
from sync.errors import PairBusy, StateFailed

_LONGEST_TEXT = 4096
_DOING = "These two sides are being synchronised"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: a process of a machine, since when (seconds since the epoch)."""

    pid: int
    host: str
    since: float


@contextmanager
def locked(path: Path, clock: Clock, longest: float = 0.0, doing: str = _DOING) -> Iterator[None]:
    """Hold the lock that is the file ``path`` while inside; ``doing`` says what that is for.

    A lock that a run on another machine left is believed for ``longest`` seconds; 0 is for ever.

    Raises:
        PairBusy: another run holds it; the message names that run.
        StateFailed: the file cannot be made or written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateFailed(f"{path} cannot be made: {error.strerror}.") from error
    try:
        _take(opened, path, clock.now(), longest, doing)
        try:
            yield
        finally:
            os.ftruncate(opened, 0)
    finally:
        os.close(opened)


def _take(opened: int, path: Path, now: float, longest: float, doing: str) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _busy(doing, _holder(opened), "Wait for its end.") from None
    here = socket.gethostname()
    holder = _holder(opened)
    if holder and holder.host != here and (not longest or now - holder.since < longest):
        raise _busy(doing, holder, f"If it is over, remove {path}, or use --max-lock.")
    text = json.dumps(asdict(Holder(os.getpid(), here, now)))
    try:
        os.ftruncate(opened, 0)
        os.pwrite(opened, text.encode(), 0)
    except OSError as error:
        raise StateFailed(f"{path} cannot be written: {error.strerror}.") from error


def _holder(opened: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(opened, _LONGEST_TEXT, 0)))
    except (ValueError, TypeError):
        return None


def _busy(doing: str, holder: Holder | None, hint: str) -> PairBusy:
    who = f"process {holder.pid} on {holder.host}" if holder else "another process"
    return PairBusy(f"{doing} by {who}.", hint)
