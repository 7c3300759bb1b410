"""The blocks' files, in 16 sub-folders, under names that are never reused.

Making a file costs as much as writing a megabyte, so blocks that are kept together share one
(:class:`~mirrorfs.cache.place.Place`). One that goes before the others leaves a hole. Many that
are kept together are a part of a large file, and are written past the kernel's cache.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mirrorfs.cache import direct
from mirrorfs.cache.direct import Staging, in_pages, write_all
from mirrorfs.cache.frame import LONGEST, TRAILER_SIZE, length_in, proves, trailer
from mirrorfs.cache.place import MOST_PARTS, Place
from mirrorfs.cache.punch import punch

_T = TypeVar("_T")
_ROW = 1024
_MANY = MOST_PARTS // 2
_LONGEST_FILE = in_pages(MOST_PARTS * (LONGEST + TRAILER_SIZE))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A block of ``length`` bytes that was proven, where, and what its file looked like then.

    ``offset`` is in bytes; ``look`` is the file's time of change (nanoseconds), size (bytes) and
    inode.
    """

    path: str
    offset: int
    length: int
    look: tuple[int, int, int]


def cost(length: int) -> int:
    """Return the room in bytes that a block of ``length`` takes: whole pages and its row."""
    return in_pages(length + TRAILER_SIZE) + _ROW


class BlockFiles:
    """The files below one folder; each method may raise :class:`OSError`. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, names: Sequence[str], blocks: Sequence[bytes]) -> list[Place]:
        """Write up to ``MOST_PARTS`` blocks to a new file; nothing is left on an error.

        All but the last MUST be ``LONGEST`` bytes long.
        """
        digits = os.urandom(16).hex()
        file = f"{digits[:1]}/{digits[1:]}.block"
        places = [Place(file, part, len(blocks)) for part in range(len(blocks))]
        tail = b"".join(trailer(name, block) for name, block in zip(names, blocks, strict=True))
        staging = self._staging if len(blocks) >= _MANY else None
        descriptor = self._create(self._folder / file, direct.FLAG if staging else 0)
        try:
            if staging:
                length = sum(map(len, blocks)) + len(tail)
                staging.write(descriptor, [*blocks, bytes(in_pages(length) - length), tail])
            else:
                for piece in [*blocks, tail]:
                    write_all(descriptor, piece)
        except OSError:
            self._unlink(file)
            raise
        finally:
            os.close(descriptor)
        return places

    def prove(self, place: Place, name: str) -> tuple[Stamp, bytes] | None:
        """Read the block called ``name`` and its stamp; ``None`` when it is damaged or cut."""
        path = f"{self._folder}/{place.file}"
        descriptor = os.open(path, os.O_RDONLY)
        try:
            look = _look(descriptor)
            size, room = look[1], place.room(look[1])
            if room < 0 or size > in_pages(place.parts * (LONGEST + TRAILER_SIZE)):
                return None
            tail = os.pread(descriptor, TRAILER_SIZE, place.trailer_offset(size))
            length = length_in(tail)
            if length is None or length > room:
                return None
            block = os.pread(descriptor, length, place.offset)
        finally:
            os.close(descriptor)
        stamp = Stamp(path, place.offset, length, look)
        return (stamp, block) if proves(tail, name, block) else None

    def remove(self, place: Place, *, is_last: bool) -> None:
        """Give the room of a block back; ``is_last``: its file holds no other block."""
        if is_last:
            self._unlink(place.file)
        else:
            self._punch(place)

    def sweep(self, known: Iterable[Place]) -> None:
        """Remove what is not ``known``: what a killed process left half-done."""
        wanted: dict[str, set[Place]] = {}
        for place in known:
            wanted.setdefault(place.file, set()).add(place)
        for folder in os.scandir(self._folder):
            if len(folder.name) == 1 and folder.is_dir(follow_symlinks=False):
                for entry in os.scandir(folder.path):
                    file = f"{folder.name}/{entry.name}"
                    self._sweep_file(file, wanted.get(file, set()))

    @functools.cached_property
    def _staging(self) -> Staging | None:
        return Staging(_LONGEST_FILE) if direct.works_in(self._folder) else None

    def _sweep_file(self, file: str, known: set[Place]) -> None:
        if not known:
            if Place.parse(f"{file}:0:1"):
                self._unlink(file)
            return
        parts = next(iter(known)).parts
        for place in {Place(file, part, parts) for part in range(parts)} - known:
            self._punch(place)

    def _unlink(self, file: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / file).unlink()

    def _punch(self, place: Place) -> None:
        with contextlib.suppress(OSError):
            descriptor = os.open(self._folder / place.file, os.O_WRONLY)
            try:
                room = place.room(os.fstat(descriptor).st_size)
                if room > 0:
                    punch(descriptor, place.offset, room)
            finally:
                os.close(descriptor)

    def _create(self, path: Path, flag: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | flag
        try:
            return os.open(path, flags, 0o600)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                path.parent.mkdir(mode=0o700)
            return os.open(path, flags, 0o600)


def reread(stamp: Stamp) -> bytes | None:
    """Return a proven block; ``None`` when its file is gone or not as it was proven."""
    return _read(stamp, lambda file: os.pread(file, stamp.length, stamp.offset))


def reread_into(stamp: Stamp, offset: int, buffer: memoryview) -> int | None:
    """Read a proven block from ``offset`` into ``buffer`` and return how much that was.

    ``None`` when its file is gone or not as it was proven.
    """
    wanted = buffer[: max(stamp.length - offset, 0)]
    return _read(stamp, lambda file: os.preadv(file, [wanted], stamp.offset + offset))


def _read(stamp: Stamp, read: Callable[[int], _T]) -> _T | None:
    try:
        descriptor = os.open(stamp.path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return read(descriptor) if _look(descriptor) == stamp.look else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _look(descriptor: int) -> tuple[int, int, int]:
    status = os.fstat(descriptor)
    return status.st_mtime_ns, status.st_size, status.st_ino
