"""Puts a mount together, runs it, and ends it: the composition root of ``mirrorfs``."""

from __future__ import annotations

from mirrorfs.mount.options import MountOptions, Part
from mirrorfs.mount.running import mount, unmount

__all__ = ["MountOptions", "Part", "mount", "unmount"]
