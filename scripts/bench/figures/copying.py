"""How long it takes to copy pictures out of a mount that has never seen them.

``cp -r`` to a folder on disk, timed from the moment when the mount answers. Every run has an
empty cache and the kernel's caches dropped; the listing is part of the time. rclone's backend
leaves about 10 ms between two downloads of its own accord (seen in 1.75.2's system calls).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scripts.bench import timing, tools
from scripts.bench.figure import NATIVE, OURS, RCLONE, SECONDS, Bound, Figure
from scripts.bench.stage import Stage
from scripts.bench.tools import Tool

_LATENCY = 0.04


def loopback(stage: Stage) -> list[Figure]:
    """From a service on loopback; the native side copies the same tree from disk."""
    native = stage.native(stage.sizes.copy)
    samples = stage.alternate({**_mounts(stage, 0), NATIVE: lambda: _timed(stage, native)})
    return [Figure("cold-copy", SECONDS, samples, [Bound(1, RCLONE, aim=0.5)])]


def latency(stage: Stage) -> list[Figure]:
    """From a service that takes 40 ms before each answer, about as a near one does."""
    samples = stage.alternate(_mounts(stage, _LATENCY))
    return [Figure("cold-copy-latency", SECONDS, samples, [Bound(1 / 8, RCLONE, aim=1 / 20)])]


def _mounts(stage: Stage, delay: float) -> dict[str, Callable[[], float]]:
    service = stage.service(stage.sizes.copy, delay=delay)

    def sample(tool: Tool) -> float:
        with stage.fresh(tool) as mount:
            return _timed(stage, mount.root)

    return {
        OURS: lambda: sample(tools.mirrorfs(service)),
        RCLONE: lambda: sample(tools.rclone(service)),
    }


def _timed(stage: Stage, root: Path) -> float:
    timing.drop_all()
    return timing.copy(root, stage.folder("copy"), stage.sizes.copy.volume)
