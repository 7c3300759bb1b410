"""How long a look at the size of every file takes, and the memory that it costs."""

from __future__ import annotations

from pathlib import Path

from scripts.bench import processes, timing, tools
from scripts.bench.figure import MEBIBYTES, NATIVE, OURS, RCLONE, SECONDS, Bound, Figure
from scripts.bench.mounting import mounted
from scripts.bench.stage import Stage

_FOREVER = ("--dir-cache-time", "9999h")
_BOUNDS = (Bound(0.2, RCLONE, aim=0.1),)


def walk(stage: Stage) -> list[Figure]:
    """``find -type f -size +0`` over the large album, the kernel's names dropped before each run.

    ``walk``: ours is mounted anew for every run and takes its listings from disk.
    ``walk-again``: ours is walked once before and answers from memory. rclone keeps no
    listings on disk: in both it has one mount, walked once before with ``--dir-cache-time
    9999h``, and answers from memory.
    """
    album = stage.sizes.walk
    service, native = stage.service(album), stage.native(album)
    ours, cache = tools.mirrorfs(service), stage.folder(OURS)

    def timed(root: Path) -> float:
        timing.drop_names()
        return timing.walk(root, album.files)

    def remounted() -> float:
        with mounted(ours, cache) as mount:
            return timed(mount.root)

    with stage.fresh(tools.rclone(service), *_FOREVER) as other:
        stage.say("walking each mount once")
        timing.walk(other.root, album.files)
        with mounted(ours, cache) as mount:
            timing.walk(mount.root, album.files)
        peers = {RCLONE: lambda: timed(other.root), NATIVE: lambda: timed(native)}
        from_disk = stage.alternate({OURS: remounted, **peers})
        with mounted(ours, cache) as mount:
            timing.walk(mount.root, album.files)
            again = stage.alternate({OURS: lambda: timed(mount.root), **peers})
    return [
        Figure("walk", SECONDS, from_disk, _BOUNDS),
        Figure("walk-again", SECONDS, again, _BOUNDS),
    ]


def memory(stage: Stage) -> list[Figure]:
    """Memory of the mount's processes (proportional set size) after one walk from nothing.

    The cache is empty before; the kernel's own caches are not counted on either side.
    """
    album = stage.sizes.walk
    service = stage.service(album)

    def sample(tool: tools.Tool) -> float:
        with stage.fresh(tool) as mount:
            timing.walk(mount.root, album.files)
            return processes.memory(mount.process)

    samples = stage.alternate(
        {
            OURS: lambda: sample(tools.mirrorfs(service)),
            RCLONE: lambda: sample(tools.rclone(service)),
        }
    )
    return [Figure("memory", MEBIBYTES, samples, [Bound(1, RCLONE)])]
