"""How fast one large file is read from its start to its end.

The file is a video of 1 GiB; ``dd`` reads it to /dev/null in pieces of 128 KiB, as ``cat`` and
``cp`` do, and tells the speed.
"""

from __future__ import annotations

from pathlib import Path

from scripts.bench import timing, tools
from scripts.bench.figure import BARE, NATIVE, OURS, RCLONE, SPEED, Bound, Figure
from scripts.bench.stage import Stage
from scripts.bench.tools import Tool


def warm(stage: Stage) -> list[Figure]:
    """Read it twice untimed, from a new mount in each run, and time the third reading.

    All but rclone are then the kernel's page cache at work, and nothing else. Up to Linux 6.18
    it keeps single pages for FUSE, wherever memory is free at the first reading, and larger
    pieces for ext4, which copy faster; at the second it notes that they are in use.
    """
    album = stage.sizes.read
    service, native = stage.service(album), stage.native(album)
    film = next(album.paths())

    def timed(root: Path) -> float:
        for _ in range(2):
            timing.read(root / film, album.size)
        return timing.read(root / film, album.size)

    def sample(tool: Tool) -> float:
        with stage.fresh(tool) as mount:
            return timed(mount.root)

    def sample_native() -> float:
        timing.drop_file(native / film)
        return timed(native)

    samples = stage.alternate(
        {
            OURS: lambda: sample(tools.mirrorfs(service)),
            RCLONE: lambda: sample(tools.rclone(service)),
            BARE: lambda: sample(tools.bare(native)),
            NATIVE: sample_native,
        }
    )
    bounds = [Bound(0.8, NATIVE), Bound(5, RCLONE)]
    return [Figure("warm-read", SPEED, samples, bounds, (OURS, RCLONE, BARE, NATIVE))]


def cold(stage: Stage) -> list[Figure]:
    """Mount with an empty cache, drop the kernel's caches and read it, from loopback.

    The native side reads it from disk.
    """
    album = stage.sizes.read
    service, native = stage.service(album), stage.native(album)
    film = next(album.paths())

    def timed(root: Path) -> float:
        timing.drop_all()
        return timing.read(root / film, album.size)

    def sample(tool: Tool) -> float:
        with stage.fresh(tool) as mount:
            return timed(mount.root)

    samples = stage.alternate(
        {
            OURS: lambda: sample(tools.mirrorfs(service)),
            RCLONE: lambda: sample(tools.rclone(service)),
            NATIVE: lambda: timed(native),
        }
    )
    return [Figure("cold-read", SPEED, samples, [Bound(1, RCLONE, aim=2)])]
