"""A folder read as the C library reads it, with the places that it can be read from."""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self


class _Entry(ctypes.Structure):
    """``struct dirent64`` of Linux."""

    _fields_ = (
        ("number", ctypes.c_uint64),
        ("place", ctypes.c_int64),
        ("length", ctypes.c_ushort),
        ("kind", ctypes.c_ubyte),
        ("name", ctypes.c_char * 256),
    )


class Seen(NamedTuple):
    """What a folder tells of one entry, and the place to go on from behind it."""

    name: str
    number: int
    beyond: int


_libc = ctypes.CDLL(None, use_errno=True)
_libc.opendir.restype = ctypes.c_void_p
_libc.readdir64.restype = ctypes.POINTER(_Entry)
_libc.readdir64.argtypes = _libc.rewinddir.argtypes = _libc.closedir.argtypes = (ctypes.c_void_p,)
_libc.seekdir.argtypes = (ctypes.c_void_p, ctypes.c_long)


class Listing:
    """Yields what is in ``folder``, from where it is read."""

    def __init__(self, folder: Path) -> None:
        self._stream = _libc.opendir(os.fsencode(folder))
        if not self._stream:
            raise OSError(ctypes.get_errno(), str(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _libc.closedir(self._stream)

    def __iter__(self) -> Iterator[Seen]:
        while entry := _libc.readdir64(self._stream):
            found = entry.contents
            yield Seen(os.fsdecode(found.name), found.number, found.place)

    def seek(self, place: int) -> None:
        """Go on from ``place``."""
        _libc.seekdir(self._stream, place)

    def rewind(self) -> None:
        """Begin anew."""
        _libc.rewinddir(self._stream)


def numbers(folder: Path) -> dict[str, int]:
    """Return the inode number that ``folder`` tells of each name."""
    with Listing(folder) as listing:
        return {seen.name: seen.number for seen in listing}
