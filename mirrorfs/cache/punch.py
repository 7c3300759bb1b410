"""Giving back the room that a part of a file takes: ``fallocate(2)``, FALLOC_FL_PUNCH_HOLE."""

from __future__ import annotations

import ctypes
import functools
import os
import tempfile
from pathlib import Path

_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_PAGE = 4096


@functools.cache
def _fallocate() -> ctypes._NamedFuncPointer:
    function = ctypes.CDLL(None, use_errno=True).fallocate
    function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    return function


def punch(descriptor: int, offset: int, length: int) -> None:
    """Make a hole of ``length`` bytes from ``offset``: it reads as zeros, the size stays.

    Raises:
        OSError: the file system cannot.
    """
    if _fallocate()(descriptor, _KEEP_SIZE | _PUNCH_HOLE, offset, length):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def works_in(folder: Path) -> bool:
    """Say whether files in ``folder`` can have holes made into them; some file systems cannot."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_PAGE))
            file.flush()
            punch(file.fileno(), 0, _PAGE)
    except (OSError, AttributeError):  # a C library without it
        return False
    return True
