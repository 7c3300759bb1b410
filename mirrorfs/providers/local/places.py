"""Where a path is on the disk, with no symbolic link followed on the way."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mirrorfs.core.errors import NoFile
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.local.names import check_name, is_ours, lawful_names


def find(root: Path, path: RemotePath) -> tuple[str, os.stat_result]:
    """Return where ``path`` is below ``root``, whatever its normal form is there, and its status.

    Raises:
        NoFile: something on the way is neither a file nor a folder.
        OSError: there is nothing, or it cannot be looked at.
        Unsupported: a name is not lawful.
    """
    place = os.fspath(root)
    if not path:
        return place, os.lstat(place)
    place = place.rstrip("/")
    for name in path.split("/"):
        check_name(name)
        inside = f"{place}/{name}"
        try:
            found = os.lstat(inside)
        except FileNotFoundError:
            inside = f"{place}/{_raw(place or '/', name)}"
            found = os.lstat(inside)
        if not (stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)):
            raise NoFile(f"{path}: {name!r} is neither a file nor a folder.")
        place = inside
    return place, found


def _raw(folder: str, name: str) -> str:
    """Return the name that ``name`` has on the disk."""
    with os.scandir(folder) as listing:
        raws = lawful_names(one.name for one in listing if is_ours(one))
    return raws.get(name, name)
