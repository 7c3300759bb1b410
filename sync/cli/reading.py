"""``cat`` and ``about``."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from mirrorfs.cli.about import lines
from mirrorfs.core.errors import Misuse
from sync.cli.looking import look
from sync.cli.options import FILTERS, NO_WAIT
from sync.cli.places import LocalPlace, find_place
from sync.units import size_text

if TYPE_CHECKING:
    from mirrorfs.core.entry import Entry
    from mirrorfs.core.provider import About, Source


@click.command()
@click.argument("path")
@FILTERS
@NO_WAIT
@click.option("--head", type=int, default=0, help="Only so many bytes from the start of each.")
@click.option("--tail", type=int, default=0, help="Only so many bytes from the end of each.")
@click.option("--offset", type=int, default=0, help="From this byte on; negative from the end.")
@click.option("--count", type=int, default=-1, help="Only so many bytes.")
@click.option("--discard", is_flag=True, help="Read and prove it all, write nothing.")
@click.option("--separator", default="", help="After each file.")
def cat(path: str, discard: bool, separator: str, **options: Any) -> None:
    """Write the file PATH, or the files of the folder PATH, to the standard output."""
    part = {name: options.pop(name) for name in ("head", "tail", "offset", "count")}
    end = separator.encode().decode("unicode_escape").encode()
    out = sys.stdout.buffer
    with closing(look(path, options, deep=True)) as found:
        for entry in found.files:
            for piece in _part(found.source, entry, **part):
                if not discard:
                    out.write(piece)
            out.write(end)
        out.flush()


@click.command()
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
@click.option("--full", is_flag=True, help="Bytes in full.")
@NO_WAIT
def about(path: str, as_json: bool, full: bool, no_wait: bool) -> None:
    """Show how much is stored at PATH's service or disk, how much may be, and what else it says."""
    place = find_place(path, waits=not no_wait)
    with closing(place.open()) as source:
        found, usage = source.about(), source.usage()
    figures = _figures(found)
    if isinstance(place, LocalPlace):
        figures["free"] = shutil.disk_usage(place.path).free  # the system keeps some for itself
    if as_json:
        told = dataclasses.asdict(found) | {"usage": dataclasses.asdict(usage)}
        click.echo(json.dumps(figures | told, indent="\t"))
        return
    for name, value in figures.items():
        shown = str(value) if full or name == "objects" else size_text(value)
        click.echo(f"{name.capitalize() + ':':<9}{shown}")
    for name, text in lines(found, usage):
        if name not in {"size", "files"}:
            click.echo(f"{name}: {text}")


def _figures(found: About) -> dict[str, int]:
    """Return what is known under rclone's names."""
    known = {"total": found.room, "used": found.size, "free": None, "objects": found.files}
    if found.room and found.size is not None:
        known["free"] = max(found.room - found.size, 0)
    return {name: value for name, value in known.items() if value is not None}


def _part(
    source: Source, entry: Entry, *, head: int, tail: int, offset: int, count: int
) -> Iterator[bytes]:
    """Yield the part of a file that was asked for.

    Raises:
        Misuse: more than one way to say which part.
    """
    if sum(map(bool, (head, tail, offset or count >= 0))) > 1:
        raise Misuse("--head, --tail and --offset with --count exclude each other.")
    if head:
        offset, count = 0, head
    if tail:
        offset, count = -tail, tail
    start = max(entry.size + offset, 0) if offset < 0 else min(offset, entry.size)
    return source.read(entry, start, None if count < 0 else count)
