"""What a run says while it goes: on a terminal, in plain lines, as JSON, into a log file."""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mirrorfs.core.errors import Misuse
from sync.cli.options import SPAN, together
from sync.model import Action, Adopt, Forget, Outcome, Plan, Result, Side
from sync.progress import Progress, outcome_line
from sync.report import outcome_json
from sync.words import plain

if TYPE_CHECKING:
    from mirrorfs.core.provider import Usage

TELLING: Callable[[Any], Any] = together(
    click.option("-P", "--progress", is_flag=True, help="Show how far it is.  [default: on a "
                 "terminal]"),
    click.option("--stats", type=SPAN, default="1m", help="How often, where there is no "
                 "terminal.  [default: 1m]"),
    click.option("--json", "as_json", is_flag=True, help="Say everything as JSON lines."),
    click.option("--log-file", type=click.Path(dir_okay=False, path_type=Path),
                 help="Write what is said to this file."),
    click.option("-v", "--verbose", count=True, help="Say more; twice for everything."),
    click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong."),
)  # fmt: skip

_log = logging.getLogger("mirrorsync")
Usages = Mapping[Side, Callable[[], "Usage"]]


@dataclass(frozen=True, slots=True)
class Telling:
    """How much is said, and where. ``stats`` is in seconds, ``None`` for never."""

    progress: bool
    stats: float | None
    as_json: bool
    log_file: Path | None
    verbose: int
    quiet: bool
    is_plain: bool = False
    """Whether nothing is drawn, as questions are asked or lists written meanwhile."""

    @property
    def level(self) -> int:
        """The least level of what is said."""
        if self.quiet:
            return logging.ERROR
        return (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]

    @property
    def is_live(self) -> bool:
        """Say whether bars are drawn."""
        wanted = self.progress or sys.stderr.isatty()
        return wanted and sys.stderr.isatty() and not (self.quiet or self.as_json or self.is_plain)

    @property
    def sums_up(self) -> bool:
        """Say whether a run that went well ends with a summary."""
        asked = self.progress or self.verbose or sys.stderr.isatty()
        return bool(asked) and not self.quiet


def take_telling(options: dict[str, Any]) -> Telling:
    """Take what :data:`TELLING` brought out of ``options``."""
    names = ("progress", "stats", "as_json", "log_file", "verbose", "quiet")
    told = {name: options.pop(name) for name in names}
    return Telling(**told, is_plain=options.pop("interactive", False))


class Watcher:
    """An observer that counts, and says what is to be said."""

    def __init__(self, telling: Telling) -> None:
        self.progress = Progress(time.time)
        self._telling = telling

    def scanned(self, side: Side, entries: int) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.scanned(side, entries)
        _log.debug("%s: %d entries", side.value, entries)
        self._event("scanned", side=side.value, entries=entries)

    def planned(self, plan: Plan) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.planned(plan)
        self._event("planned", actions=len(plan.actions), conflicts=len(plan.conflicts))

    def began(self, action: Action) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.began(action)

    def sent(self, action: Action, size: int) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.sent(action, size)

    def ended(self, outcome: Outcome) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.ended(outcome)
        if outcome.result in {Result.FAILED, Result.CHANGED}:
            _log.error("%s", outcome_line(outcome))
        elif outcome.result is Result.DONE and _log.isEnabledFor(_level(outcome)):
            _log.log(_level(outcome), "%s", outcome_line(outcome))
        if self._telling.as_json:
            self._event("ended", **outcome_json(outcome))

    def waiting(self, reason: str, until: float) -> None:
        """See :class:`sync.watching.Observer`."""
        self.progress.waiting(reason, until)
        _log.warning("%s Waiting %d s; Ctrl-C ends.", plain(reason), max(until - time.time(), 0))
        self._event("waiting", reason=reason, until=until)

    def ending(self) -> None:
        """Say that nothing more is begun; a signal handler calls this."""
        text = "Finishing what is under way; once more stops at once."
        self.progress.waiting(text, math.inf)
        _log.warning("%s", text)

    def noted(self, text: str) -> None:
        """See :class:`sync.watching.Observer`."""
        _log.warning("%s", plain(text))
        self._event("noted", text=text)

    def _event(self, name: str, **told: object) -> None:
        if self._telling.as_json:
            say_json({"event": name, **told})


def _level(outcome: Outcome) -> int:
    """Return how much somebody wants to know to be told of what was only written down."""
    return logging.DEBUG if isinstance(outcome.action, Adopt | Forget) else logging.INFO


_json_lock = threading.Lock()


def say_json(told: dict[str, object]) -> None:
    """Write an object as one line to the standard output."""
    line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    with _json_lock:  # what is no Unicode becomes an escape of JSON
        click.echo(line.encode("utf-8", "backslashreplace"))


@contextmanager
def watched(telling: Telling, usages: Usages) -> Iterator[Watcher]:
    """Show how far a run is while inside; ``usages`` tell of the quota, at no cost."""
    watcher = Watcher(telling)
    with logged(telling):
        if telling.is_live and telling.log_file is None:
            from sync.cli.screen import drawn

            with drawn(watcher.progress, usages, _log):
                yield watcher
        else:
            with _repeated(telling, watcher.progress):
                yield watcher


@contextmanager
def logged(telling: Telling) -> Iterator[None]:
    """Send what is said to standard error or to the log file."""
    handler = _handler(telling.log_file)
    stamped = "%(asctime)s %(levelname)-7s %(message)s"
    handler.setFormatter(logging.Formatter(stamped if telling.log_file else "%(message)s"))
    loggers = [_log, logging.getLogger("sync"), logging.getLogger("mirrorfs")]
    for logger in loggers:
        logger.setLevel(telling.level)
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
        handler.close()


def _handler(log_file: Path | None) -> logging.Handler:
    """Return what writes to standard error, or to the log file.

    Raises:
        Misuse: it cannot be written.
    """
    if log_file is None:
        return logging.StreamHandler()
    try:
        return logging.FileHandler(log_file, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise Misuse(f"--log-file {log_file}: {error.strerror}.") from error


@contextmanager
def _repeated(telling: Telling, progress: Progress) -> Iterator[None]:
    """Say how far it is every so often."""
    over = threading.Event()
    wanted = telling.stats and (telling.progress or telling.verbose) and not telling.quiet
    every = telling.stats if wanted or telling.as_json else None

    def repeat() -> None:
        while every and not over.wait(every):
            figures = progress.figures()
            if telling.as_json:
                said: dict[str, object] = {"event": "stats", "done": figures.done}
                said |= {"total": figures.total, "sent": figures.sent, "size": figures.size}
                say_json(said | {"rate": round(figures.rate), "left": figures.left})
            else:
                _log.warning("%s", figures)

    thread = threading.Thread(target=repeat, name="stats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
