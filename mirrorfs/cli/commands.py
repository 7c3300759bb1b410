"""The commands of ``mirrorfs``. Each command's module is imported only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import click

from mirrorfs.cli.lazy import LazyGroup
from mirrorfs.cli.output import coming
from mirrorfs.core import errors

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mount": ("mount:mount", "Show a remote as a read-only drive."),
        "unmount": ("mount:unmount", "End a mount, also one that a crash left behind."),
        "refresh": ("refreshing:refresh", "Look for changes now."),
        "status": ("running:status", "Show tree, cache and quota of running mounts."),
        "service": ("service:service", "Mounts that begin when you log in."),
        "cache": ("cache:cache", "Show, verify or clear the cache."),
        "about": ("about:about", "Show what a service says of an account."),
        "login": ("login:login", "Sign in to a service."),
        "logout": ("login:logout", "Forget what signing in brought."),
        "config": ("config:config", "Show or change the settings and remotes."),
        "doctor": ("doctor:doctor", "Check this machine and a remote, and say what is wrong."),
        "emulate": ("emulate:emulate", "Run a service's emulator on this machine."),
        "demo": ("demo:demo", "Mount embedded accounts and look around."),
    }
)
"""Command → where it is, and its line in the help."""

EXIT_STATUS: Mapping[type[errors.MirrorError], int] = MappingProxyType(
    {
        errors.Misuse: 2,
        errors.NotFound: 3,
        errors.Unavailable: 5,
        errors.Denied: 7,
        errors.RateLimited: 11,
        errors.MountFailed: 12,
        errors.CacheBusy: 13,
    }
)
"""Error → exit status; where a meaning exists in rclone the number is the same; 1 for others."""


@click.group(
    cls=LazyGroup,
    package="mirrorfs.cli",
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="mirrorfs")
def cli() -> None:
    """Mount photo clouds as a read-only drive.

    Remotes are written NAME:FOLDER, for example 'cloudinary:' or 'cloudinary:holidays/2024'.
    """


def postscript(error: errors.MirrorError) -> str:
    """Say when a used-up quota is there again; any other error says it all."""
    if not isinstance(error, errors.RateLimited):
        return ""
    return f"The quota is there again at {coming(error.retry_at)}."
