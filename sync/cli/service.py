"""``mirrorsync service``: schedules, watches and mounts that begin when you log in."""

from __future__ import annotations

from pathlib import Path

import click

from mirrorfs import service as services
from mirrorfs.cli.service import REST, check_lasting, installing, looking_after, mount, put


@click.group()
def service() -> None:
    """Schedules, watches and mounts that begin when you log in, kept up by systemd."""


@service.group()
def install() -> None:
    """Write, enable and start a service."""


@install.command()
@installing
def schedule(shown: bool, name: str | None) -> None:
    """Have 'mirrorsync schedule run' run all schedules."""
    unit = services.Unit(
        name or "mirrorsync-schedule",
        "mirrorsync: schedules",
        (*services.program("sync"), "schedule", "run"),
        Path.home(),
        variables=services.kept_variables(),
    )
    put(unit, shown=shown)


@install.command(context_settings=REST)
@installing
@click.argument("args", metavar="[LOCAL REMOTE]", nargs=-1, type=click.UNPROCESSED)
def watch(args: tuple[str, ...], shown: bool, name: str | None) -> None:
    """Keep a watch up.

    What follows is as for 'mirrorsync watch', options too. It runs in this folder, so that relative
    paths and .env are found.
    """
    from sync.cli.watch import watch as watching

    asked = watching.make_context("mirrorsync watch", list(args)).params
    local, remote = asked["local"], asked["remote"]
    ending = ""
    if local and remote:
        if ":" in remote:
            check_lasting(remote)
        ending = f"-{services.path_name(Path(local).absolute())}"
    unit = services.Unit(
        name or f"mirrorsync-watch{ending}",
        f"mirrorsync: watches {local or 'folders'}",
        (*services.program("sync"), "watch", *args),
        Path.cwd(),
        variables=services.kept_variables(),
    )
    put(unit, shown=shown)


install.add_command(mount)
looking_after(service, "mirrorsync-", "mirrorfs-")
