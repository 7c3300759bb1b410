"""``mirrorfs mount`` and ``mirrorfs unmount``."""

from __future__ import annotations

import logging
import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mirrorfs import metrics, settings
from mirrorfs.cli.parsed import Parsed
from mirrorfs.cli.waiting import NO_WAIT, patiently
from mirrorfs.core.errors import Misuse

if TYPE_CHECKING:
    from mirrorfs.mount import Part

_FOLDER = click.Path(path_type=Path)


def _mask(text: str) -> int:
    try:
        mask = int(text, 8)
    except ValueError:
        mask = -1
    if not 0 <= mask <= 0o777:
        raise Misuse(f"{text!r} is not a mask; write 022, an octal number from 0 to 777.")
    return mask


SIZE = Parsed("size", settings.parse_size)
SPAN = Parsed("time", settings.parse_span)
ADDRESS = Parsed("[host:]port", metrics.parse_address)
MASK = Parsed("octal", _mask)
ID = click.IntRange(0, 2**32 - 2)  # the number after them stands for none (chown(2))


@click.command(context_settings={"show_default": True})
@click.argument("remotes", metavar="REMOTE:[FOLDER][=NAME]...", nargs=-1)
@click.argument("mountpoint", type=_FOLDER)
@click.option("--foreground", "-f", is_flag=True, help="Stay until Ctrl-C or unmount.")
@click.option("--cache-dir", type=_FOLDER, help="Where the cache is.  [default: see 'config']")
@click.option("--cache-size", type=SIZE, help="The cache's limit.  [default: 10G]")
@click.option("--min-free", type=SIZE, help="Room to leave on the cache's disk.  [default: 1G]")
@click.option("--refresh", type=SPAN, help="How often to look for changes.  [default: 5m]")
@click.option("--offline", is_flag=True, help="Never call the service; serve what is cached.")
@click.option("--include", multiple=True, metavar="GLOB", help="Show only these; repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Hide these; repeatable.")
@click.option("--allow-other", is_flag=True, help="Let other users in (see 'doctor').")
@click.option("--uid", type=ID, help="Owner of everything.  [default: you]")
@click.option("--gid", type=ID, help="Group of everything.  [default: yours]")
@click.option("--umask", type=MASK, default="022", help="Permissions to take away.")
@click.option(
    "--library",
    type=click.Choice(["mfusepy", "fusepy"]),
    default="mfusepy",
    help="Binding to FUSE: mfusepy needs libfuse3, fusepy libfuse2.",
)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, resolve_path=True, path_type=Path),
    help="Where a mount in the background logs.  [default: beside the cache]",
)
@click.option("--metrics", type=ADDRESS, help="Tell Prometheus how it is: 9464, 127.0.0.1:9464.")
@NO_WAIT
@click.option(
    "-v", "--verbose", count=True, show_default=False, help="Log more; twice for everything."
)
def mount(
    remotes: tuple[str, ...], mountpoint: Path, verbose: int, no_wait: bool, **options: Any
) -> None:
    """Show REMOTE:[FOLDER] at MOUNTPOINT, an empty folder, as a read-only drive.

    Several remotes are shown side by side, each in the folder that it is given a NAME for:
    'cloudinary:=Cloudinary smugmug:Travel=Trips'. Patterns then hold inside each folder.

    The command returns when the mount answers. 'mirrorfs unmount MOUNTPOINT' ends it.
    """
    from mirrorfs import mount as mounting
    from mirrorfs.cache.limits import Limits

    if not remotes:
        raise Misuse(
            f"A remote or a mountpoint is missing beside {str(mountpoint)!r}.",
            "Write both, as in: mirrorfs mount cloudinary: ~/Cloud",
        )
    loaded = settings.load()
    for warning in loaded.warnings:
        click.echo(f"mirrorfs: warning: {warning}", err=True)
    chosen = {name: value for name, value in options.items() if value is not None}
    base = chosen.pop("cache_dir", loaded.mount.cache_dir)
    limits = Limits(
        chosen.pop("cache_size", loaded.mount.cache_size),
        chosen.pop("min_free", loaded.mount.min_free),
    )
    chosen.setdefault("refresh", loaded.mount.refresh)
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.getLogger("mirrorfs").setLevel(level)
    parts = [_part(text, loaded, base.absolute()) for text in remotes]
    wanted = mounting.MountOptions(mountpoint=mountpoint.absolute(), limits=limits, **chosen)
    patiently(lambda: mounting.mount(wanted, parts), no_wait, str(mountpoint))
    if wanted.foreground:
        os._exit(0)  # all is closed; a stream that hangs is not waited for


def _part(text: str, loaded: settings.Settings, base: Path) -> Part:
    """Return what ``REMOTE:[FOLDER][=NAME]`` asks for; NAME begins after the last ``=``."""
    from mirrorfs.mount import Part
    from mirrorfs.remotes import find

    where, named, name = text.rpartition("=") if "=" in text else (text, "", "")
    location = settings.parse_location(where)
    if named and not name:
        raise Misuse(f"{text!r} ends without a name for the folder.")
    account = find(loaded.remote(location.remote), location.folder)
    folder = unicodedata.normalize("NFC", name)
    return Part(str(location), account.tree_key, base / account.key, account.open, folder)


@click.command()
@click.argument("mountpoint", type=_FOLDER)
def unmount(mountpoint: Path) -> None:
    """End the mount at MOUNTPOINT, also one that a crash left behind."""
    from mirrorfs import mount as mounting

    mounting.unmount(mountpoint.absolute())
