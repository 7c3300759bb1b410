"""``mirrorfs status`` and ``mirrorfs refresh``: questions to mounts that are running."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from mirrorfs.cli.output import moment, size
from mirrorfs.cli.waiting import NO_WAIT, patiently
from mirrorfs.core.errors import NotFound

_MOUNTPOINT = click.argument("mountpoint", required=False, type=click.Path(path_type=Path))


@click.command()
@_MOUNTPOINT
@click.option("--json", "as_json", is_flag=True, help="A JSON list, one object a mount.")
def status(mountpoint: Path | None, as_json: bool) -> None:
    """Show tree, cache and quota of the mount at MOUNTPOINT, or of all."""
    found = [_ask(folder, "status") for folder in _mountpoints(mountpoint)]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    elif not found:
        click.echo("Nothing is mounted.")
    else:
        click.echo("\n\n".join(map(_describe, found)))


@click.command()
@_MOUNTPOINT
@click.option("--full", is_flag=True, help="List everything anew, not only what was touched.")
@NO_WAIT
def refresh(mountpoint: Path | None, full: bool, no_wait: bool) -> None:
    """Look for changes now, in the mount at MOUNTPOINT or in all."""
    verb = "rescan" if full else "refresh"
    folders = _mountpoints(mountpoint)
    if not folders:
        raise NotFound("Nothing is mounted.")
    failed = False
    for folder in folders:
        told = patiently(partial(_ask, folder, verb), no_wait)["remotes"]
        for answer in told:
            of = f" {answer['remote']}" if len(told) > 1 else ""
            found = answer["error"] or _changes(answer["changed"])
            click.echo(f"{folder}{of}: {found}, {answer['calls']} API calls")
        failed = failed or any(answer["error"] for answer in told)
    if failed:
        raise click.exceptions.Exit(1)


def _mountpoints(named: Path | None) -> list[Path]:
    from mirrorfs import control

    return [named.absolute()] if named else [mounted.mountpoint for mounted in control.mounts()]


def _ask(folder: Path, verb: str) -> dict[str, Any]:
    from mirrorfs import control

    return control.ask(folder, verb)


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
        f"  tree   {tree['files']} files, {tree['folders']} folders, {size(tree['bytes'])}",
        f"  looked {moment(tree['listed_at'])}" + (", offline" if status["offline"] else ""),
        f"  cache  {size(cache['bytes'])} of {size(cache['limits']['max_bytes'])}, "
        f"{cache['files']} files, {cache['hits']} hits, {cache['misses']} misses",
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


def _changes(count: int) -> str:
    return "nothing changed" if count == 0 else f"{count} changed"
