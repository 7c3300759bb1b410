"""``python -m scripts.bench``: take figures, print them, and say whether the bounds are met."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from scripts.bench import machine, table, timing
from scripts.bench.catalogue import BENCHES
from scripts.bench.figure import CALLS, Failed, Figure
from scripts.bench.stage import FULL, QUICK, Stage

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Return 0 when all bounds are met, 1 when one is missed, 2 for misuse, 130 when stopped."""
    options = _parse()
    if not timing.can_drop():
        print("bench: only root can drop the kernel's caches; run it as root.", file=sys.stderr)
        return 2
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    figures: list[Figure] = []
    stopped = False
    with _scratch(options.scratch) as scratch:
        described = machine.describe(scratch)
        try:
            _measure(options, scratch, figures)
        except KeyboardInterrupt:
            stopped = True
        described["load after"] = machine.load()
    table.show(described, figures)
    if options.json:
        report = {"machine": described, "figures": [figure.to_json() for figure in figures]}
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    if stopped:
        print("Stopped before the end.", file=sys.stderr)
        return 130
    return 0 if all(figure.met for figure in figures) else 1


def _measure(options: argparse.Namespace, scratch: Path, figures: list[Figure]) -> None:
    """Append figures as they are taken, so that an interruption loses only the running one."""
    sizes = QUICK if options.quick else FULL
    sizes = replace(sizes, runs=options.runs or sizes.runs)
    if options.quick:
        print("Small albums, one run: the bounds are meant for the full sizes.", file=sys.stderr)
    with ExitStack() as stack:
        stage = Stage(sizes, scratch, stack)
        for name in options.names or BENCHES:
            figures += _take(name, stage)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench",
        description="Figures side by side with rclone mount and the native file system.",
        epilog=f"Names: {', '.join(BENCHES)}. Exit status 1: a bound is missed.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures to take (default: all)")
    parser.add_argument("--quick", action="store_true", help="small albums and one run each")
    parser.add_argument("--runs", type=int, metavar="N", help="runs of each side")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--scratch",
        type=Path,
        default=Path("/var/tmp"),
        metavar="DIR",
        help="where caches and trees are kept meanwhile; MUST be a disk (default: /var/tmp)",
    )
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"there is no figure {', '.join(sorted(unknown))}")
    return options


def _take(name: str, stage: Stage) -> list[Figure]:
    print(name, file=sys.stderr, flush=True)
    try:
        return BENCHES[name](stage)
    except (Failed, OSError, subprocess.SubprocessError) as error:
        return [Figure(name, CALLS, {}, failure=str(error))]


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mirrorfs-bench-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    """Stop at the first signal and let nothing disturb the cleaning up."""
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    sys.exit(main())
