"""``mirrorfs cache``: what is on the disk, in running mounts and beside them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mirrorfs import settings
from mirrorfs.cli.output import counted, size
from mirrorfs.core.errors import CacheBusy

_CACHE_DIR = click.option(
    "--cache-dir", type=click.Path(path_type=Path), help="Another folder than the settings say."
)


@click.group()
def cache() -> None:
    """Show, verify or clear the disk cache. It holds only what can be fetched again."""


@cache.command()
@_CACHE_DIR
def info(cache_dir: Path | None) -> None:
    """Show what the cache of each account holds."""
    for folder, found in _each(cache_dir, "info"):
        limit = found["limits"]["max_bytes"]
        click.echo(
            f"{folder.name}: {size(found['bytes'])} of {size(limit)}, "
            + counted(found["files"], "file")
        )


@cache.command()
@_CACHE_DIR
def verify(cache_dir: Path | None) -> None:
    """Read every block and drop those that are damaged.

    The exit status is 1 if any was.
    """
    damaged = 0
    for folder, found in _each(cache_dir, "verify"):
        damaged += found["damaged"]
        click.echo(
            f"{folder.name}: {counted(found['blocks'], 'block')} whole ({size(found['bytes'])}), "
            f"{found['damaged']} damaged and dropped"
        )
    if damaged:
        raise click.exceptions.Exit(1)


@cache.command()
@_CACHE_DIR
def clear(cache_dir: Path | None) -> None:
    """Remove every block; the listings stay."""
    for folder, _ in _each(cache_dir, "clear"):
        click.echo(f"{folder.name}: cleared")


def _each(cache_dir: Path | None, verb: str) -> list[tuple[Path, dict[str, Any]]]:
    mounts = settings.load().mount
    base = (cache_dir or mounts.cache_dir).absolute()
    folders = sorted(path.parent for path in base.glob("*/lock"))
    if not folders:
        click.echo(f"Nothing is cached in {base}.")
    return [(folder, _ask(folder, verb, mounts)) for folder in folders]


def _ask(folder: Path, verb: str, defaults: settings.MountDefaults) -> dict[str, Any]:
    """Do it here, or have the mount do it that owns the folder."""
    from mirrorfs import control
    from mirrorfs.cache.blocks import BlockStore
    from mirrorfs.cache.folder import CacheFolder
    from mirrorfs.cache.limits import Limits

    try:
        with CacheFolder(folder) as owned:
            store = BlockStore(owned.blocks_path, Limits(defaults.cache_size, defaults.min_free))
            work: Callable[[], Any] = getattr(store, verb)
            try:
                found = work()
            finally:
                store.close()
            return dataclasses.asdict(found) if found else {}
    except CacheBusy:
        for mounted in control.mounts():
            try:
                remotes = control.ask(mounted.mountpoint, "status")["remotes"]
            except control.NotAnswering:
                continue
            if str(folder) in (remote["cache_dir"] for remote in remotes):
                return control.ask(mounted.mountpoint, f"cache-{verb}", str(folder))
        raise
