"""``mirrorfs about``: what a service says of an account."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mirrorfs import settings
from mirrorfs.cli.output import moment, size

if TYPE_CHECKING:
    from mirrorfs.core.provider import About, Usage


@click.command()
@click.argument("remote", metavar="REMOTE:")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def about(remote: str, as_json: bool) -> None:
    """Show user, plan, how much there is, and what is left of the quota, as the service tells."""
    from mirrorfs.remotes import find

    location = settings.parse_location(remote)
    account = find(settings.load().remote(location.remote), location.folder)
    source = account.open()
    try:
        found, usage = source.about(), source.usage()
    finally:
        source.close()
    if as_json:
        told = dataclasses.asdict(found) | {"usage": dataclasses.asdict(usage)}
        click.echo(json.dumps({"remote": str(location), **told}, indent=2))
    else:
        for name, value in lines(found, usage):
            click.echo(f"{name:<16}{value}")


def lines(found: About, usage: Usage) -> Iterator[tuple[str, str]]:
    """Yield what is known, by name."""
    if found.user:
        yield "user", found.user
    if found.plan:
        yield "plan", found.plan
    if found.files is not None:
        yield "files", str(found.files)
    if found.folders is not None:
        yield "folders", str(found.folders)
    if found.size is not None:
        room = f" of {size(found.room)}" if found.room else ""
        yield "size", f"{size(found.size)}{room}"
    yield from found.details.items()
    if usage.remaining is not None:
        of = f" of {usage.limit}" if usage.limit else ""
        yield "calls left", f"{usage.remaining}{of} until {moment(usage.resets_at)}"
