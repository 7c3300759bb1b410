"""Options that many commands have, and the values that they make."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from mirrorfs.cli.parsed import Parsed
from mirrorfs.core.errors import Misuse
from sync.bandwidth import parse_bandwidth
from sync.filters import Filters, Wanted, rule_lines
from sync.state import State, default_state
from sync.units import parse_age, parse_size, parse_span

Command = TypeVar("Command", bound=Callable[..., Any])

SIZE = Parsed("size", parse_size)
SPAN = Parsed("time", parse_span)
AGE = Parsed("time", lambda text: parse_age(text, time.time()))


class Number(click.FloatRange):
    """A number within limits; ``nan`` is within none, though no comparison tells so."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number; what is none ends the command with status 2."""
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is no number.", param, ctx)
        return number


PER_CENT = Number(0, 100)
DAYS = Number(0)

NO_WAIT = click.option(
    "--no-wait",
    is_flag=True,
    envvar="MIRRORSYNC_NO_WAIT",
    help="Do not wait for a used-up quota: end with status 11.",
)
BWLIMIT = click.option(
    "--bwlimit",
    type=Parsed("rate", parse_bandwidth),
    default="off",
    help="So many bytes a second; 10M, 10M:1M up and down, '08:00,512k 19:00,off'.",
)
WORKDIR = click.option(
    "--workdir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where manifests, checksums and the trash are.",
)

_PATTERN: dict[str, Any] = {"multiple": True, "metavar": "PATTERN"}
_FILE: dict[str, Any] = {"multiple": True, "metavar": "FILE"}


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return one decorator that adds all ``options``, shown in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


FILTERS: Callable[[Any], Any] = together(
    click.option("--include", **_PATTERN, help="Only files that match; repeatable."),
    click.option("--include-from", **_FILE, help="Such patterns, one a line; - is stdin."),
    click.option("--exclude", **_PATTERN, help="No files that match; repeatable."),
    click.option("--exclude-from", **_FILE, help="Such patterns, one a line."),
    click.option("-f", "--filter", "rules", multiple=True, metavar="RULE", help="'+ PATTERN', …"),
    click.option("--filter-from", **_FILE, help="Such rules, one a line."),
    click.option("--files-from", **_FILE, help="Only the paths in this file, one a line."),
    click.option("--files-from-raw", **_FILE, help="The same, each line as it is."),
    click.option("--files-from0", **_FILE, help="The same, with NUL between them."),
    click.option("--exclude-if-present", "markers", multiple=True, metavar="NAME",
                 help="No folders that hold a file of this name."),
    click.option("--min-size", type=SIZE, help="No smaller files; in KiB or with b, k, M, G."),
    click.option("--max-size", type=SIZE, help="No larger files."),
    click.option("--min-age", type=AGE, help="No younger files; 90, 30m, 2d, 1y, 2024-05-01."),
    click.option("--max-age", type=AGE, help="No older files."),
    click.option("--max-depth", type=int, help="How many levels down; 1 is the top alone."),
    click.option("--ignore-case", is_flag=True, help="Filters ignore case."),
)  # fmt: skip


def state_of(workdir: Path | None) -> State:
    """Return the state folder that ``--workdir`` names, or the user's own."""
    return State(workdir.absolute()) if workdir else default_state()


def take_filters(options: dict[str, Any], rules_from: Iterable[str] = ()) -> Filters:
    """Take what :data:`FILTERS` brought out of ``options``; ``rules_from`` are files of rules.

    Raises:
        Misuse: a file cannot be read, or a pattern makes no sense.
    """
    take = options.pop
    lists = [take("files_from"), take("files_from_raw"), take("files_from0")]
    files: list[str] = [line for name in lists[0] for line in rule_lines(_text(name))]
    files += [line for name in lists[1] for line in _text(name).splitlines()]
    files += [line for name in lists[2] for line in _text(name).split("\0") if line]
    wanted = Wanted(
        include=(*take("include"), *_rules(take("include_from"))),
        exclude=(*take("exclude"), *_rules(take("exclude_from"))),
        rules=(*take("rules"), *_rules(take("filter_from")), *_rules(rules_from)),
        files=tuple(files) if any(lists) else None,
        **{name: take(name) for name in _PLAIN},
    )
    return Filters(wanted, time.time())


_PLAIN = ("markers", "min_size", "max_size", "min_age", "max_age", "max_depth", "ignore_case")


def _rules(names: Iterable[str]) -> Iterable[str]:
    return (line for name in names for line in rule_lines(_text(name)))


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Misuse(f"{name} cannot be read: it is no text in UTF-8.") from error
    except OSError as error:
        raise Misuse(f"{name} cannot be read: {error.strerror}.") from error
