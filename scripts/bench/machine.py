"""The machine and the versions that figures were taken with."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

from scripts.bench.tools import RCLONE_PROGRAM


def describe(scratch: Path) -> dict[str, str]:
    """Return what a reader needs to compare figures; ``scratch`` is where caches are kept."""
    return {
        "processor": f"{os.cpu_count()} × {_processor()}",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "disk": _file_system(scratch),
        "python": platform.python_version(),
        "mirrorfs": metadata.version("mirrorfs"),
        "mfusepy": metadata.version("mfusepy"),
        "libfuse": _first_line("fusermount3", "--version"),
        "rclone": _first_line(RCLONE_PROGRAM, "version"),
        "load before": load(),
    }


def load() -> str:
    """Return the mean number of busy processes in the last minute."""
    return f"{os.getloadavg()[0]:.2f}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    return _first_line("findmnt", "-no", "FSTYPE", "-T", str(folder))


def _first_line(*command: str) -> str:
    if not shutil.which(command[0]):
        return "unknown"
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return (run.stdout.splitlines() or ["unknown"])[0].rsplit(" ", 1)[-1]
