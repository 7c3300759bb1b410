"""Names for files that step aside for a moment, such as one of two that change places.

A run that was killed may leave a file under such a name, or a second copy of one.
"""

from __future__ import annotations

import hashlib
import re

from mirrorfs.core import paths
from mirrorfs.core.paths import RemotePath

_MARK = ".mirrorsync-"
_ASIDE = re.compile(r"(.*)\.mirrorsync-[0-9a-f]{12}((?:\.[^.]*)?)")


def aside(path: RemotePath, folder: RemotePath) -> RemotePath:
    """Return where in ``folder`` the file at ``path`` waits; another name for each path."""
    digits = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    stem, dot, kind = paths.name(path).rpartition(".")
    if not stem or len(kind.encode()) > 16:
        stem, dot, kind = paths.name(path), "", ""
    room = paths.SEGMENT_BYTES - len(f"{_MARK}{digits}{dot}{kind}".encode())
    stem = stem.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
    return paths.join(folder, f"{stem}{_MARK}{digits}{dot}{kind}")


def is_aside(path: RemotePath) -> bool:
    """Say whether a file has such a name: nobody chose it, so it is no new name of the file."""
    return _MARK in path and _ASIDE.fullmatch(paths.name(path)) is not None


def own_name(path: RemotePath) -> RemotePath:
    """Return what a file that stepped aside is called otherwise, in the folder where it waits."""
    while found := _ASIDE.fullmatch(paths.name(path)):
        path = paths.join(paths.parent(path), found[1] + found[2])
    return path
