"""``trash``: what runs deleted or replaced."""

from __future__ import annotations

import fnmatch
import json
import time
from pathlib import Path

import click

from mirrorfs import settings
from mirrorfs.cli.output import counted
from mirrorfs.core.errors import MirrorError, MissingCredentials, Misuse, NotFound
from mirrorfs.core.provider import Target
from sync import trash as bin_
from sync.cli.options import NO_WAIT, SPAN, WORKDIR, state_of
from sync.cli.places import FILE_MARK, LocalPlace, Place, RemotePlace, find_place
from sync.single import single
from sync.trash import Item
from sync.units import size_text
from sync.words import plain


@click.group()
def trash() -> None:
    """What runs deleted or replaced."""


@trash.command("list")
@click.argument("patterns", nargs=-1)
@WORKDIR
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def list_(patterns: tuple[str, ...], workdir: Path | None, as_json: bool) -> None:
    """List what is in the trash.

    A line tells run, size, and where a file was; of all, or of what matches PATTERNS.
    """
    found = _matching(workdir, patterns)
    for item in found:
        where = _where(item)
        if as_json:
            told = {"run": item.run, "path": item.path, "from": where, "size": item.size}
            click.echo(json.dumps(told | {"kept": str(item.place)}))
        else:
            click.echo(f"{item.run}  {size_text(item.size):>12}  {plain(where)}")
    if not as_json:
        total = sum(item.size for item in found)
        click.echo(f"{counted(len(found), 'file')}, {size_text(total)}", err=True)


@trash.command()
@click.argument("patterns", nargs=-1, required=True)
@click.option("--run", help="Only what this run put there, as 'trash list' names it.")
@click.option("--to", help="Put it below this folder or remote, not where it was.")
@WORKDIR
@NO_WAIT
def restore(
    patterns: tuple[str, ...], run: str | None, to: str | None, workdir: Path | None, no_wait: bool
) -> None:
    """Put back what matches PATTERNS.

    Nothing is restored over what is there.
    """
    found = [item for item in _matching(workdir, patterns) if run in {None, item.run}]
    if not found:
        raise NotFound("Nothing in the trash matches.", "'mirrorsync trash list' shows it.")
    failed = 0
    targets: dict[str, Target] = {}
    try:
        for item in found:
            key = to or item.key
            if key not in targets:
                place = find_place(to, waits=not no_wait) if to else _place(key, waits=not no_wait)
                targets[key] = _alone(place, item) if item.is_alone and not to else place.open()
            failed += not _restored(item, targets[key])
    finally:
        for target in targets.values():
            target.close()
    if failed:
        raise click.exceptions.Exit(1)


@trash.command()
@click.option("--older-than", type=SPAN, default=None, help="Only what is older, such as 30d.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be freed.")
@WORKDIR
def empty(older_than: float | None, dry_run: bool, workdir: Path | None) -> None:
    """Remove what is in the trash for ever."""
    folder = state_of(workdir).trash
    if dry_run:
        freed = sum(item.size for item in bin_.items(folder))
        click.echo(f"Up to {size_text(freed)} would be freed.")
        return
    before = None if older_than is None else time.time() - older_than
    click.echo(f"{size_text(bin_.empty(folder, before))} freed.")


def _matching(workdir: Path | None, patterns: tuple[str, ...]) -> list[Item]:
    """Return what is in the trash whose path, or the end of it, matches one of ``patterns``."""
    return [
        item
        for item in bin_.items(state_of(workdir).trash)
        if not patterns
        or any(
            fnmatch.fnmatchcase(name, one) or fnmatch.fnmatchcase(name, f"*/{one}")
            for one in patterns
            for name in (item.path, *([item.label] if item.is_alone else []))
        )
    ]


def _restored(item: Item, target: Target) -> bool:
    """Restore one file and tell of it; say whether that was possible."""
    try:
        bin_.restore(item, target)
    except MirrorError as error:
        click.echo(f"{plain(item.path)}: {error}", err=True)
        return False
    click.echo(f"{plain(item.path)} is back.")
    return True


def _alone(place: Place, item: Item) -> Target:
    """Return the file ``place``, which need not be there, as a side of its own.

    Raises:
        NotFound: no folder can hold it.
    """
    held = place.above()
    if held is None:
        raise NotFound(f"{item.key} is no name of a file.", "Name where it is to go with --to.")
    folder, name = held
    return single(folder.open(), name, item.path)


def _where(item: Item) -> str:
    label = item.label
    if item.is_alone:
        return label
    return f"{label}{'' if label.endswith(':') else '/'}{item.path}"


def _place(key: str, *, waits: bool) -> LocalPlace | RemotePlace:
    """Return the folder or the file that a key names.

    Raises:
        NotFound: no remote leads to that account any more.
    """
    from mirrorfs.remotes import find

    account, _, folder = key.replace(FILE_MARK, "/").partition(":")
    if account == "local":
        return LocalPlace(folder, Path(folder))
    for remote in settings.load().remotes.values():
        try:
            if find(remote).key == account:
                return RemotePlace(
                    key, remote, settings.parse_location(f"x:{folder}").folder, waits
                )
        except (MissingCredentials, Misuse):
            continue
    raise NotFound(f"No remote leads to {account}.", "Name where it is to go with --to.")
