"""What it costs to watch a folder: time to the service, an idle machine's work, and memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.bench import processes, syncers, timing
from scripts.bench.album import Album
from scripts.bench.figure import MEBIBYTES, OURS, PERCENT, SECONDS, Bound, Failed, Figure
from scripts.bench.service import Service, serving
from scripts.bench.stage import Stage
from scripts.bench.syncers import Syncer

COPY = "copy"
"""Ours, as one plain copy of the same files."""

_PATIENCE = 1200.0
_STEP = 0.05
_IDLE = 60.0
_ROUNDS = 1000
_EACH = 20
_PACE = 0.2


def save(stage: Stage) -> list[Figure]:
    """Seconds from the last write of a file until the service has it."""
    with serving(stage.folder("service"), Album(0, 0, 0), {}) as service:
        ours, root = syncers.mirrorsync(stage, service), stage.folder("watched")
        root.mkdir()
        numbers = iter(range(1_000_000))

        def sample() -> float:
            before = service.transfers()
            (root / f"{next(numbers)}.jpg").write_bytes(os.urandom(1 << 16))
            begin = time.perf_counter()
            _wait(lambda: service.transfers() > before)
            return time.perf_counter() - begin

        with _watching(ours, root, ours.remote):
            return [
                Figure("watch-save", SECONDS, stage.alternate({OURS: sample}), [Bound(4)], (OURS,))
            ]


def burst(stage: Stage) -> list[Figure]:
    """Many new files at once, until the service has all; beside one plain copy of the same.

    Every file MUST have been sent once.
    """
    album = stage.sizes.sync.burst
    native = stage.native(album)

    def watched(service: Service) -> float:
        ours, root = syncers.mirrorsync(stage, service), stage.folder("watched")
        root.mkdir()
        with _watching(ours, root, ours.remote):
            begin = time.perf_counter()
            timing.command(("cp", "-r", f"{native}/.", str(root)))
            _wait(lambda: service.transfers() >= album.files)
            seconds = time.perf_counter() - begin
            time.sleep(10)
        return seconds

    def copied(service: Service) -> float:
        ours = syncers.mirrorsync(stage, service)
        return ours.run("copy", native, ours.remote).seconds

    def sample(way: Callable[[Service], float]) -> float:
        with serving(stage.folder("service"), Album(0, 0, 0), {}) as service:
            seconds = way(service)
            if (sent := service.transfers()) != album.files:
                raise Failed(f"{sent} files were sent where {album.files} are")
            return seconds

    samples = stage.alternate({OURS: lambda: sample(watched), COPY: lambda: sample(copied)})
    return [Figure("watch-burst", SECONDS, samples, [Bound(1.3, COPY)], (OURS, COPY))]


def idle(stage: Stage) -> list[Figure]:
    """Per cent of one processor while nothing happens in a large folder."""
    one, two = stage.sizes.sync.still.write(stage.folder("one")), stage.folder("two")
    timing.command(("cp", "-a", str(one), str(two)))
    with _watching(syncers.mirrorsync(stage), one, str(two)) as process:
        before = _processor(process)
        time.sleep(_IDLE)
        used = (_processor(process) - before) / _IDLE * 100
    return [Figure("watch-idle", PERCENT, {OURS: [used]}, [Bound(0.5)], (OURS,))]


def soak(stage: Stage) -> list[Figure]:
    """Growth of memory over a thousand rounds in which files come and go; the first 100 apart."""
    one, two = stage.folder("one"), stage.folder("two")
    one.mkdir()
    two.mkdir()
    with _watching(syncers.mirrorsync(stage), one, str(two), "--delete") as process:
        before = 0.0
        for number in range(_ROUNDS):
            for file in range(_EACH):
                (one / f"{number % 10}-{file}.jpg").write_bytes(b"%d" % number)
                (one / f"{(number - 5) % 10}-{file}.jpg").unlink(missing_ok=True)
            time.sleep(_PACE)
            if number == _ROUNDS // 10:
                before = processes.memory(process)
        grown = processes.memory(process) - before
    return [Figure("watch-soak", MEBIBYTES, {OURS: [grown]}, [Bound(10)], (OURS,))]


@contextmanager
def _watching(
    ours: Syncer, root: Path, remote: str, *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Watch ``root`` while inside; everything has been looked at once."""
    ours.state.mkdir(exist_ok=True)
    state = ours.state / "state"
    command = (*ours.program, "watch", str(root), remote, "--workdir", str(state), *options)
    with processes.running(command, ours.environment, ours.state / "output.log") as process:
        _wait(lambda: _has_run(state, process))
        yield process


def _has_run(state: Path, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise Failed("mirrorsync watch ended at once")
    return any('"last_run": 0.0' not in file.read_text() for file in state.glob("watch/*.json"))


def _processor(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds of a processor that were used until now."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise Failed("what was waited for did not happen")
        time.sleep(_STEP)
