"""The commands of ``mirrorsync``. Each command's module is imported only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import click

from mirrorfs.cli.lazy import LazyGroup
from mirrorfs.core import errors
from sync import resuming
from sync.errors import PairBusy, Refused, StateFailed

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "copy": ("oneway:copy", "Copy what is not there yet; delete nothing."),
        "sync": ("oneway:sync", "Make one side hold what the other holds, and nothing else."),
        "move": ("oneway:move", "Move files from one side to the other."),
        "copyto": ("oneway:copyto", "Copy one file to a name, or a folder."),
        "moveto": ("oneway:moveto", "Move one file to a name, or a folder."),
        "bisync": ("twoway:bisync", "Bring two sides in line with each other, both ways."),
        "status": ("twoway:status", "Show what bisync would do, one line a path."),
        "check": ("checking:check_command", "Check whether two sides hold the same."),
        "dedupe": ("dedupe:dedupe", "List or rename files that share a name."),
        "manifest": ("manifests:manifest", "Show, save or verify what two sides agreed on."),
        "trash": ("bin:trash", "List, restore or empty what runs deleted or replaced."),
        "ls": ("looking:ls", "List files with their sizes."),
        "lsl": ("looking:lsl", "List files with their times and sizes."),
        "lsd": ("looking:lsd", "List folders."),
        "lsf": ("looking:lsf", "List files and folders for scripts."),
        "lsjson": ("looking:lsjson", "List files and folders as JSON."),
        "tree": ("looking:tree", "Draw the tree."),
        "size": ("looking:size", "Say how many files there are, and how large they are."),
        "cat": ("reading:cat", "Write files to the standard output."),
        "watch": ("watch:watch", "Keep folders in line with remotes by themselves."),
        "service": ("service:service", "Schedules, watches and mounts that begin when you log in."),
        "mkdir": ("making:mkdir", "Make a folder."),
        "schedule": ("schedule:schedule", "Commands that run by themselves."),
        "about": ("reading:about", "Show what a service or disk says of itself."),
    }
)
"""Command → where it is, and its line in the help."""

EXIT_STATUS: Mapping[type[errors.MirrorError], int] = MappingProxyType(
    {
        errors.Misuse: 2,
        errors.NotFound: 3,
        errors.Transient: 5,
        errors.RateLimited: resuming.STATUS,
        errors.Denied: 7,
        PairBusy: 7,
        Refused: 7,
        StateFailed: 7,
    }
)
"""Error → exit status, as rclone has them; 1 for others."""


@click.group(
    cls=LazyGroup,
    package="sync.cli",
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="mirrorfs")
def cli() -> None:
    """Copy, mirror and reconcile folders and photo clouds.

    A path is a folder of this machine, or NAME:FOLDER of a remote that 'mirrorfs config' shows,
    for example 'cloudinary:holidays/2024'. Where a local name has a colon, write './a:b'.
    """


def postscript(error: errors.MirrorError) -> str:
    """Say when a used-up quota is there again."""
    return resuming.say(error.retry_at) if isinstance(error, errors.RateLimited) else ""
