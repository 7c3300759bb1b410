"""``mount.mirrorfs``: what ``mount -t mirrorfs`` and ``/etc/fstab`` call (mount(8), fstab(5)).

mount(8), "External helpers": ``mount.mirrorfs SPEC DIR [-sfnv] [-N NAMESPACE] [-o OPTIONS]
[-t TYPE]``, and "Exit status": 1 is a wrong invocation, 32 a mount that failed.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click

from mirrorfs.core.errors import MirrorError, Misuse

_WRONG, _FAILED = 1, 32
_OPTION = re.compile(r'(?:[^,"]|"[^"]*")+')
_SEVERAL = re.compile(r"\s+(?=\S*:)")
_FOREIGN = re.compile(
    r"defaults|ro|rw|sync|async|dirsync|loud|silent|group|owner|users?|nouser|nofail|suid|nosuid"
    r"|(no)?(auto|atime|dev|diratime|exec|iversion|lazytime|mand|relatime|strictatime)"
    r"|_netdev|_rnetdev|(comment|user)=.*|[xX]-.*"
)
"""Options that are for mount(8), systemd or the kernel, or that hold for this mount anyway."""

_WAIT = "wait"
_ENV = "env."


@dataclass(frozen=True, slots=True)
class Call:
    """Arguments of ``mirrorfs mount``, and variables to set for it; ``is_fake``: do nothing."""

    args: tuple[str, ...]
    variables: Mapping[str, str]
    is_fake: bool = False


@click.command(add_help_option=True)
@click.argument("spec")
@click.argument("folder", metavar="DIR")
@click.option("-s", "sloppy", is_flag=True, help="Ignore options that are not known.")
@click.option("-f", "fake", is_flag=True, help="Do all but mount.")
@click.option("-n", "no_mtab", is_flag=True, help="Ignored: there is no mtab.")
@click.option("-v", "verbose", is_flag=True, help="Log more.")
@click.option("-N", "namespace", hidden=True)
@click.option("-t", "kind", hidden=True)
@click.option("-o", "options", multiple=True, help="Options, with commas between them.")
def read(spec: str, folder: str, options: tuple[str, ...], **flags: bool) -> Call:
    """Mount SPEC, REMOTE:[FOLDER] or several REMOTE:[FOLDER]=NAME, on DIR.

    Of the options, those of 'mirrorfs mount' may be written with - or _ (cache-size=20G,
    allow_other, umask=077); config=FILE names another config.toml; env.NAME=VALUE sets a variable;
    wait has a used-up quota waited for. A value that has a comma stands between double quotes.
    """
    args = ["--verbose"] if flags["verbose"] else []
    variables: dict[str, str] = {}
    asked = [one for text in options for one in _OPTION.findall(text)]
    if _WAIT not in asked:
        args.append("--no-wait")
    for one in asked:
        key, equals, value = one.partition("=")
        value = value.replace('"', "")
        if one == _WAIT or _FOREIGN.fullmatch(one):
            continue
        if key.startswith(_ENV):
            variables[key.removeprefix(_ENV)] = value
        elif key == "config":
            variables["MIRRORFS_CONFIG"] = value
        elif flag := _flag(key, has_value=bool(equals)):
            args.append(f"{flag}={value}" if equals else flag)
        elif not flags["sloppy"]:
            raise Misuse(f"The option {one!r} is not known.", "See: mirrorfs mount --help")
    return Call((*args, "--", *_SEVERAL.split(spec.strip()), folder), variables, flags["fake"])


def translate(argv: Sequence[str]) -> Call:
    """Return what the arguments of a mount helper mean.

    Raises:
        Misuse: an option is not known. ClickException: the arguments make no sense.
    """
    call = read.main(list(argv), "mount.mirrorfs", standalone_mode=False)
    return call if isinstance(call, Call) else Call((), {}, is_fake=True)


def main() -> None:
    """Mount, and end with a status that mount(8) understands."""
    from mirrorfs.cli.mount import mount

    try:
        call = translate(sys.argv[1:])
        os.environ.update(call.variables)
        if not call.is_fake:
            mount.main(list(call.args), "mount.mirrorfs", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(_WRONG)
    except MirrorError as error:
        click.echo(f"mount.mirrorfs: {error}", err=True)
        sys.exit(_WRONG if isinstance(error, Misuse) else _FAILED)


def _flag(key: str, *, has_value: bool) -> str | None:
    """Return the option of ``mirrorfs mount`` that is meant; ``None`` if there is none."""
    from mirrorfs.cli.mount import mount

    wanted = f"--{key.replace('_', '-')}"
    for option in mount.params:
        if isinstance(option, click.Option) and wanted in option.opts:
            takes_none = option.is_flag or option.count
            return wanted if takes_none is not has_value and wanted != "--foreground" else None
    return None
