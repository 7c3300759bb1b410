"""``mirrorsync service``: schedules and watches that begin when you log in."""

from __future__ import annotations

from pathlib import Path

import click

from mirrorfs import service as services
from mirrorfs.cli.service import installing, looking_after, put


@click.group()
def service() -> None:
    """Schedules and watches that begin when you log in, kept up by systemd."""


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


looking_after(service, "mirrorsync-")
