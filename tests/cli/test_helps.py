"""The line that a group's help has for each command, on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from mirrorfs.cli import commands as of_mirrorfs
from sync.cli import commands as of_mirrorsync


def groups(name: str, command: click.Command) -> Iterator[tuple[str, click.Group]]:
    """Yield each group in ``command``, itself first, by its full name."""
    if isinstance(command, click.Group):
        yield name, command
        with click.Context(command) as ctx:
            for inner in command.list_commands(ctx):
                found = command.get_command(ctx, inner)
                assert found
                yield from groups(f"{name} {inner}", found)


GROUPS = dict([*groups("mirrorfs", of_mirrorfs.cli), *groups("mirrorsync", of_mirrorsync.cli)])


@pytest.mark.parametrize("name", GROUPS)
def test_each_command_has_one_whole_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with click.Context(GROUPS[name], info_name=name) as ctx:
        commands = sorted(GROUPS[name].list_commands(ctx))
        lines = GROUPS[name].get_help(ctx).partition("Commands:\n")[2].splitlines()
    assert sorted(line.split()[0] for line in lines) == commands
    for line in lines:
        assert len(line) <= 80
        assert len(line.split()) > 2
        assert line.endswith(".")
        assert not line.endswith("..")


def test_the_groups_are_found() -> None:
    assert {"mirrorfs", "mirrorfs service install", "mirrorsync", "mirrorsync trash"} <= set(GROUPS)
