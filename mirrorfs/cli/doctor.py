"""``mirrorfs doctor``: what this machine and a remote need, checked one by one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import click

from mirrorfs import settings
from mirrorfs.cli.output import counted, size
from mirrorfs.core.errors import MirrorError, Misuse

_FUSE = Path("/dev/fuse")
_FUSE_CONF = Path("/etc/fuse.conf")


@click.command()
@click.argument("remote", required=False, metavar="[REMOTE:]")
def doctor(remote: str | None) -> None:
    """Check this machine and a remote; the exit status is 1 if a check fails."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("FUSE in the kernel", _kernel),
        ("fusermount3", _fusermount),
        ("FUSE library", _library),
        ("--allow-other", _allow_other),
        ("settings", _settings),
        ("cache folder", _cache),
    ]
    if remote:
        location = settings.parse_location(remote)
        checks.append((str(location).rstrip(":"), lambda: _remote(location)))
    failures = [name for name, check in checks if not _passes(name, check)]
    if failures:
        raise click.exceptions.Exit(1)


def _passes(name: str, check: Callable[[], str]) -> bool:
    try:
        finding = check()
    except MirrorError as error:
        cause = str(error).removeprefix(f"{name}: ")
        click.echo(f"{click.style('✗', fg='red')} {name}: {cause}")
        return False
    click.echo(f"{click.style('✓', fg='green')} {name}: {finding}")
    return True


def _python() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _kernel() -> str:
    if not _FUSE.exists():
        raise Misuse("/dev/fuse is missing.", "Load it with: sudo modprobe fuse")
    if not os.access(_FUSE, os.R_OK | os.W_OK):
        raise Misuse("/dev/fuse may not be opened by you.", "Ask for membership of its group.")
    return "/dev/fuse can be opened"


def _fusermount() -> str:
    found = shutil.which("fusermount3")
    if not found and os.geteuid() != 0:
        raise Misuse("it is not installed.", "Run: sudo apt-get install fuse3")
    return found or "not installed, and not needed by root"


def _library() -> str:
    from mirrorfs.fuse_library import describe

    return describe()


def _allow_other() -> str:
    lines = _FUSE_CONF.read_text().splitlines() if _FUSE_CONF.exists() else []
    if os.geteuid() == 0 or "user_allow_other" in map(str.strip, lines):
        return "allowed"
    return f"not allowed to you; root can add 'user_allow_other' to {_FUSE_CONF}"


def _settings() -> str:
    loaded = settings.load()
    if loaded.warnings:
        raise Misuse(loaded.warnings[0])
    return f"{loaded.path}" + ("" if loaded.path.exists() else " (not there, nothing to read)")


def _cache() -> str:
    folder = settings.load().mount.cache_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        raise Misuse(f"{existing} cannot be written.", "Choose another with --cache-dir.")
    return f"{folder}, {size(shutil.disk_usage(existing).free)} free"


def _remote(location: settings.Location) -> str:
    """Ask whether the credentials are good, and whether the folder may be listed."""
    from mirrorfs.core.paths import ROOT
    from mirrorfs.remotes import find

    source = find(settings.load().remote(location.remote), location.folder).open()
    try:
        top = source.scandir(ROOT)
        user, usage = source.about().user, source.usage()
    finally:
        source.close()
    folders = sum(entry.is_folder for entry in top)
    held = f"{counted(folders, 'folder')} and {counted(len(top) - folders, 'file')} at its top"
    of = f" of {usage.limit}" if usage.limit else ""
    left = "" if usage.remaining is None else f"; {usage.remaining}{of} calls left"
    return f"{user} answers, {held}{left}"
