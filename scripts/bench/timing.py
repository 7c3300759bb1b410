"""What is timed: a walk, a read and a copy by the system's own programs, and a command."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.bench.figure import Failed

_PATIENCE = 1200.0
_DROP = Path("/proc/sys/vm/drop_caches")
_BLOCK = 128 << 10
"""What ``cat`` and ``cp`` read at a time."""
_ELAPSED = re.compile(rb"copied, ([0-9.e+-]+) s")


def drop_names() -> None:
    """Make the kernel forget names and attributes; data stays where it is still needed."""
    os.sync()
    _DROP.write_text("2")


def drop_all() -> None:
    """Make the kernel forget names, attributes and data."""
    os.sync()
    _DROP.write_text("3")


def drop_file(path: Path) -> None:
    """Make the kernel forget the data of one file; anybody who may read it can."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def can_drop() -> bool:
    """Say whether this process may drop the kernel's caches."""
    return os.access(_DROP, os.W_OK)


def walk(root: Path, files: int) -> float:
    """Return the seconds of ``find -type f -size +0``, which looks at every file's size.

    Raises:
        Failed: it saw another number than ``files``.
    """
    command = ("find", str(root), "-type", "f", "-size", "+0", "-printf", "x")
    seconds, output = _timed(command)
    if len(output) != files:
        raise Failed(f"the walk saw {len(output)} files where {files} are")
    return seconds


def read(path: Path, size: int) -> float:
    """Return the speed of ``dd bs=128K`` to /dev/null, in MiB/s, by dd's own clock.

    Raises:
        Failed: it read another number of bytes than ``size``.
    """
    command = ("dd", f"if={path}", "of=/dev/null", f"bs={_BLOCK}")
    _, output = _timed(command)
    match = _ELAPSED.search(output)
    if not match or not re.search(rb"^%d bytes" % size, output, re.MULTILINE):
        raise Failed(f"dd read something else than {size} bytes: {output.decode()}")
    return size / 2**20 / float(match[1])


def copy(source: Path, target: Path, size: int) -> float:
    """Return the seconds of ``cp -r`` to a new folder, which is removed afterwards.

    Raises:
        Failed: the copies' sizes do not add up to ``size`` bytes.
    """
    seconds, _ = _timed(("cp", "-r", str(source), str(target)))
    copied = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    shutil.rmtree(target)
    if copied != size:
        raise Failed(f"{copied} bytes were copied where {size} are")
    return seconds


def command(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    """Return the seconds from start to end of a command that MUST succeed."""
    return _timed(arguments, environment)[0]


def _timed(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None
) -> tuple[float, bytes]:
    """Return the seconds of a command, and what it wrote to both outputs."""
    start = time.perf_counter()
    run = subprocess.run(
        arguments,
        env={**(environment or os.environ), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_PATIENCE,
        check=False,
    )
    seconds = time.perf_counter() - start
    if run.returncode:
        words = run.stdout.decode(errors="replace")[-300:]
        raise Failed(f"{arguments[0]} ended with {run.returncode}: {words.strip()}")
    return seconds, run.stdout
