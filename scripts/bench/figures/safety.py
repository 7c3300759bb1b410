"""What is left of a folder when the account that it is kept alike with does not answer rightly.

Folders are listed as ever, files are not: so it is for a folder without folders in it when the
quota ends between two calls, since rclone asks for the folders in a folder first.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scripts.bench import syncers
from scripts.bench.figure import FILES_LEFT, OURS, RCLONE, Bound, Failed, Figure
from scripts.bench.stage import Stage

_EMPTY = {"resources": [], "total_count": 0, "next_cursor": None}

ANSWERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "limited": {"rate_limit": True},
        "failing": {"status": 500},
        "cut": {"truncate_body_to": 200},
        "html": {"html": "<html><body>Please sign in.</body></html>", "status": 200},
        "empty": {"status": 200, "body": _EMPTY},
    }
)
"""What every call that lists files is answered with, in the words of the emulator's faults."""


def left(stage: Stage) -> list[Figure]:
    """``sync`` of the account onto the folder, and ``bisync`` of both, while it answers so.

    Counted are the folder's files afterwards; ours MUST not end with 0 either. One run each.
    """
    full = stage.folder("mirror")
    ours = syncers.mirrorsync(stage, stage.service(stage.sizes.sync.safety))
    ours.run("copy", ours.remote, full)
    return [_left(stage, verb, name, full) for verb in ("sync", "bisync") for name in ANSWERS]


def _left(stage: Stage, verb: str, name: str, full: Path) -> Figure:
    """Return one figure; ``full`` holds what the account does."""
    album = stage.sizes.sync.safety
    service = stage.service(album)
    samples: dict[str, list[float]] = {}
    for syncer in syncers.both(stage, service):
        folder = stage.folder("mirror")
        shutil.copytree(full, folder)
        if verb == "bisync":
            syncer.agree(syncer.remote, folder)
        service.play(ANSWERS[name])
        try:
            ran = syncer.attempt(verb, syncer.remote, folder)
        finally:
            service.play({})
        samples[syncer.side] = [sum(path.is_file() for path in folder.rglob("*"))]
        stage.say(f"{verb}, {name}: {syncer.side} ended with {ran.status}")
        if syncer.side == OURS and ran.status == 0:
            raise Failed(f"{verb} ended with 0 when the answers were {name}")
    return Figure(f"{verb}-{name}", FILES_LEFT, samples, [Bound(album.files)], (OURS, RCLONE))
