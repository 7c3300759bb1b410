"""The folder that becomes a drive: checked before it is mounted on, and given back after."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from mirrorfs.core.errors import MountFailed

SUBTYPE = "mirrorfs"
_OURS = f"fuse.{SUBTYPE}"
_MOUNTS = Path("/proc/self/mountinfo")
_FUSE = Path("/dev/fuse")
_ESCAPE = re.compile(r"\\([0-7]{3})")
_GLANCE = 1.0


def check(mountpoint: Path, cache_dir: Path) -> None:
    """Make sure that ``mountpoint`` can be mounted on, and does not cover the cache.

    Raises:
        MountFailed: it cannot; one sentence says why and one what to do.
    """
    if type_of(mountpoint):
        raise _occupied(mountpoint)
    where = Path(os.path.realpath(mountpoint))
    if Path(os.path.realpath(cache_dir)).is_relative_to(where):
        raise MountFailed(
            f"The cache folder {cache_dir} is inside the mountpoint {mountpoint}, which hides it.",
            "Name another one with --cache-dir.",
        )
    if not mountpoint.exists():
        raise MountFailed(f"{mountpoint} does not exist.", f"Run: mkdir -p '{mountpoint}'")
    if not mountpoint.is_dir():
        raise MountFailed(f"{mountpoint} is not a folder.")
    try:
        is_empty = not any(mountpoint.iterdir())
    except OSError as error:
        raise MountFailed(f"{mountpoint} cannot be read: {error.strerror}.") from error
    if not is_empty:
        raise MountFailed(f"{mountpoint} is not empty.", "Choose an empty folder.")
    _check_machine()


def resolved(path: Path) -> Path:
    """Return ``path`` without links; what is mounted right on it is not asked, as it may hang."""
    where = Path(os.path.realpath(path.parent), path.name)
    return where if str(where) in dict(_mounted()) else Path(os.path.realpath(path))


def type_of(mountpoint: Path) -> str:
    """Return the type of what is mounted right on ``mountpoint``; empty for nothing."""
    return dict(_mounted()).get(str(resolved(mountpoint)), "")


def file_system_of(path: Path) -> str:
    """Return the type of the file system that holds ``path``; empty when the kernel tells none."""
    mounted = dict(_mounted())
    where = Path(os.path.realpath(path))
    return next((mounted[str(one)] for one in (where, *where.parents) if str(one) in mounted), "")


def unmount(mountpoint: Path) -> None:
    """Unmount, lazily if it is in use.

    Raises:
        MountFailed: nothing of ours is mounted there, or it may not be unmounted.
    """
    kind = type_of(mountpoint)
    if kind != _OURS:
        what = f"What is mounted on {mountpoint} is not ours." if kind else None
        raise MountFailed(what or f"Nothing is mounted on {mountpoint}.")
    _detach(mountpoint)


def end(pid: int, patience: float) -> None:
    """Have the process of a mount that is gone end: by itself, or else by signals.

    Each has ``patience`` seconds. A mount that is killed loses nothing.

    Raises:
        MountFailed: it does not end, or is not yours.
    """
    for send in (None, signal.SIGTERM, signal.SIGKILL):
        try:
            if send:
                os.kill(pid, send)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise MountFailed(f"It is unmounted; process {pid} may not be ended by you.") from error
        if _has_ended(pid, patience):
            return
    raise MountFailed(f"It is unmounted; process {pid} does not end, even when it is killed.")


def release(mountpoint: Path) -> bool:
    """Unmount what is ours, and say whether there was anything."""
    if type_of(mountpoint) != _OURS:
        return False
    _detach(mountpoint)
    return True


def is_running(pid: int) -> bool:
    """Say whether that process, or a thread of it, has not ended yet and may hold its locks."""
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" or len(list((process / "task").iterdir())) > 1
    except OSError:
        return False


def _mounted() -> Iterator[tuple[str, str]]:
    """Yield where something is mounted and its type; of several on one folder the top one last."""
    for line in _MOUNTS.read_text("utf-8", "surrogateescape").splitlines():
        fields = line.split(" ")
        where = _ESCAPE.sub(lambda match: chr(int(match[1], 8)), fields[4])
        yield where, fields[fields.index("-") + 1]


def _occupied(mountpoint: Path) -> MountFailed:
    if _is_dead(mountpoint):
        return MountFailed(
            f"{mountpoint} was left behind by a mount that crashed.",
            f"Run: mirrorfs unmount '{mountpoint}'  (or: fusermount3 -u '{mountpoint}')",
        )
    return MountFailed(
        f"Something is mounted on {mountpoint} already.",
        f"Run: mirrorfs unmount '{mountpoint}'",
    )


def _is_dead(mountpoint: Path) -> bool:
    """Say whether nobody is behind what is mounted; one that hangs has a second to say so."""
    dead = threading.Event()

    def look() -> None:
        try:
            os.statvfs(mountpoint)  # never answered from what the kernel remembers
        except OSError:
            dead.set()

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(_GLANCE)
    return dead.is_set()


def _check_machine() -> None:
    if not _FUSE.exists():
        raise MountFailed("/dev/fuse is missing.", "Load it with: sudo modprobe fuse")
    if not os.access(_FUSE, os.R_OK | os.W_OK):
        raise MountFailed("/dev/fuse may not be opened by you.", "Ask to join its group.")
    if os.geteuid() and not shutil.which("fusermount3"):
        raise MountFailed("fusermount3 is missing.", "Run: sudo apt-get install fuse3")


def _detach(mountpoint: Path) -> None:
    tool = shutil.which("fusermount3") or shutil.which("fusermount")
    ways = [[tool, "-u"], [tool, "-uz"]] if tool else [["umount"], ["umount", "-l"]]
    for way in ways:
        run = subprocess.run(
            [*way, resolved(mountpoint)], capture_output=True, text=True, check=False
        )
        if run.returncode == 0:
            return
    raise MountFailed(f"{mountpoint} cannot be unmounted: {run.stderr.strip()}")


def _has_ended(pid: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while is_running(pid):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
