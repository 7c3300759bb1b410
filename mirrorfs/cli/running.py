"""``mirrorfs status``, and what every question to mounts that are running begins with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from mirrorfs.cli.commands import EXIT_STATUS
from mirrorfs.cli.output import counted, moment, size
from mirrorfs.core.errors import Unavailable

MOUNTPOINT = click.argument("mountpoint", required=False, type=click.Path(path_type=Path))


@click.command()
@MOUNTPOINT
@click.option("--json", "as_json", is_flag=True, help="A JSON list, one object a mount.")
def status(mountpoint: Path | None, as_json: bool) -> None:
    """Show tree, cache and quota of the mount at MOUNTPOINT, or of all.

    The exit status is 5 if one does not answer.
    """
    found = [_told(folder) for folder in mountpoints(mountpoint)]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif not found:
        click.echo("Nothing is mounted.")
    else:
        click.echo("\n\n".join(one["error"] or _describe(one) for one in found))
    if any(one["error"] for one in found):
        raise click.exceptions.Exit(EXIT_STATUS[Unavailable])


def mountpoints(named: Path | None) -> list[Path]:
    """Return the folder that was named, or all on which a mount of this user runs."""
    from mirrorfs import control

    return [named.absolute()] if named else [mounted.mountpoint for mounted in control.mounts()]


def ask(folder: Path, verb: str, about: str = "") -> dict[str, Any]:
    """Return what the mount on ``folder`` answers; raises as :func:`mirrorfs.control.ask`."""
    from mirrorfs import control

    return control.ask(folder, verb, about)


def _told(folder: Path) -> dict[str, Any]:
    """Return what the mount on ``folder`` tells of itself; what is wrong if it does not answer."""
    from mirrorfs.control import NotAnswering

    try:
        return {**ask(folder, "status"), "error": ""}
    except NotAnswering as error:
        known = dataclasses.asdict(error.mounted)
        return {**known, "mountpoint": str(folder), "remotes": [], "error": str(error)}


def _describe(status: dict[str, Any]) -> str:
    head = f"{status['remote']} on {status['mountpoint']} (process {status['pid']})"
    if len(status["remotes"]) == 1:
        return "\n".join([head, *_lines(status["remotes"][0], status)])
    parts = (
        "\n".join([f" {one['name']}/  {one['remote']}", *_lines(one, status)])
        for one in status["remotes"]
    )
    return "\n".join([head, *parts])


def _lines(remote: dict[str, Any], status: dict[str, Any]) -> list[str]:
    tree, cache, usage = remote["tree"], remote["cache"], remote["usage"]
    lines = [
        f"  tree   {counted(tree['files'], 'file')}, {counted(tree['folders'], 'folder')}, "
        f"{size(tree['bytes'])}",
        f"  looked {moment(tree['listed_at'])}" + (", offline" if status["offline"] else ""),
        f"  cache  {size(cache['bytes'])} of {size(cache['limits']['max_bytes'])}, "
        f"{counted(cache['files'], 'file')}, {counted(cache['hits'], 'hit')}, "
        f"{counted(cache['misses'], 'miss')}",
        f"  calls  {usage['calls']}, {_quota(usage)}",
    ]
    if tree["error"]:
        lines.append(f"  error  {tree['error']}")
    if tree["retry_at"]:
        lines.append(f"  retry  {moment(tree['retry_at'])}")
    return lines


def _quota(usage: dict[str, Any]) -> str:
    if usage["remaining"] is None:
        return "quota not known yet"
    of = f" of {usage['limit']}" if usage["limit"] else ""
    return f"{usage['remaining']}{of} left until {moment(usage['resets_at'])}"
