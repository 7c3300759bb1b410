"""Runs a command line and ends the process: an expected error is one sentence and a status.

What a command needs is imported in here, where Ctrl-C is heeded already: many a command takes
less time than its imports.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from mirrorfs.core.errors import MirrorError

_INTERRUPTED = 130
_UNREAD = 141
"""The exit status of a program whose output was closed, as shells have it (128 and SIGPIPE)."""


class Unread(Exception):
    """Nobody reads what is said any more. Click would end with 1 for the system's own error."""


class Commands(Protocol):
    """What a module with a command line holds."""

    cli: click.Group
    EXIT_STATUS: Mapping[type[MirrorError], int]
    """Error → exit status; 1 for others."""

    def postscript(self, error: MirrorError) -> str:
        """Return what is to be said after an error; empty for nothing."""
        ...


def run(name: str, module: str) -> NoReturn:
    """Run the command line that ``module`` holds (see :class:`Commands`); ``name`` is its own.

    Where nobody reads what it says any more it ends without a word.
    """
    try:
        status = _stoppable(name, module)
        if sys.stdout:
            sys.stdout.flush()
    except (BrokenPipeError, Unread):
        _mute()
        status = _UNREAD
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.stderr.write(f"{name}: What it says cannot be written: {error.strerror}.\n")
        _mute()
        status = 1
    sys.exit(status)


def _mute() -> None:
    """Have nothing written any more, as all that is not yet would be at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream:
            os.dup2(nowhere, stream.fileno())


def _stoppable(name: str, module: str) -> int:
    """Return the exit status; after Ctrl-C, too."""
    try:
        return _run(name, module)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return _INTERRUPTED


def _run(name: str, module: str) -> int:
    """Return the exit status."""
    import click

    from mirrorfs.core.errors import MirrorError

    commands = cast("Commands", import_module(module))
    try:
        return int(commands.cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except MirrorError as error:
        for text in (f"{name}: {error}", commands.postscript(error)):
            if text:
                click.echo(text, err=True)
        return status_of(error, commands.EXIT_STATUS)


def status_of(error: MirrorError, statuses: Mapping[type[MirrorError], int]) -> int:
    """Return the exit status after ``error``."""
    known = (statuses[kind] for kind in type(error).__mro__ if kind in statuses)
    return next(known, 1)
