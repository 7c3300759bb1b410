"""How long a person waits for the first line."""

from __future__ import annotations

import statistics

from scripts.bench import timing, tools
from scripts.bench.figure import MILLISECONDS, OURS, RCLONE, Bound, Figure
from scripts.bench.stage import Stage

_STARTS = 7


def show_help(stage: Stage) -> list[Figure]:
    """``mirrorfs --help`` and ``rclone --help``; a sample is the median of seven starts."""
    samples = stage.alternate(
        {OURS: lambda: _start(tools.MIRRORFS_PROGRAM), RCLONE: lambda: _start(tools.RCLONE_PROGRAM)}
    )
    return [Figure("help", MILLISECONDS, samples, [Bound(150)])]


def _start(program: str) -> float:
    seconds = [timing.command((program, "--help")) for _ in range(_STARTS)]
    return statistics.median(seconds) * 1000
