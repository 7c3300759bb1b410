"""What a command does when the quota is used up: wait with the time shown, or end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import click

from mirrorfs.cli.output import coming
from mirrorfs.core.errors import RateLimited

_T = TypeVar("_T")
_SPARE = 1.0

NO_WAIT = click.option(
    "--no-wait", is_flag=True, help="End with status 11 when the quota is used up."
)


def patiently(work: Callable[[], _T], no_wait: bool, what: str) -> _T:
    """Return what ``work`` returns, once the quota allows it; ``what`` is what has to wait.

    Raises:
        RateLimited: it does not, and ``no_wait`` was asked for.
    """
    while True:
        try:
            return work()
        except RateLimited as error:
            if no_wait:
                raise
            until = coming(error.retry_at)
            click.echo(f"{what}: Waiting until {until} for the quota; Ctrl-C ends.", err=True)
            time.sleep(max(error.retry_at - time.time(), 0) + _SPARE)
