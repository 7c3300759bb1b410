"""Folders that hold no file, however deep. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath


def hollow(entries: Mapping[RemotePath, Entry]) -> list[Entry]:
    """Return the folders of a whole subtree that hold nothing but such folders, deepest first."""
    needed = {
        above
        for path, entry in entries.items()
        if not entry.is_folder
        for above in paths.ancestors(path)
    }
    found = (one for one in entries.values() if one.is_folder and one.path not in needed)
    return sorted(found, key=lambda one: (-one.path.count("/"), one.path))
