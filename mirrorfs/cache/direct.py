"""Writing past the kernel's cache: ``open(2)``, O_DIRECT.

Blocks that come in a row are read through the mount at once, so the kernel has them as pages of
the mount. As pages of their files, too, they would push other programs' out, and cost a mount
that reads ahead at full speed a third of its time.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

FLAG: int = getattr(os, "O_DIRECT", 0)
_PAGE = 4096
_HUGE = 2 << 20


def in_pages(length: int) -> int:
    """Return how long the whole pages are that ``length`` bytes take; nothing else is written."""
    return -(-length // _PAGE) * _PAGE


class Staging:
    """Memory of ``room`` bytes out of which files are written. Thread-safe: one at a time."""

    def __init__(self, room: int) -> None:
        self._room = -(-room // _HUGE) * _HUGE
        self._memory: mmap.mmap | None = None
        self._lock = threading.Lock()

    def write(self, descriptor: int, pieces: Sequence[bytes]) -> None:
        """Write ``pieces``, together whole pages, to the start of a file opened with ``FLAG``.

        Raises:
            OSError: the disk is full or fails.
        """
        with self._lock:
            if self._memory is None:
                self._memory = _pages(self._room)
            with memoryview(self._memory) as view:
                write_all(descriptor, view[: _gather(self._memory, pieces)])


def write_all(descriptor: int, piece: bytes | memoryview) -> None:
    """Write all of ``piece``, in as many goes as it takes.

    Raises:
        OSError: the disk is full or fails.
    """
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def works_in(folder: Path) -> bool:
    """Say whether files in ``folder`` can be written so; some file systems cannot."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            descriptor = os.open(f"/proc/self/fd/{file.fileno()}", os.O_WRONLY | FLAG)
            try:
                Staging(_PAGE).write(descriptor, [bytes(_PAGE)])
            finally:
                os.close(descriptor)
    except OSError:
        return False
    return bool(FLAG)


def _pages(size: int) -> mmap.mmap:
    """Return memory in few large pages, so that a write is few parts; small ones work, too."""
    memory = mmap.mmap(-1, size)
    with contextlib.suppress(AttributeError, OSError):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory


def _gather(memory: mmap.mmap, pieces: Sequence[bytes]) -> int:
    """Put ``pieces`` one behind the other and return their length; other threads go on."""
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    length = 0
    for piece in pieces:
        if length + len(piece) > len(memory):
            raise ValueError("more than there is room for")
        ctypes.memmove(start + length, piece, len(piece))
        length += len(piece)
    return length
