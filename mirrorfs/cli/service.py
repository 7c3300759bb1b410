"""``mirrorfs service``: mounts that begin when you log in. Its parts are mirrorsync's, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mirrorfs import service as services
from mirrorfs import settings
from mirrorfs.core.errors import Misuse

Command = TypeVar("Command", bound=Callable[..., Any])

REST: dict[str, Any] = {"ignore_unknown_options": True, "allow_interspersed_args": False}
"""Settings of a command that hands what follows its own options to another one."""

_PRINT = click.option("--print", "shown", is_flag=True, help="Show the unit; write nothing.")
_NAME = click.option("--name", help="The unit's name.  [default: made from the folder]")


def installing(command: Command) -> Command:
    """Add the options of commands that install."""
    return _PRINT(_NAME(command))


def put(unit: services.Unit, *, shown: bool) -> None:
    """Install ``unit``, or show it."""
    click.echo(services.text_of(unit).rstrip() if shown else services.install(unit))


def check_lasting(text: str) -> None:
    """Check that a service will find the remote that begins ``text`` as this shell does.

    Raises:
        Misuse: there is none of that name, or the environment of this shell tells of it.
    """
    name = settings.parse_location(text).remote
    remote = settings.load().remote(name)
    if not remote.options and settings.has_variables(remote.service, os.environ):
        raise Misuse(
            f"{name}: is told by variables of this shell, which a service does not have.",
            f"Keep it with 'mirrorfs config set {name}', or in .env of this folder.",
        )


def looking_after(group: click.Group, *prefixes: str) -> None:
    """Add ``uninstall`` and ``status`` to ``group``, for units that begin with one of these."""

    @group.command()
    @click.argument("name")
    def uninstall(name: str) -> None:
        """Stop the service NAME and remove it. 'status' shows their names."""
        name = name.removesuffix(".service")
        if not name.startswith(prefixes):
            raise Misuse(f"{name} is no service of this program.")
        services.uninstall(name)
        click.echo(f"{name} is removed.")

    @group.command()
    def status() -> None:
        """Show the services that are installed, and how they are."""
        found = [one for prefix in prefixes for one in services.installed(prefix)]
        for one in found:
            click.echo(f"{one.state:10}{one.name}")
        if not found:
            click.echo("No service is installed.")


@click.group()
def service() -> None:
    """Mounts that begin when you log in, kept up by systemd."""


@service.group()
def install() -> None:
    """Write, enable and start a service."""


@install.command(context_settings=REST)
@installing
@click.argument("args", metavar="REMOTE:... DIR", nargs=-1, type=click.UNPROCESSED)
def mount(args: tuple[str, ...], shown: bool, name: str | None) -> None:
    """Keep a mount up.

    What follows is as for 'mirrorfs mount', options too. It runs in this folder, so that relative
    paths and .env are found.
    """
    from mirrorfs.cli.mount import mount as mounting

    asked = mounting.make_context("mirrorfs mount", list(args)).params
    for remote in asked["remotes"]:
        check_lasting(remote)
    point = asked["mountpoint"].absolute()
    program = services.program("mirrorfs")
    unit = services.Unit(
        name or f"mirrorfs-{services.path_name(point)}",
        f"mirrorfs: {' '.join(asked['remotes'])} on {point}",
        (*program, "mount", "--foreground", *args),
        Path.cwd(),
        before=(*program, "unmount", str(point)),
        variables=services.kept_variables(),
    )
    put(unit, shown=shown)


looking_after(service, "mirrorfs-")
