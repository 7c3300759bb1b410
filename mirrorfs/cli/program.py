"""Runs a command line and ends the process: an expected error is one sentence and a status.

What a command needs is imported in here, where Ctrl-C is heeded already: many a command takes
less time than its imports.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    import click

    from mirrorfs.core.errors import MirrorError

_INTERRUPTED = 130


class Commands(Protocol):
    """What a module with a command line holds."""

    cli: click.Group
    EXIT_STATUS: Mapping[type[MirrorError], int]
    """Error → exit status; 1 for others."""

    def postscript(self, error: MirrorError) -> str:
        """Return what is to be said after an error; empty for nothing."""
        ...


def run(name: str, module: str) -> NoReturn:
    """Run the command line that ``module`` holds (see :class:`Commands`); ``name`` is its own."""
    try:
        sys.exit(_run(name, module))
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(_INTERRUPTED)


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
        return _status_of(error, commands.EXIT_STATUS)


def _status_of(error: MirrorError, statuses: Mapping[type[MirrorError], int]) -> int:
    known = (statuses[kind] for kind in type(error).__mro__ if kind in statuses)
    return next(known, 1)
