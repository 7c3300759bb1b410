"""What was removed or replaced is kept here for a while: dated folders in the state folder.

A run's folder holds ``one`` and ``two`` with the files of each side at their own paths, and
``run.json``, which says whose they are. A file of this machine gets a second name here (a hard
link) or, from another disk, a copy that is flushed and proven. A remote file is downloaded and
proven before it is removed: no service's own backups are relied on.

Nothing here is ever replaced, and nothing is restored over what is there.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import math
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from mirrorfs.core import paths
from mirrorfs.core.digest import proven
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, Misuse
from mirrorfs.core.paths import RemotePath, parse
from mirrorfs.core.provider import Target
from sync.ends import End, Pair
from sync.keeping import Kept, NotKept
from sync.model import Side
from sync.single import Single

KEPT_DAYS = 30.0
_DAY = 86400.0
_FOLDERS = {Side.ONE: "one", Side.TWO: "two"}
_NOTE = "run.json"
PART = ".mirrorsync-part"
_WAYS_OUT = "Make room, name a --backup-dir, or say --no-trash."
_STAMP = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose files a dated folder holds: the keys of both sides and what the user called them.

    ``alone`` says of each whether it was a single file. For so many ``days`` they are kept.
    """

    keys: tuple[str, str]
    labels: tuple[str, str]
    alone: tuple[bool, bool]
    days: float


@dataclass(frozen=True, slots=True)
class Item:
    """A file in the trash: where it is now (``place``) and what it was."""

    place: Path
    run: str
    side: Side
    path: RemotePath
    origin: Origin
    size: int
    modified: int

    @property
    def key(self) -> str:
        """The key of its side."""
        return self.origin.keys[self.side is Side.TWO]

    @property
    def label(self) -> str:
        """What the user called its side."""
        return self.origin.labels[self.side is Side.TWO]

    @property
    def is_alone(self) -> bool:
        """Say whether its side was this file alone, so that the key is that of the file."""
        return self.origin.alone[self.side is Side.TWO]


class Trash:
    """The trash of one run; its folder is made with the first file. Safe for several threads.

    It is kept for ``days``. ``largest`` is the size in bytes above which a file is not copied
    here (hard links cost no room, and are not asked).
    """

    def __init__(
        self,
        folder: Path,
        pair: Pair,
        began: float,
        *,
        days: float = KEPT_DAYS,
        largest: int | None = None,
    ) -> None:
        stamp = datetime.datetime.fromtimestamp(began, datetime.UTC).strftime(_STAMP)
        self.folder = folder / f"{stamp}-{secrets.token_hex(3)}"
        self._origin = _origin(pair, days)
        self._pair = pair
        self._largest = largest
        self._lock = threading.Lock()

    def keep(self, side: Side, entry: Entry) -> Kept:
        """Keep a file that is about to be removed or replaced.

        Raises:
            Changed: it is not at that revision any more.
            NotFound: it is gone.
            NotKept: it cannot be kept here, so it MUST NOT be removed.
        """
        end = self._pair.of(side)
        try:
            self._begin()
            place = _free(self.folder / _FOLDERS[side] / entry.path)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if end.disk is None or not _link(end.disk.place(entry.path), place, entry):
                self._check_size(entry)
                self._fetch(end, entry, place)
        except OSError as error:
            raise NotKept(
                f"{entry.path} cannot be kept in the trash: {error.strerror or error}.", _WAYS_OUT
            ) from error
        return Kept(str(place), undo=lambda: place.unlink(missing_ok=True))

    def _check_size(self, entry: Entry) -> None:
        if self._largest is not None and entry.size > self._largest:
            raise NotKept(f"{entry.path} is too large for the trash.", _WAYS_OUT)

    def _begin(self) -> None:
        note = self.folder / _NOTE
        with self._lock:
            if note.exists():
                return
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._whole(note) as file:
                file.write(json.dumps(asdict(self._origin)).encode())

    def _fetch(self, end: End, entry: Entry, place: Path) -> None:
        with self._whole(place, entry.modified) as file:
            body = end.target.read(entry)
            for piece in proven(body, entry.size, entry.digest, entry.path):
                file.write(piece)

    @contextlib.contextmanager
    def _whole(self, place: Path, modified: int | None = None) -> Iterator[BinaryIO]:
        """Yield a file to write; it is at ``place`` when all of it is on the disk, else nowhere.

        Meanwhile it is beside the folders of both sides, where no name is a user's.
        """
        part = self.folder / f"{secrets.token_hex(8)}{PART}"
        try:
            with part.open("xb") as file:
                with contextlib.suppress(OSError):  # a file system without locks
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                yield file
                file.flush()
                os.fsync(file.fileno())
            if modified is not None:
                os.utime(part, ns=(modified, modified))
            part.rename(place)
        finally:
            part.unlink(missing_ok=True)


