"""``mkdir``, and folders that are made on the way."""

from __future__ import annotations

from contextlib import closing

import click

from mirrorfs.core.errors import Misuse, NotFound
from mirrorfs.core.paths import RemotePath
from sync.cli.options import NO_WAIT
from sync.cli.places import Place, find_file, find_place


@click.command()
@click.argument("path")
@NO_WAIT
def mkdir(path: str, no_wait: bool) -> None:
    """Make the folder PATH, and those above it; one that exists is fine."""
    make(find_place(path, waits=not no_wait))


def make(place: Place) -> None:
    """Make a folder and those above it; one that exists is fine.

    Raises:
        AlreadyExists: a file is there. Others as making it.
    """
    held = place.above()
    if held is None:
        return
    above, name = held
    while (higher := above.above()) is not None:
        above, name = higher[0], RemotePath(f"{higher[1]}/{name}")
    with closing(above.open()) as target:
        target.mkdir(name)


def ensure_folder(place: Place) -> None:
    """Make a folder that is not there yet.

    Raises:
        Misuse: a file is there. Others as making it.
    """
    try:
        is_file = find_file(place) is not None
    except NotFound:
        make(place)
        return
    if is_file:
        raise Misuse(f"{place.text} is a file.", "Name a folder, or use copyto.")
