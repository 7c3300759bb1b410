"""The programs that are compared, and how each is told to mount."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from scripts.bench.figure import BARE, OURS, RCLONE
from scripts.bench.service import CHECKOUT, Service

MIRRORFS_PROGRAM = str(Path(sys.executable).parent / "mirrorfs")
RCLONE_PROGRAM = str(Path(sys.executable).parent / "rclone")

_OWN_VARIABLES = ("CLOUDINARY_", "SMUGMUG_", "MIRRORFS_", "RCLONE_", "API_", "CLOUD_NAME")


@dataclass(frozen=True, slots=True)
class Tool:
    """One side: its command up to the mountpoint, the options after it, and its environment."""

    side: str
    mount: tuple[str, ...]
    options: tuple[str, ...]
    environment: Mapping[str, str]

    def command(self, mountpoint: Path, cache: Path, *options: str) -> list[str]:
        """Return the command that mounts in the foreground."""
        cached = ("--cache-dir", str(cache))
        return [*self.mount, str(mountpoint), *self.options, *cached, *options]


def mirrorfs(service: Service) -> Tool:
    """Return our side: everything as a user gets it by default."""
    environment = {
        **clean_environment(),
        **service.environment,
        "MIRRORFS_CONFIG": str(service.folder / "config.toml"),
    }
    mount = (MIRRORFS_PROGRAM, "mount", f"{service.name}:")
    return Tool(OURS, mount, ("--foreground",), environment)


def rclone(service: Service) -> Tool:
    """Return rclone's side: a full VFS cache, read-only, everything else by default."""
    options = ("--config", "/dev/null", "--vfs-cache-mode", "full", "--read-only")
    environment = {**clean_environment(), **service.front}
    return Tool(RCLONE, (RCLONE_PROGRAM, "mount", rclone_remote(service)), options, environment)


def bare(folder: Path) -> Tool:
    """Return a file system that shows ``folder`` and keeps nothing itself."""
    mount = (sys.executable, "-m", "scripts.bench.bare", str(folder))
    own = {"PYTHONPATH": str(CHECKOUT), "FUSE_LIBRARY_NAME": "fuse3"}
    return Tool(BARE, mount, (), {**clean_environment(), **own})


def rclone_remote(service: Service) -> str:
    """Return how rclone names an account of Cloudinary.

    Its Cloudinary backend ignores ``upload_prefix`` (1.75), so it is led to the emulator by
    a proxy that answers for ``api.cloudinary.com``.
    """
    url = urlsplit(service.environment["CLOUDINARY_URL"])
    keys = f"api_key={url.username},api_secret={url.password}"
    return f":cloudinary,cloud_name={url.hostname},{keys}:"


def clean_environment() -> dict[str, str]:
    """Return this process's environment without what either side takes as a setting."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OWN_VARIABLES) and not name.upper().endswith("_PROXY")
    }
