"""The blocks' files: one block each, in 256 sub-folders, under names that are never reused."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mirrorfs.cache.frame import TRAILER_SIZE, proves, trailer

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}\.block")
_T = TypeVar("_T")
_PAGE = 4096
_ROW = 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file whose block of ``length`` bytes was proven, and what it looked like then.

    ``look`` is its time of change (nanoseconds), size (bytes) and inode.
    """

    path: str
    length: int
    look: tuple[int, int, int]


def cost(length: int) -> int:
    """Return the room in bytes that a block of ``length`` takes: whole pages and its row."""
    return -(-(length + TRAILER_SIZE) // _PAGE) * _PAGE + _ROW


def is_block(file: str) -> bool:
    """Say whether ``file``, relative to the blocks' folder, can be a block's."""
    return _NAME.fullmatch(file) is not None


class BlockFiles:
    """The files below one folder; each method may raise :class:`OSError`. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, block: bytes) -> str:
        """Write ``block`` to a new file and return it, relative; nothing is left on an error."""
        digits = os.urandom(16).hex()
        file = f"{digits[:2]}/{digits[2:]}.block"
        path = self._folder / file
        descriptor = self._create(path)
        try:
            _write_all(descriptor, [block, trailer(name, block)])
        except OSError:
            self.remove(file)
            raise
        finally:
            os.close(descriptor)
        return file

    def prove(self, file: str, name: str, longest: int) -> tuple[Stamp, bytes] | None:
        """Read the block called ``name`` and its stamp; ``None`` when it is damaged or cut.

        A file that holds more than ``longest`` bytes of block is not even read.
        """
        path = f"{self._folder}/{file}"
        descriptor = os.open(path, os.O_RDONLY)
        try:
            look = _look(descriptor)
            length = look[1] - TRAILER_SIZE
            if not 0 <= length <= longest:
                return None
            block = os.pread(descriptor, length, 0)
            tail = os.pread(descriptor, TRAILER_SIZE, length)
        finally:
            os.close(descriptor)
        return (Stamp(path, length, look), block) if proves(tail, name, block) else None

    def remove(self, file: str) -> None:
        """Remove ``file`` if it is there and can be a block's."""
        if is_block(file):
            with contextlib.suppress(OSError):
                (self._folder / file).unlink()

    def sweep(self, known: Container[str]) -> None:
        """Remove all files that are not ``known``: what a killed process left half-done."""
        for folder in os.scandir(self._folder):
            if len(folder.name) == 2 and folder.is_dir(follow_symlinks=False):
                for entry in os.scandir(folder.path):
                    if (file := f"{folder.name}/{entry.name}") not in known:
                        self.remove(file)

    def _create(self, path: Path) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            return os.open(path, flags, 0o600)
        except FileNotFoundError:
            with contextlib.suppress(FileExistsError):
                path.parent.mkdir(mode=0o700)
            return os.open(path, flags, 0o600)


def reread(stamp: Stamp) -> bytes | None:
    """Return a proven block; ``None`` when its file is gone or not as it was proven."""
    return _read(stamp, lambda file: os.pread(file, stamp.length, 0))


def reread_into(stamp: Stamp, offset: int, buffer: memoryview) -> int | None:
    """Read a proven block from ``offset`` into ``buffer`` and return how much that was.

    ``None`` when its file is gone or not as it was proven.
    """
    wanted = buffer[: max(stamp.length - offset, 0)]
    return _read(stamp, lambda file: os.preadv(file, [wanted], offset))


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


def _write_all(descriptor: int, pieces: list[bytes]) -> None:
    written = os.writev(descriptor, pieces)
    if written < sum(map(len, pieces)):
        rest = memoryview(b"".join(pieces))[written:]
        while rest:
            rest = rest[os.write(descriptor, rest) :]
