"""``mirrorfs refresh``: has every mount look for changes, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from mirrorfs.cli.commands import EXIT_STATUS, postscript
from mirrorfs.cli.output import counted
from mirrorfs.cli.program import status_of
from mirrorfs.cli.running import MOUNTPOINT, ask, mountpoints
from mirrorfs.cli.waiting import NO_WAIT, patiently
from mirrorfs.core.errors import MirrorError, NotFound, RateLimited


@dataclass(frozen=True, slots=True)
class _Remote:
    """One remote of the mount at ``folder``, shown as ``name``; ``called`` tells it apart."""

    folder: Path
    name: str
    called: str


class _Errors:
    """What went wrong; each error is told of at once."""

    def __init__(self) -> None:
        self.first: MirrorError | None = None

    @contextmanager
    def named(self, where: str) -> Iterator[None]:
        """Tell of an error that is raised inside, and go on."""
        try:
            yield
        except MirrorError as error:
            self.first = self.first or error
            for text in (f"mirrorfs: {where}: {error}", postscript(error)):
                if text:
                    click.echo(text, err=True)


@click.command()
@MOUNTPOINT
@click.option("--full", is_flag=True, help="List everything anew, not only what was touched.")
@NO_WAIT
def refresh(mountpoint: Path | None, full: bool, no_wait: bool) -> None:
    """Look for changes now, in the mount at MOUNTPOINT or in all.

    All are tried; the exit status is that of the first error.
    """
    folders = mountpoints(mountpoint)
    if not folders:
        raise NotFound("Nothing is mounted.")
    look = partial(_look, "rescan" if full else "refresh")
    errors = _Errors()
    remotes: list[_Remote] = []
    for folder in folders:
        with errors.named(str(folder)):
            remotes += _remotes(folder)
    limited: list[tuple[float, _Remote]] = []
    for remote in remotes:
        with errors.named(remote.called):
            try:
                look(remote)
            except RateLimited as error:
                limited.append((error.retry_at, remote))
    for _, remote in sorted(limited, key=lambda one: one[0]):
        with errors.named(remote.called):
            patiently(partial(look, remote), no_wait, remote.called)
    if errors.first:
        raise click.exceptions.Exit(status_of(errors.first, EXIT_STATUS))


def _remotes(folder: Path) -> list[_Remote]:
    remotes = ask(folder, "status")["remotes"]
    if len(remotes) == 1:
        return [_Remote(folder, remotes[0]["name"], str(folder))]
    return [
        _Remote(folder, one["name"], f"{folder} {one['remote']}={one['name']}") for one in remotes
    ]


def _look(verb: str, remote: _Remote) -> None:
    found = ask(remote.folder, verb, remote.name)
    calls = counted(found["calls"], "API call")
    click.echo(f"{remote.called}: {_changes(found['changed'])}, {calls}")


def _changes(count: int) -> str:
    return "nothing changed" if count == 0 else f"{count} changed"
