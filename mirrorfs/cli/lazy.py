"""A group of commands of which each is imported only when it is called."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from mirrorfs.cli.program import Unread


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports the one that is called.

    ``table`` is command → where it is (``module:attribute`` in ``package``), and its line in
    the help.
    """

    def __init__(self, *args: Any, package: str, table: Mapping[str, tuple[str, str]], **kw: Any):
        super().__init__(*args, **kw)
        self._package = package
        self._table = table

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments; the help and the version are said here."""
        with _unread():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _unread():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or ``None`` for an unknown name."""
        if cmd_name not in self._table:
            return None
        module, _, attribute = self._table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"{self._package}.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; where there is none, say which one may be meant."""
        if args[0] not in self._table:
            near = difflib.get_close_matches(args[0], self._table, 1)
            if near:
                ctx.fail(f"No such command {args[0]!r}. Is {near[0]!r} meant?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._table.items()])


@contextmanager
def _unread() -> Iterator[None]:
    """Say of a closed output what click leaves alone."""
    try:
        yield
    except BrokenPipeError as error:
        raise Unread from error
