"""Mounts that are gone when the measurement is, whatever happens."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.bench import processes
from scripts.bench.figure import Failed
from scripts.bench.tools import Tool

_PATIENCE = 120.0
_MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mount that answers, and the process behind it."""

    root: Path
    process: subprocess.Popen[bytes]


@contextmanager
def mounted(tool: Tool, cache: Path, *options: str) -> Iterator[Mount]:
    """Mount with ``cache`` (a folder of this side alone) until the block ends."""
    root = cache.with_name(f"{cache.name}-mount")
    root.mkdir(exist_ok=True)
    command = tool.command(root, cache, *options)
    log = cache.with_name(f"{cache.name}.log")
    with processes.running(command, tool.environment, log) as process:
        try:
            _await_mount(root, process, log)
            yield Mount(root, process)
        finally:
            _unmount(root, process)


def _await_mount(root: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_mounted(root):
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text(errors="replace").strip().splitlines()
            raise Failed("the mount failed: " + "".join(words[-1:]))
        time.sleep(0.01)


def _unmount(root: Path, process: subprocess.Popen[bytes]) -> None:
    """Detach at once, even from a process that hangs, and give it time to end by itself."""
    if is_mounted(root):
        subprocess.run(("fusermount3", "-u", "-z", "-q", str(root)), check=False)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            processes.stop(process)


def is_mounted(root: Path) -> bool:
    """Say whether something is mounted on ``root``, without asking the mount itself."""
    return any(line.split(" ")[4] == str(root) for line in _MOUNTS.read_text().splitlines())
