"""What it costs to keep two places alike, beside rclone's commands of the same names."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from scripts.bench import syncers, timing
from scripts.bench.album import Album
from scripts.bench.figure import (
    CALLS,
    FILES,
    MEBIBYTES,
    OURS,
    RCLONE,
    SECONDS,
    Bound,
    Failed,
    Figure,
)
from scripts.bench.service import serving
from scripts.bench.stage import Stage
from scripts.bench.syncers import Syncer

_SIDES = (OURS, RCLONE)
_MOST_MEMORY = 600e6 / 2**20
_EIGHT = ("--transfers", "8")


def calls(stage: Stage) -> list[Figure]:
    """``sync`` of an account onto a folder that holds all of it already: calls of the quota.

    Ours fills the folder; both look at that one, and MUST leave it as it is.
    """
    service, album = stage.service(stage.sizes.sync.calls), stage.sizes.sync.calls
    ours, other = syncers.both(stage, service)
    folder = stage.folder("mirror")
    stage.say("copying the account once")
    ours.run("sync", ours.remote, folder)
    before = _moments(folder)

    def sample(syncer: Syncer) -> float:
        counted = service.calls()
        syncer.run("sync", syncer.remote, folder)
        if _moments(folder) != before or len(before) != album.files:
            raise Failed(f"{syncer.side} did not leave the folder as it is")
        return service.calls() - counted

    samples = stage.alternate({OURS: lambda: sample(ours), RCLONE: lambda: sample(other)})
    return [Figure("sync-calls", CALLS, samples, [Bound(45)], _SIDES)]


def still(stage: Stage) -> list[Figure]:
    """``bisync`` of two folders in which nothing happened: its time, and the files it read.

    The kernel's names are dropped before each run. A file was read when its time of access
    moved; these are set back first.
    """
    one, two = _twins(stage, stage.sizes.sync.still)
    sides = {syncer.side: syncer for syncer in syncers.both(stage)}
    reads: dict[str, list[float]] = {side: [] for side in sides}
    for syncer in sides.values():
        stage.say(f"{syncer.side}: first run")
        syncer.agree(one, two)

    def sample(side: str) -> float:
        for folder in (one, two):
            _forget_reads(folder)
        timing.drop_names()
        seconds = sides[side].run("bisync", one, two).seconds
        reads[side].append(sum(map(_count_reads, (one, two))))
        return seconds

    samples = stage.alternate({OURS: lambda: sample(OURS), RCLONE: lambda: sample(RCLONE)})
    return [
        Figure("bisync-still", SECONDS, samples, [Bound(1, RCLONE)], _SIDES),
        Figure("bisync-still-reads", FILES, reads, [Bound(0)], _SIDES),
    ]


def memory(stage: Stage) -> list[Figure]:
    """``bisync`` of two large folders: the greatest resident set of a first run and of the next."""
    one, two = _twins(stage, stage.sizes.sync.memory)
    first: dict[str, list[float]] = {side: [] for side in _SIDES}

    def sample(syncer: Syncer) -> float:
        first[syncer.side].append(syncer.agree(one, two).peak)
        peak = syncer.run("bisync", one, two).peak
        syncers.forget(syncer)
        return peak

    samples = stage.alternate(
        {
            OURS: lambda: sample(syncers.mirrorsync(stage)),
            RCLONE: lambda: sample(syncers.rclone(stage)),
        }
    )
    bounds = [Bound(round(_MOST_MEMORY)), Bound(1, RCLONE)]
    return [
        Figure("bisync-memory-first", MEBIBYTES, first, bounds, _SIDES),
        Figure("bisync-memory", MEBIBYTES, samples, bounds, _SIDES),
    ]


def down(stage: Stage) -> list[Figure]:
    """``copy`` of an account of pictures to a new folder, eight at a time."""
    album = stage.sizes.sync.copy
    service = stage.service(album)

    def sample(syncer: Syncer) -> float:
        folder = stage.folder("copy")
        timing.drop_all()
        seconds = syncer.run("copy", syncer.remote, folder, *_EIGHT).seconds
        _check_volume(folder, album)
        shutil.rmtree(folder)
        return seconds

    ours, other = syncers.both(stage, service)
    samples = stage.alternate({OURS: lambda: sample(ours), RCLONE: lambda: sample(other)})
    return [Figure("copy-down", SECONDS, samples, [Bound(1, RCLONE)], _SIDES)]


def up(stage: Stage) -> list[Figure]:
    """``copy`` of a folder of pictures to a new account, eight at a time."""
    album = stage.sizes.sync.copy
    native = stage.native(album)

    def sample(side: str) -> float:
        with serving(stage.folder("service"), Album(0, 0, 0), {}) as service:
            ours, other = syncers.both(stage, service)
            syncer = ours if side == OURS else other
            timing.drop_all()
            seconds = syncer.run("copy", native, syncer.remote, *_EIGHT).seconds
            if (sent := service.transfers()) != album.files:
                raise Failed(f"{side} sent {sent} files where {album.files} are")
            return seconds

    samples = stage.alternate({OURS: lambda: sample(OURS), RCLONE: lambda: sample(RCLONE)})
    return [Figure("copy-up", SECONDS, samples, [Bound(1, RCLONE)], _SIDES)]


def shift(stage: Stage) -> list[Figure]:
    """Each picture of a folder takes the next one's name, then ``bisync`` with its account.

    Counted are the bytes of all files that were sent, either way. What the account and the folder
    hold then is compared by its bytes; a side that is wrong has no sample.
    """
    samples: dict[str, list[float]] = {}
    for side in _SIDES:
        with serving(stage.folder("service"), stage.sizes.sync.shift, {}) as service:
            ours, other = syncers.both(stage, service)
            syncer, folder = ours if side == OURS else other, stage.folder("mirror")
            stage.say(f"{side}: first run")
            ours.run("copy", ours.remote, folder)
            syncer.agree(syncer.remote, folder)
            wanted = stage.folder("wanted")
            _shift(folder)
            shutil.copytree(folder, wanted)
            before = service.transfers()
            syncer.run("bisync", syncer.remote, folder)
            sent = (service.transfers() - before) * stage.sizes.sync.shift.size / 2**20
            held = stage.folder("held")
            ours.run("copy", ours.remote, held)
            if _are_alike(wanted, folder) and _are_alike(wanted, held):
                samples[side] = [sent]
            else:
                stage.say(f"{side}: {sent:.0f} MiB were sent, and the account is not as the folder")
    if OURS not in samples:
        raise Failed("ours did not bring the account in line with the folder")
    return [Figure("bisync-shift", MEBIBYTES, samples, [Bound(0)], _SIDES)]


def _twins(stage: Stage, album: Album) -> tuple[Path, Path]:
    """Return two new folders that hold ``album``, with the same times."""
    stage.say(f"writing {album.files} files twice")
    one, two = album.write(stage.folder("one")), stage.folder("two")
    timing.command(("cp", "-a", str(one), str(two)))
    return one, two


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield Path(above, name)


def _moments(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in _files(folder)}


def _forget_reads(folder: Path) -> None:
    """Give all files below ``folder`` an old time of access.

    Raises:
        Failed: the disk does not tell when files are read.
    """
    for path in _files(folder):
        os.utime(path, ns=(0, path.stat().st_mtime_ns))
    one = next(_files(folder))
    one.read_bytes()
    if not one.stat().st_atime_ns:
        raise Failed("the disk does not tell when files are read; try another --scratch")
    os.utime(one, ns=(0, one.stat().st_mtime_ns))


def _count_reads(folder: Path) -> int:
    return sum(path.stat().st_atime_ns != 0 for path in _files(folder))


def _check_volume(folder: Path, album: Album) -> None:
    copied = sum(path.stat().st_size for path in _files(folder))
    if copied != album.volume:
        raise Failed(f"{copied} bytes were copied where {album.volume} are")


def _shift(folder: Path) -> None:
    """Give each file of each folder the name of the next one."""
    for path in sorted(_files(folder), reverse=True):
        stem, number = path.stem.rsplit("_", 1)
        path.rename(path.with_name(f"{stem}_{int(number) + 1:04}{path.suffix}"))


def _are_alike(one: Path, two: Path) -> bool:
    """Say whether two folders hold files of the same names and bytes."""
    names = {path.relative_to(one) for path in _files(one)}
    if names != {path.relative_to(two) for path in _files(two)}:
        return False
    return all(filecmp.cmp(one / name, two / name, shallow=False) for name in names)
