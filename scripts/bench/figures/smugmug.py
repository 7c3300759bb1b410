"""What SmugMug costs: calls, beside its published clients; speed, beside ours on Cloudinary.

The sides called ``cloudinary`` are mirrorfs too, on an account that holds as many albums, files
and bytes. Nothing but the service and its emulator differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from scripts.bench import clients, timing, tools
from scripts.bench.figure import (
    CALLS,
    CLOUDINARY,
    GALLERY_DL,
    OURS,
    SECONDS,
    SMUGCLI,
    SPEED,
    Bound,
    Figure,
)
from scripts.bench.figures import calls
from scripts.bench.gallery import Gallery
from scripts.bench.mounting import mounted
from scripts.bench.service import Service
from scripts.bench.stage import Stage

_CLIENTS = (OURS, GALLERY_DL, SMUGCLI)
_SERVICES = (OURS, CLOUDINARY)
_AS_FAST = (Bound(1.25, CLOUDINARY),)
_GRANTS: Mapping[str, Mapping[str, float]] = {
    "pages": {"largest_count": 10},
    "no-inline": {"inline_expansions": False},
    "no-multi-get": {"longest_multi_get": 1},
    "no-expansions": {"largest_expansion": 0},
    "least": {
        "largest_count": 10,
        "inline_expansions": False,
        "longest_multi_get": 1,
        "largest_expansion": 0,
    },
}


def cold(stage: Stage) -> list[Figure]:
    """Mount with an empty cache and walk everything once; have each client name everything.

    gallery-dl simulates a download of the whole account. smugcli is told the paths of all
    folders and albums and lists each in one shell, which remembers what it has seen. They are
    counted once: they ask the same each time.
    """
    service, files = stage.service(stage.sizes.smugmug.calls), stage.sizes.smugmug.calls.files
    ours = tools.mirrorfs(service)
    samples = stage.alternate({OURS: lambda: calls.once(stage, service, ours, files)})
    with stage.fresh(ours) as mount:
        folders = [str(path.relative_to(mount.root)) for path in _folders(mount.root)]
    home = stage.folder("clients")
    stage.say(GALLERY_DL)
    samples[GALLERY_DL] = [_counted(service, lambda: clients.gallery_dl(service, home, files))]
    stage.say(SMUGCLI)
    samples[SMUGCLI] = [_counted(service, lambda: clients.smugcli(service, home, files, folders))]
    bounds = [Bound(320), Bound(1, GALLERY_DL), Bound(1, SMUGCLI)]
    return [Figure("smugmug-calls-cold", CALLS, samples, bounds, _CLIENTS)]


def again(stage: Stage) -> list[Figure]:
    """Walk once more after a refresh when nothing changed, and after a remount."""
    service, files = stage.service(stage.sizes.smugmug.calls), stage.sizes.smugmug.calls.files
    ours = tools.mirrorfs(service)
    refreshed = stage.alternate({OURS: lambda: calls.refreshed(stage, service, files)})
    remounted = stage.alternate({OURS: lambda: calls.again(stage, service, ours, files)})
    return [
        Figure("smugmug-calls-refresh", CALLS, refreshed, [Bound(15, aim=3)], _CLIENTS),
        Figure("smugmug-calls-remount", CALLS, remounted, [Bound(0)], _CLIENTS),
    ]


def grants(stage: Stage) -> list[Figure]:
    """Mount and walk everything where the service grants less; all of it MUST be seen.

    ``pages``: ten objects on a page, half of what an album holds. ``no-inline``: expansions are
    not nested. ``no-multi-get``: one object a call. ``no-expansions``: none at all. ``least``: all
    of these.
    """
    gallery = stage.sizes.smugmug.calls
    found: list[Figure] = []
    for name, settings in _GRANTS.items():
        service = stage.service(gallery, **settings)
        sample = calls.once(stage, service, tools.mirrorfs(service), gallery.files)
        found.append(Figure(f"smugmug-calls-{name}", CALLS, {OURS: [sample]}, (), _CLIENTS))
        service.stop()
    return found


def walk(stage: Stage) -> list[Figure]:
    """``find -type f -size +0``, the kernel's names dropped before each run.

    ``smugmug-walk``: mounted anew for every run, listings on disk. ``smugmug-walk-again``: walked
    once before, listings in memory.
    """
    files = stage.sizes.smugmug.walk.files
    services = _pair(stage, stage.sizes.smugmug.walk)
    caches = {side: stage.folder(side) for side in services}

    def from_disk(side: str) -> Callable[[], float]:
        def run() -> float:
            with mounted(tools.mirrorfs(services[side][0]), caches[side]) as mount:
                timing.drop_names()
                return timing.walk(mount.root, files)

        return run

    def from_memory(side: str) -> Callable[[], float]:
        def run() -> float:
            with mounted(tools.mirrorfs(services[side][0]), caches[side]) as mount:
                timing.walk(mount.root, files)
                timing.drop_names()
                return timing.walk(mount.root, files)

        return run

    stage.say("walking each mount once")
    for side in services:
        from_disk(side)()
    figures: list[Figure] = []
    for name, sample in (("smugmug-walk", from_disk), ("smugmug-walk-again", from_memory)):
        samples = stage.alternate({side: sample(side) for side in services})
        figures.append(Figure(name, SECONDS, samples, _AS_FAST, _SERVICES))
    return figures


def copy(stage: Stage) -> list[Figure]:
    """``cp -r`` of pictures from a mount that has never seen them, listing included."""
    services = _pair(stage, stage.sizes.smugmug.copy)

    def sample(side: str) -> Callable[[], float]:
        def run() -> float:
            service, volume = services[side]
            with stage.fresh(tools.mirrorfs(service)) as mount:
                timing.drop_all()
                return timing.copy(mount.root, stage.folder("copy"), volume)

        return run

    samples = stage.alternate({side: sample(side) for side in services})
    return [Figure("smugmug-cold-copy", SECONDS, samples, _AS_FAST, _SERVICES)]


def read(stage: Stage) -> list[Figure]:
    """``dd`` of one large picture from a mount that has never seen it."""
    services = _pair(stage, stage.sizes.smugmug.read)

    def sample(side: str) -> Callable[[], float]:
        def run() -> float:
            service, volume = services[side]
            with stage.fresh(tools.mirrorfs(service)) as mount:
                (picture,) = mount.root.rglob("*.jpg")
                timing.drop_all()
                return timing.read(picture, volume)

        return run

    samples = stage.alternate({side: sample(side) for side in services})
    return [Figure("smugmug-cold-read", SPEED, samples, [Bound(1 / 1.25, CLOUDINARY)], _SERVICES)]


def _pair(stage: Stage, gallery: Gallery) -> dict[str, tuple[Service, int]]:
    """Return each side's account and the bytes of all its files."""
    ours = stage.service(gallery)
    volume = sum(one["size"] for one in ours.ask("truth"))
    twin = gallery.twin(volume)
    return {OURS: (ours, volume), CLOUDINARY: (stage.service(twin), twin.volume)}


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_dir())


def _counted(service: Service, look: Callable[[], None]) -> float:
    before = service.calls()
    look()
    return service.calls() - before