def items(folder: Path) -> list[Item]:
    """Return all that is in the trash, the eldest first; what is not understood is left out."""
    return [item for run, origin in _runs(folder) for item in _items_of(run, origin)]


def sweep(folder: Path) -> None:
    """Remove what runs that were killed left unfinished; whoever is alive holds a lock on his."""
    for part in folder.glob(f"*/*{PART}"):
        with contextlib.suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def restore(item: Item, target: Target) -> Entry:
    """Put a file back where it was, on ``target``, which is its side; it stays in the trash.

    Raises:
        AlreadyExists: something is there now. Others as writing it.
    """
    with item.place.open("rb") as body:
        return target.write(item.path, body, size=item.size, modified=item.modified)


def empty(folder: Path, before: float | None = None) -> int:
    """Remove what was put here before that moment (epoch seconds; ``None``: all).

    Return how many bytes that was. What cannot be removed stays for another time.
    """
    return _remove(run for run, began in _dated(folder) if before is None or began < before)


def expire(folder: Path, now: float) -> None:
    """Remove what was put here longer ago than it is to be kept; each run said that of its own.

    Where that cannot be read any more, what is there stays until somebody empties the trash.
    """
    _remove(run for run, began in _dated(folder) if began < now - _days(run) * _DAY)


def _remove(runs: Iterable[Path]) -> int:
    freed = 0
    for run in runs:
        with contextlib.suppress(OSError):
            size = sum(one.lstat().st_size for one in run.rglob("*") if one.is_file())
            shutil.rmtree(run)
            freed += size
    return freed


def check_outside(folder: Path, ends: Iterable[End]) -> None:
    """Check that the state folder is not within a side.

    Raises:
        Misuse: it is; what is kept there would be synchronised.
    """
    for end in ends:
        if end.disk and folder.resolve().is_relative_to(end.disk.place(paths.ROOT).resolve()):
            raise Misuse(f"The state folder {folder} lies within {end.label}.", "Use --workdir.")


def _origin(pair: Pair, days: float) -> Origin:
    one, two = pair.one, pair.two
    alone = (isinstance(one.target, Single), isinstance(two.target, Single))
    return Origin((one.key, two.key), (one.label, two.label), alone, days)


def _runs(folder: Path) -> Iterator[tuple[Path, Origin]]:
    """Yield the dated folders, the eldest first; what is not understood is left out."""
    for run in sorted(folder.iterdir()) if folder.is_dir() else []:
        if origin := _note(run):
            yield run, origin


def _note(run: Path) -> Origin | None:
    try:
        told = json.loads((run / _NOTE).read_text())
        keys, labels, alone = (tuple(told[name]) for name in ("keys", "labels", "alone"))
        return Origin(keys, labels, alone, float(told["days"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _days(run: Path) -> float:
    """Return how long a run's folder is kept; for ever when it holds files and does not say so."""
    if origin := _note(run):
        return origin.days
    try:
        is_empty = not any(one.is_file() for one in run.rglob("*"))
    except OSError:
        is_empty = False
    return KEPT_DAYS if is_empty else math.inf


def _dated(folder: Path) -> Iterator[tuple[Path, float]]:
    """Yield the folders of runs, and when each began."""
    runs: list[Path] = []
    with contextlib.suppress(OSError):
        runs.extend(folder.iterdir())
    for run in runs:
        began = _began(run)
        if began is not None:
            yield run, began


def _items_of(run: Path, origin: Origin) -> Iterator[Item]:
    for side, name in _FOLDERS.items():
        for place in sorted((run / name).rglob("*")):
            if place.is_file():
                found = place.stat()
                path = parse(place.relative_to(run / name).as_posix())
                size, modified = found.st_size, found.st_mtime_ns
                yield Item(place, run.name, side, path, origin, size, modified)


def _began(run: Path) -> float | None:
    stamp = run.name.rpartition("-")[0]
    try:
        then = datetime.datetime.strptime(stamp, _STAMP).replace(tzinfo=datetime.UTC)
    except ValueError:
        return None
    return then.timestamp()


def _free(place: Path) -> Path:
    """Return ``place``, or a name like it that nothing has."""
    number = 1
    free = place
    while os.path.lexists(free):
        number += 1
        free = place.with_name(f"{place.stem} ({number}){place.suffix}")
    return free


def _link(source: Path, place: Path, entry: Entry) -> bool:
    """Give a file a second name here; say whether that was possible.

    It is not done where the file has a third name: who writes there would write here, too.

    Raises:
        Changed: it is not ``entry`` any more.
    """
    try:
        os.link(source, place, follow_symlinks=False)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:  # another disk, or a file system without hard links
        return False
    found = place.lstat()
    if (found.st_size, found.st_mtime_ns) != (entry.size, entry.modified):
        place.unlink()
        raise Changed(f"{entry.path} changed since it was listed.")
    if found.st_nlink > 2:
        place.unlink()
        return False
    return True
