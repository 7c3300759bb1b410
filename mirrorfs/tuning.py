"""Settings of Python, the C library and the kernel that a mount gains from; it works without."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from pathlib import Path

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_KEPT = 64 << 20
_LARGEST = 8 << 20
_READ_AHEAD_KIB = 1024


def keep_memory() -> None:
    """Have the C library keep up to 64 MiB for what comes next, where it is glibc.

    It asks the kernel for each block of a file anew otherwise, and gives it back after: a third
    of a second for each GiB (``mallopt(3)``). It keeps that once for all threads: Python has one
    of them allocate at a time, and an arena for each took twice the memory with many readers.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGEST)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_ARENA_MAX, 1)


def collect_seldom() -> None:
    """Have Python look for circular garbage seldom: the entries of a tree are none."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def read_ahead(device: int) -> None:
    """Have the kernel ask for 1 MiB at once where it reads ahead on ``device``, if it lets us.

    By default it is 128 KiB, and only root may set it (``/sys/class/bdi``).
    """
    number = f"{os.major(device)}:{os.minor(device)}"
    with contextlib.suppress(OSError):
        Path(f"/sys/class/bdi/{number}/read_ahead_kb").write_text(f"{_READ_AHEAD_KIB}")
