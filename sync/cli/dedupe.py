"""``dedupe``: files that share a name, or their bytes."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from mirrorfs.cli.output import counted
from mirrorfs.core.errors import MirrorError
from mirrorfs.core.paths import ROOT
from sync.cli.options import FILTERS, NO_WAIT, take_filters
from sync.cli.places import find_place
from sync.dupes import copies, namesakes, new_names
from sync.units import size_text
from sync.words import plain


@click.command()
@click.argument("path")
@click.option("--by-hash", is_flag=True, help="Files with the same checksum, not the same name.")
@click.option(
    "--dedupe-mode",
    "mode",
    type=click.Choice(["list", "rename"]),
    default="list",
    show_default=True,
    help="What to do about those that share a name.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be renamed.")
@FILTERS
@NO_WAIT
def dedupe(
    path: str, by_hash: bool, mode: str, dry_run: bool, no_wait: bool, **options: Any
) -> None:
    """List the files of PATH that share a name on the service, or give them names of their own.

    The eldest keeps the name, others become 'name-1.jpg'. Nothing is deleted.
    """
    filters = take_filters(options)
    failed = 0
    with closing(find_place(path, waits=not no_wait).open()) as target:
        entries = target.scan(ROOT).entries
        chosen = filters.select(entries)
        groups = copies(chosen.values()) if by_hash else namesakes(chosen)
        for group in groups:
            click.echo(f"{len(group)} × {plain(group[0].path)}")
            for entry in group:
                click.echo(f"    {plain(entry.path)}  {size_text(entry.size)}  {entry.id}")
        if mode == "rename" and not by_hash:
            for entry, name in new_names(groups, entries):
                try:
                    if not dry_run:
                        target.rename(entry, name)
                except MirrorError as error:
                    failed += 1
                    click.echo(f"{plain(entry.path)}: {error}", err=True)
                else:
                    would = "would become" if dry_run else "is now"
                    click.echo(f"{plain(entry.path)} {would} {plain(name)}")
    click.echo(f"{counted(sum(len(group) - 1 for group in groups), 'file')} too many", err=True)
    if failed:
        raise click.exceptions.Exit(1)
