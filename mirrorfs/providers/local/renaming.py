"""Files that change their names at once: over nothing, over exactly one other, or away.

Another program may save a file at any moment, also between a look at it and what is done then.
So a file is taken out first and looked at afterwards; what is not what was meant goes back. File
systems that cannot do that (renameat2(2), which they refuse) leave that moment open.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable
from pathlib import Path

from mirrorfs.core.errors import MirrorError

Check = Callable[[os.stat_result], None]
"""Raises an error of this project when a file is not what is meant."""

_LIBC = ctypes.CDLL(None, use_errno=True)
_AT_FDCWD = -100
_NOREPLACE, _EXCHANGE = 1, 2
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def appear(source: Path, target: Path) -> None:
    """Move a file to where nothing may be; a second writer at the same moment loses.

    It is at one of the two places at every moment, but on file systems that cannot do that
    at both for a moment.

    Raises:
        FileExistsError: something is there.
    """
    if not _rename(source, target, _NOREPLACE):
        _link(source, target)


def put_over(source: Path, target: Path, check: Check) -> None:
    """Move a file to where exactly the one is that ``check`` knows, which goes.

    What another program saves there meanwhile stays. ``source`` may be there still, as something
    that is to be removed.

    Raises:
        FileNotFoundError: nothing is there.
    """
    ours = source.lstat()
    check(target.lstat())
    if not _rename(source, target, _EXCHANGE):
        source.replace(target)
    if not os.path.lexists(source):  # so, too, where FUSE takes an exchange for a plain rename
        return
    try:
        check(source.lstat())
    except MirrorError:
        _rename(source, target, _EXCHANGE)
        if not os.path.samestat(source.lstat(), ours):  # saved once more: that is the newest
            _rename(source, target, _EXCHANGE)
        raise


def take_away(place: Path, temporary: Path, check: Check) -> None:
    """Remove exactly the file that ``check`` knows, by way of ``temporary``, which is free.

    Raises:
        FileNotFoundError: nothing is there.
    """
    check(place.lstat())
    if not _rename(place, temporary, _NOREPLACE):
        place.unlink()
        return
    try:
        check(temporary.lstat())
    except MirrorError:
        with contextlib.suppress(FileExistsError):  # saved once more: that is the newest
            appear(temporary, place)
        raise
    temporary.unlink()


def _rename(source: Path, target: Path, how: int) -> bool:
    """Rename as renameat2(2) does; say whether the file system can."""
    renameat2 = getattr(_LIBC, "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(source), os.fsencode(target)
    if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], how):
        number = ctypes.get_errno()
        if number not in _CANNOT:
            raise OSError(number, os.strerror(number), os.fspath(target))
        return False
    return True


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        source.rename(target)
    else:
        source.unlink()
