"""What a watcher has heard of and not yet brought in line. Pure: the time is handed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mirrorfs.core.paths import ROOT, RemotePath
from sync.dirty import LONGEST, STILL, Look, Settling, changed, is_junk, merged
from sync.part import Part


@dataclass(frozen=True, slots=True)
class Hints:
    """Where something may have happened since the last time.

    ``folders`` are those in which something happened to what has no lawful name. ``lost`` says
    that this is not all.
    """

    paths: frozenset[RemotePath] = frozenset()
    folders: frozenset[RemotePath] = frozenset()
    lost: bool = False

    def __bool__(self) -> bool:
        return bool(self.paths or self.folders or self.lost)


class Pending:
    """Hints that settle, and paths that are to be brought in line: at first everything."""

    def __init__(self) -> None:
        self._settling = Settling()
        self._odd: set[RemotePath] = set()
        self._dirty: set[RemotePath] = set()
        self._is_whole = True
        self._lost_at: float | None = None
        self._heard_at = 0.0

    def __len__(self) -> int:
        return len(self._settling.waiting) + len(self._dirty)

    @property
    def is_settling(self) -> bool:
        """Say whether something is to be looked at again soon."""
        return bool(self._settling.waiting) or self._lost_at is not None

    @property
    def is_due(self) -> bool:
        """Say whether there is something to do."""
        return self._is_whole or bool(self._dirty)

    def hear(self, hints: Hints, now: float) -> None:
        """Take note of hints; where some were lost, everything is looked at once it is quiet."""
        if hints:
            self._heard_at = now
        if hints.lost and self._lost_at is None:
            self._lost_at = now
        for path in hints.paths | hints.folders:
            if not is_junk(path):
                self._settling.touch(path, now)
        self._odd |= hints.folders
        if self._lost_at is None:
            return
        if now - self._heard_at >= STILL or now - self._lost_at >= LONGEST:
            self._lost_at, self._is_whole = None, True

    def settle(self, now: float, look: Look, known: Look) -> None:
        """See what has settled and is not what is known."""
        ready = self._settling.pick(now, look)
        self._dirty |= ready & self._odd
        self._dirty |= changed(ready - self._odd, look, known)
        self._odd -= ready

    def add(self, dirty: Iterable[RemotePath] | None) -> None:
        """Have ``dirty`` brought in line as well; ``None`` is everything."""
        if dirty is None:
            self._is_whole = True
        else:
            self._dirty |= set(dirty)

    def take(self) -> Part:
        """Return all that is to be done; from now on it is not."""
        found = merged(self._dirty)
        is_whole = self._is_whole or ROOT in found
        self._dirty, self._is_whole = set(), False
        return Part(None if is_whole else found, self._settling.waiting)
