"""A run from the command line: sides opened, Ctrl-C heeded, what came of it told."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import MirrorError, Misuse
from mirrorfs.core.paths import RemotePath
from sync import resuming
from sync.cli.telling import Telling, Watcher, say_json, watched
from sync.ends import Pair
from sync.model import Plan, Report, Result, Side, Stop
from sync.options import Run
from sync.pace import Halt
from sync.report import as_json, is_rehearsal, summary
from sync.review import Ask, reviewed
from sync.words import Line, plan_lines

INTERRUPTED = 130

_STOPS = {
    Stop.ASKED: INTERRUPTED,
    Stop.TRANSFER: 8,
    Stop.TIME: 10,
    Stop.QUOTA: resuming.STATUS,
    Stop.STATE: 7,
}
_COLOURS = {
    "new": "green", "changed": "cyan", "moved": "blue", "deleted": "red", "conflict": "yellow",
    "skipped": "magenta",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run is shown: how much is said, where the report goes, threads for both sides.

    ``ask`` is asked before anything is lost.
    """

    telling: Telling
    report: Path | None = None
    threads: int = 16
    no_transfer_is_error: bool = False
    ask: Ask | None = None

    def review(self, plan: Plan) -> Plan:
        """Return what of a plan may be done."""
        return reviewed(plan, self.ask) if self.ask else plan


def carry_out(pair: Pair, wish: Wish, work: Callable[[Run], Report]) -> int:
    """Do ``work`` and tell of it; return the exit status.

    Raises:
        MirrorError: nothing was done.
    """
    report = look_through(pair, wish, work)
    tell(report, wish.telling)
    if report.stop is Stop.QUOTA:
        click.echo(resuming.say(report.until), err=True)
    if wish.report:
        write_report(report, wish.report, pair)
    return status_of(report, no_transfer_is_error=wish.no_transfer_is_error)


def look_through(pair: Pair, wish: Wish, work: Callable[[Run], Report]) -> Report:
    """Return what ``work`` comes to, with its progress shown and Ctrl-C heeded.

    Raises:
        MirrorError: nothing was done.
    """
    clock, halt = SystemClock(), Halt()
    usages = {side: end.target.usage for side, end in pair if end.disk is None}
    try:
        with (
            watched(wish.telling, usages) as watcher,
            heeding(halt, clock, watcher),
            ThreadPoolExecutor(wish.threads, "sync") as executor,
        ):
            return work(Run(executor, clock, watcher, halt, wish.review))
    finally:
        for _, end in pair:
            end.target.close()


def tell(report: Report, telling: Telling) -> None:
    """Write the plan of a dry run, and the summary of any run that is to have one."""
    if telling.as_json:
        say_json({"event": "report", **as_json(report)})
        return
    if is_rehearsal(report) or telling.verbose:
        lines = plan_lines(report.plan, bookkeeping=telling.verbose > 1)
        for line in lines if is_rehearsal(report) else ():
            click.echo(coloured(line))
    failed = status_of(report) != 0
    if telling.sums_up or is_rehearsal(report) or failed:
        for text in _skipped(report):
            click.echo(text, err=True)
        for text in summary(report):
            click.echo(text, err=True)
    if is_rehearsal(report):
        click.echo("Nothing was done (--dry-run).", err=True)


def coloured(line: Line) -> str:
    """Return a line in the colour of what happens."""
    return click.style(str(line), fg=_COLOURS.get(line.kind.value))


def status_of(report: Report, *, no_transfer_is_error: bool = False) -> int:
    """Return the exit status of a run: rclone's where it has one."""
    results = {outcome.result for outcome in report.outcomes}
    if report.stop and (report.stop is not Stop.ASKED or Result.STOPPED in results):
        return _STOPS[report.stop]
    if Result.FAILED in results:
        return 1
    if Result.CHANGED in results:
        return 5
    if any(skip.error for skip in report.plan.skips):
        return 6
    if no_transfer_is_error and not any(outcome.sent for outcome in report.outcomes):
        return 9
    return 0


def write_report(report: Report, path: Path, pair: Pair) -> None:
    """Write the report of a run as a page or as JSON, by the extension of ``path``.

    Raises:
        Misuse: it cannot be written there.
    """
    if path.suffix.lower() == ".json":
        text = json.dumps(as_json(report), ensure_ascii=False, indent=1)
    else:
        from sync.cli.thumbnails import pictures_of
        from sync.page import page

        text = page(report, pictures_of(report, lambda side, at: place_of(pair, side, at)))
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, "utf-8", errors="backslashreplace")
        part.replace(path)
    except OSError as error:
        raise Misuse(f"The report cannot be written to {path}: {error.strerror}.") from error


def check_report(path: Path | None) -> None:
    """Check before a run that its report can be written.

    Raises:
        Misuse: it cannot, or its extension is another.
    """
    if path is None:
        return
    if path.suffix.lower() not in {".html", ".htm", ".json"}:
        raise Misuse(f"--report {path}: the name ends with .html or .json.")
    if not os.access(path.absolute().parent, os.W_OK):
        raise Misuse(f"--report {path}: its folder cannot be written to.")


def place_of(pair: Pair, side: Side, path: RemotePath) -> Path | None:
    """Return where ``path`` of ``side`` is on this machine, when it is."""
    disk = pair.of(side).disk
    try:
        return disk.place(path) if disk else None
    except MirrorError:
        return None


@contextmanager
def heeding(halt: Halt, clock: SystemClock, watcher: Watcher) -> Iterator[None]:
    """Let the first signal finish what is under way, and the second one end at once.

    Before there is a plan nothing is under way, and the first one ends the run.
    """

    def heed(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - see signal
        if halt.stop is Stop.ASKED:
            os._exit(128 + number)
        halt.ask(Stop.ASKED, "Stopped; run the same command again to go on from here.")
        clock.wake()
        watcher.ending()
        if not watcher.progress.figures().is_planned:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, heed) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _skipped(report: Report) -> Iterator[str]:
    if is_rehearsal(report):
        return
    for line in plan_lines(report.plan):
        if line.kind.value in {"conflict", "skipped"}:
            yield coloured(line)
