"""``mkdir``."""

from __future__ import annotations

from contextlib import closing

import click

from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath
from sync.cli.options import NO_WAIT
from sync.cli.places import find_place


@click.command()
@click.argument("path")
@NO_WAIT
def mkdir(path: str, no_wait: bool) -> None:
    """Make the folder PATH, and those above it; one that exists is fine."""
    held = find_place(path, waits=not no_wait).above()
    if held is None:
        raise Misuse(f"{path} is there already.")
    above, name = held
    while (higher := above.above()) is not None:
        above, name = higher[0], RemotePath(f"{higher[1]}/{name}")
    with closing(above.open()) as target:
        target.mkdir(name)
