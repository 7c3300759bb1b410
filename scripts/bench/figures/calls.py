"""How many calls of the service's quota a tree costs.

A sample is the growth of the emulator's count of Admin calls (Search, folders and config
among them) while a mount is made and walked; it does not depend on the machine's speed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

from scripts.bench import timing, tools
from scripts.bench.figure import CALLS, OURS, RCLONE, Bound, Figure
from scripts.bench.mounting import Mount, mounted
from scripts.bench.service import Service, serving
from scripts.bench.stage import Stage
from scripts.bench.tools import Tool


def cold(stage: Stage) -> list[Figure]:
    """Mount with an empty cache and walk everything once."""
    service = stage.service(stage.sizes.calls)

    def sample(tool: Tool) -> Callable[[], float]:
        return lambda: once(stage, service, tool, stage.sizes.calls.files)

    samples = stage.alternate(
        {OURS: sample(tools.mirrorfs(service)), RCLONE: sample(tools.rclone(service))}
    )
    return [Figure("calls-cold", CALLS, samples, [Bound(25)])]


def remount(stage: Stage) -> list[Figure]:
    """Walk, unmount, mount again with the same cache folder and walk again; the second walk counts.

    ``calls-remount`` is taken within the refresh time. ``calls-offline`` is ours with
    ``--offline``, the service still there to count; then the service is stopped and the
    whole tree MUST still be seen (rclone has no such thing).
    """
    service, files = stage.service(stage.sizes.calls), stage.sizes.calls.files

    def sample(tool: Tool, *options: str) -> Callable[[], float]:
        return lambda: again(stage, service, tool, files, *options)

    ours, other = tools.mirrorfs(service), tools.rclone(service)
    within = stage.alternate({OURS: sample(ours), RCLONE: sample(other)})
    offline = stage.alternate({OURS: sample(ours, "--offline")})
    _walk_in_an_outage(stage)
    return [
        Figure("calls-remount", CALLS, within, [Bound(0)]),
        Figure("calls-offline", CALLS, offline, [Bound(0)]),
    ]


def refresh(stage: Stage) -> list[Figure]:
    """Walk, tell the running mount to look again though nothing changed, and walk again.

    Ours is told by ``mirrorfs refresh``, rclone by SIGHUP, which empties its directory cache.
    """
    service, files = stage.service(stage.sizes.calls), stage.sizes.calls.files

    def hang_up(mount: Mount) -> None:
        mount.process.send_signal(signal.SIGHUP)

    samples = stage.alternate(
        {
            OURS: lambda: refreshed(stage, service, files),
            RCLONE: lambda: _told(stage, service, (tools.rclone(service), hang_up), files),
        }
    )
    return [Figure("calls-refresh", CALLS, samples, [Bound(2)])]


def once(stage: Stage, service: Service, tool: Tool, files: int) -> float:
    """Return the calls of a mount with an empty cache and one walk."""
    before = service.calls()
    with stage.fresh(tool) as mount:
        timing.walk(mount.root, files)
        return service.calls() - before


def again(stage: Stage, service: Service, tool: Tool, files: int, *options: str) -> float:
    """Return the calls of a second mount on the cache of a first that walked everything."""
    cache = stage.folder(tool.side)
    with mounted(tool, cache) as mount:
        timing.walk(mount.root, files)
    before = service.calls()
    with mounted(tool, cache, *options) as mount:
        timing.walk(mount.root, files)
        return service.calls() - before


def refreshed(stage: Stage, service: Service, files: int) -> float:
    """Return the calls of our refresh when nothing changed, and of the walk after it."""
    ours = tools.mirrorfs(service)

    def look_again(mount: Mount) -> None:
        timing.command((tools.MIRRORFS_PROGRAM, "refresh", str(mount.root)), ours.environment)

    return _told(stage, service, (ours, look_again), files)


def _told(
    stage: Stage, service: Service, side: tuple[Tool, Callable[[Mount], None]], files: int
) -> float:
    """Return the calls of a walk after a mount that knows all was told to look again."""
    tool, tell = side
    with stage.fresh(tool) as mount:
        timing.walk(mount.root, files)
        before = service.calls()
        tell(mount)
        timing.drop_names()
        timing.walk(mount.root, files)
        return service.calls() - before


def _walk_in_an_outage(stage: Stage) -> None:
    """Fill a cache, stop the service, and see the whole tree again with a new mount."""
    album, cache = stage.sizes.calls, stage.folder(OURS)
    with serving(stage.folder("service"), album, {}) as service:
        tool = tools.mirrorfs(service)
        with mounted(tool, cache) as mount:
            timing.walk(mount.root, album.files)
        service.stop()
        with mounted(tool, cache) as mount:
            timing.walk(mount.root, album.files)
