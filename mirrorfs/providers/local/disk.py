"""Files that appear whole or not at all, and the system's errors in this project's words."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mirrorfs.core.errors import (
    AlreadyExists,
    Corrupt,
    Denied,
    MirrorError,
    NoRoom,
    NotEmpty,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Readable
from mirrorfs.providers.local.names import is_temporary

PIECE = 1 << 20
"""Bytes read or written at a time."""

_KINDS: tuple[tuple[type[OSError], type[MirrorError]], ...] = (
    (FileNotFoundError, NotFound),
    (NotADirectoryError, NotFound),
    (FileExistsError, AlreadyExists),
    (PermissionError, Denied),
)


def fill(place: Path, body: Readable, size: int) -> None:
    """Write exactly ``size`` bytes to a new file and flush them to the disk.

    The file is locked meanwhile, which tells it from one whose writer was killed.

    Raises:
        Corrupt: the body is shorter or longer.
    """
    left = size
    with place.open("xb") as file:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        while piece := body.read(min(PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            file.write(piece)
        if left:
            raise Corrupt(f"The body is not {size} bytes long, as was promised.")
        file.flush()
        os.fsync(file.fileno())


def sweep(folder: Path) -> int:
    """Remove the temporary files of killed writers below ``folder``; return how many.

    What cannot be looked at or removed is left for another time.
    """
    return sum(sweep_names(Path(above), names) for above, _, names in os.walk(folder))


def sweep_names(folder: Path, names: Iterable[str]) -> int:
    """Do the same in ``folder`` alone, which holds ``names``."""
    swept = 0
    for name in filter(is_temporary, names):
        with contextlib.suppress(OSError):
            swept += _remove_left(folder / name)
    return swept


def _remove_left(place: Path) -> bool:
    opened = os.open(place, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        place.unlink()
        return True
    finally:
        os.close(opened)


def flush_folder(place: Path) -> None:
    """Flush a folder's names to the disk."""
    opened = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def tells_case(place: Path) -> bool:
    """Say whether ``a`` and ``A`` are two names on the file system of ``place``.

    Found out without writing: by another spelling of the lowest folder's name that has letters.
    """
    place = place.resolve()
    try:
        device = place.stat().st_dev
        for folder in (place, *place.parents):
            other = folder.parent / folder.name.swapcase()
            if folder.stat().st_dev != device:
                break
            if other != folder:
                return not os.path.samestat(folder.lstat(), other.lstat())
    except OSError:
        return True
    return True


@contextlib.contextmanager
def told(path: RemotePath) -> Iterator[None]:
    """Turn the system's errors into this project's."""
    try:
        yield
    except OSError as error:
        message = f"{path or 'The root'}: {error.strerror or error}."
        for kind, raised in _KINDS:
            if isinstance(error, kind):
                raise raised(message) from error
        if error.errno == errno.ENOTEMPTY:
            raise NotEmpty(message) from error
        if error.errno == errno.EROFS:
            raise Denied(message) from error
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoRoom(message) from error
        if error.errno in {errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EXDEV}:
            raise Unsupported(message) from error
        raise Unavailable(message) from error
