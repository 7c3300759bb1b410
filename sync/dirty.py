"""Which paths a watcher has to look at: events settle, echoes drop out, many become their folder.

Pure: the time (seconds, of any clock that never goes back) and looks at the disk are handed in.
An event is a hint that something may have happened at a path, nothing more.
"""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, RemotePath

STILL = 2.0
"""Seconds for which size and time of a file must not change before it is looked at."""

LONGEST = 30.0
"""Seconds after which a path is given out even if it never rests."""

MANY = 512
MANY_IN_FOLDER = 128

JUNK = (
    ".DS_Store", "._*", ".AppleDouble", ".LSOverride", ".Spotlight-V100", ".TemporaryItems",
    ".Trashes", ".Trash-*", ".DocumentRevisions-V100", ".fseventsd", ".apdisk", "Thumbs.db",
    "Thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "$RECYCLE.BIN",
    "System Volume Information", "@eaDir", "#recycle", ".directory", ".goutputstream-*",
    ".~lock.*#", "~$*", ".*.sw?", ".*.swpx", ".nfs????????????????????????", ".fuse_hidden*",
    "*.crdownload", "*.part", "*.partial",
)  # fmt: skip
"""Names that nobody means to keep: notes of desktops, locks and drafts of editors, and files that
browsers are still fetching."""

_JUNK = re.compile("|".join(map(fnmatch.translate, JUNK)), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells two states of a path apart: bytes and nanoseconds, both 0 for a folder."""

    size: int = 0
    modified: int = 0
    is_folder: bool = False


Look = Callable[[RemotePath], Stamp | None]
"""Tells what is at a path now; ``None`` for nothing."""


@dataclass(slots=True)
class _Waiting:
    first: float
    still: float
    stamp: Stamp | None = None
    is_seen: bool = False


class Settling:
    """Paths that were touched and are not given out yet."""

    def __init__(self) -> None:
        self._waiting: dict[RemotePath, _Waiting] = {}

    def touch(self, path: RemotePath, now: float) -> None:
        """Take note that something may have happened at ``path``."""
        waiting = self._waiting.setdefault(path, _Waiting(now, now))
        waiting.is_seen = False

    def pick(self, now: float, look: Look) -> frozenset[RemotePath]:
        """Return, once, the paths that have been still for long enough or have waited too long."""
        ready = frozenset(
            path
            for path, waiting in self._waiting.items()
            if _is_still(waiting, path, now, look) or now - waiting.first >= LONGEST
        )
        for path in ready:
            del self._waiting[path]
        return ready

    @property
    def waiting(self) -> frozenset[RemotePath]:
        """The paths that are not given out yet; what is there may be half of a file."""
        return frozenset(self._waiting)


def changed(candidates: Iterable[RemotePath], look: Look, known: Look) -> frozenset[RemotePath]:
    """Return those where something else is than is known, so that own downloads have no echo.

    ``known`` tells what the last agreement left there.
    """
    return frozenset(path for path in candidates if look(path) != known(path))


def merged(dirty: Iterable[RemotePath]) -> frozenset[RemotePath]:
    """Return at most ``MANY`` paths that are, or are above, all of ``dirty``.

    A folder with more than ``MANY_IN_FOLDER`` stands for them; too many are the root. None of
    the result is below another.
    """
    found = set(dirty)
    crowded = {
        folder
        for folder, count in Counter(map(paths.parent, found)).items()
        if count > MANY_IN_FOLDER
    }
    found = _tops(found | crowded)
    return frozenset(found if len(found) <= MANY else {ROOT})


def is_junk(path: RemotePath) -> bool:
    """Say whether ``path`` is, or is inside of, what nobody means to keep."""
    return any(_JUNK.match(name) for name in path.split("/"))


def without_junk(entries: Mapping[RemotePath, Entry]) -> dict[RemotePath, Entry]:
    """Return those of a whole subtree that somebody may mean to keep."""
    junk = {path for path in entries if _JUNK.match(paths.name(path))}
    if not junk:
        return dict(entries)
    return {
        path: entry
        for path, entry in entries.items()
        if path not in junk and junk.isdisjoint(paths.ancestors(path))
    }


def _is_still(waiting: _Waiting, path: RemotePath, now: float, look: Look) -> bool:
    if not waiting.is_seen:
        waiting.is_seen, waiting.stamp, waiting.still = True, look(path), now
        return False
    if now - waiting.still < STILL:
        return False
    stamp = look(path)
    if stamp != waiting.stamp:
        waiting.stamp, waiting.still = stamp, now
        return False
    return True


def _tops(found: set[RemotePath]) -> set[RemotePath]:
    """Leave out what is below another."""
    return {
        path
        for path in found
        if path == ROOT or (ROOT not in found and found.isdisjoint(paths.ancestors(path)))
    }
