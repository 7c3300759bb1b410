"""``schedule``: commands that run by themselves."""

from __future__ import annotations

import datetime
import json
import logging
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from mirrorfs import notify
from mirrorfs.cli.output import moment
from mirrorfs.cli.parsed import Parsed
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import Misuse
from mirrorfs.metrics import Address, parse_address
from sync import cron
from sync.schedule import Runner, next_run
from sync.state import default_state
from sync.timetable import Schedule, Timetable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ARGS: dict[str, Any] = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def parse_moment(text: str) -> float:
    """Return seconds since the epoch from ``2026-11-21T03:00``, in the local zone unless it says.

    Raises:
        ValueError: it is no time.
    """
    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time. Write it as 2026-11-21T03:00.") from error


MOMENT = Parsed("time", parse_moment)
ADDRESS = Parsed("[host:]port", parse_address)


@click.group()
def schedule() -> None:
    """Commands that run by themselves, at times as cron has them.

    They run while 'mirrorsync schedule run' does; 'mirrorsync service install schedule' has it
    run whenever you are logged in. What was missed is made up once. A run that uses the quota
    of the hour up goes on when it is there again, also after a restart of the machine.
    """


@schedule.command(context_settings=_ARGS)
@click.argument("name")
@click.argument("cron_time", metavar="CRON")
@click.argument("args", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def add(name: str, cron_time: str, args: tuple[str, ...]) -> None:
    """Run 'mirrorsync COMMAND...' in this folder whenever CRON says so.

    CRON is minute, hour, day of the month, month and weekday, or a name such as @daily:
    'mirrorsync schedule add nightly "0 3 * * *" -- copy cloudinary: ~/backup'.
    """
    args = args[1:] if args[0] == "--" else args
    _check(name, args)
    cron.check(cron_time)
    added = Schedule(name, cron_time, args, str(Path.cwd()), time.time())
    with _timetable() as timetable:
        timetable.add(added)
    click.echo(f"{name} runs next at {moment(next_run(added, cron.local_zone()))}.")


@schedule.command("list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, one object a schedule.")
def list_(as_json: bool) -> None:
    """Show all schedules, with their last and next runs."""
    zone = cron.local_zone()
    with _timetable() as timetable:
        found = timetable.all()
    if as_json:
        shown = [{**asdict(one), "next_run": next_run(one, zone)} for one in found]
        click.echo(json.dumps(shown, indent=2))
    elif not found:
        click.echo("There are no schedules.")
    else:
        click.echo("\n".join(_describe(one, next_run(one, zone)) for one in found))


@schedule.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a schedule; a run of it that is under way goes on."""
    with _timetable() as timetable:
        timetable.remove(name)


@schedule.command()
@click.option("--once", is_flag=True, help="Run what is due, wait for its end, and end.")
@click.option(
    "--now",
    type=MOMENT,
    help="With --once: run nothing, show what would be due at that time: 2026-11-21T03:00.",
)
@click.option("--metrics", type=ADDRESS, help="Tell Prometheus how it goes: 9464.")
def run(once: bool, now: float | None, metrics: Address | None) -> None:
    """Run what is due, until Ctrl-C or SIGTERM.

    With --once it runs what is due now, and the exit status is the worst of those of the runs.
    """
    if now is not None and not once:
        raise Misuse("--now is for --once.")
    if now is not None:
        _show_due(now)
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    from mirrorfs.metrics_server import serving

    with _running(SystemClock()) as runner:
        if once:
            raise click.exceptions.Exit(runner.run_once())
        with serving(metrics, runner.figures):
            notify.tell(notify.READY)
            runner.run()


def _show_due(at: float) -> None:
    """Show what is due at a time and since when; nothing is run, and nothing noted."""
    zone = cron.local_zone()
    with _timetable() as timetable:
        dues = [(next_run(one, zone), one) for one in timetable.all()]
    lines = [
        f"{one.name}  due {moment(due)}  {' '.join(one.args)}" for due, one in dues if due <= at
    ]
    click.echo("\n".join(lines or ["Nothing would be run."]))


@contextmanager
def _running(clock: SystemClock) -> Iterator[Runner]:
    from sync.launching import Launcher
    from sync.lock import locked

    folder = default_state().folder
    held = locked(folder / "schedules.lock", clock, doing="The schedules are being run")
    with held, _timetable() as timetable:
        runner = Runner(timetable, Launcher(folder / "logs"), clock, cron.local_zone())
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: runner.stop())
        yield runner


@contextmanager
def _timetable() -> Iterator[Timetable]:
    timetable = Timetable(default_state().folder / "schedules.sqlite")
    try:
        yield timetable
    finally:
        timetable.close()


def _check(name: str, args: tuple[str, ...]) -> None:
    from sync.cli.commands import COMMANDS

    if not _NAME.fullmatch(name):
        raise Misuse(f"{name!r} cannot name a schedule.", "Use letters, digits, '.', '_' and '-'.")
    if not args or args[0] not in COMMANDS:
        raise Misuse(f"mirrorsync knows no command {' '.join(args[:1])!r}.")


def _describe(schedule: Schedule, due: float) -> str:
    lines = [
        f"{schedule.name}  {schedule.cron}  {click.style(' '.join(schedule.args), bold=True)}",
        f"  next   {moment(due)}" + (", going on" if schedule.resume_at else ""),
    ]
    if schedule.started > schedule.ended:
        lines.append(f"  last   {moment(schedule.started)}, not ended")
    elif schedule.started:
        took = schedule.ended - schedule.started
        lines.append(f"  last   {moment(schedule.started)}, {took:.0f} s, status {schedule.status}")
    if schedule.error:
        lines.append(f"  error  {schedule.error}")
    return "\n".join(lines)
