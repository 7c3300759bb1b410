"""How fast one large file is read from its start to its end.

The file is a video of 1 GiB; ``dd`` reads it to /dev/null in pieces of 128 KiB, as ``cat`` and
``cp`` do, and tells the speed.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from scripts.bench import timing, tools
from scripts.bench.figure import NATIVE, OURS, RCLONE, SPEED, Bound, Figure
from scripts.bench.stage import Stage
from scripts.bench.tools import Tool


def warm(stage: Stage) -> list[Figure]:
    """Read it on every side once, untimed, then time further reads; no cache is dropped.

    Ours and the native side are then the kernel's page cache at work, and nothing else. Up to
    Linux 6.18 it keeps single pages for FUSE and larger pieces for ext4, which copy faster.
    """
    album = stage.sizes.read
    service = stage.service(album)
    film = next(album.paths())
    with ExitStack() as mounts:
        roots: dict[str, Path] = {NATIVE: stage.native(album)}
        for tool in (tools.mirrorfs(service), tools.rclone(service)):
            roots[tool.side] = mounts.enter_context(stage.fresh(tool)).root
        for side in (OURS, RCLONE, NATIVE):
            stage.say(f"reading once: {side}")
            timing.read(roots[side] / film, album.size)

        def sample(side: str) -> float:
            return timing.read(roots[side] / film, album.size)

        samples = stage.alternate(
            {
                OURS: lambda: sample(OURS),
                RCLONE: lambda: sample(RCLONE),
                NATIVE: lambda: sample(NATIVE),
            }
        )
    return [Figure("warm-read", SPEED, samples, [Bound(0.8, NATIVE), Bound(5, RCLONE)])]


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
