"""``copy``, ``sync``, ``move``, ``copyto`` and ``moveto``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import click

from mirrorfs.core import paths
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath
from sync.brake import Limits
from sync.cli.backups import Backups
from sync.cli.making import ensure_folder
from sync.cli.options import FILTERS, NO_WAIT, state_of, together
from sync.cli.places import FILE_MARK, Place, find_file, find_place
from sync.cli.running import carry_out
from sync.cli.telling import TELLING
from sync.cli.transfers import (
    COMPARING,
    SAFETY,
    TRANSFERS,
    take_options,
    take_respelling,
    take_safety,
    take_wish,
)
from sync.ends import End, Pair
from sync.engine import run_oneway
from sync.model import Side
from sync.oneway import Rules
from sync.single import single

_ONE_WAY: Callable[[Any], Any] = together(
    click.argument("source"),
    click.argument("dest"),
    click.option("-u", "--update", is_flag=True, help="Replace nothing that is newer."),
    click.option("--ignore-existing", is_flag=True, help="Replace nothing at all."),
    click.option("-I", "--ignore-times", is_flag=True, help="Copy also what is the same."),
    click.option("--backup-dir", default="", help="Keep what DEST loses here, not in the trash."),
    click.option("--create-empty-src-dirs", is_flag=True, help="Also folders that hold nothing."),
    SAFETY,
    COMPARING,
    TRANSFERS,
    FILTERS,
    TELLING,
    NO_WAIT,
)


@click.command()
@_ONE_WAY
def copy(source: str, dest: str, **options: Any) -> None:
    """Copy what is in the folder SOURCE, or the file SOURCE, into the folder DEST.

    What DEST has already is not sent again; nothing is deleted.
    """
    _run("copy", _ends("copy", source, dest, options), options, Rules())


@click.command()
@_ONE_WAY
@click.option(
    "--max-delete",
    type=int,
    default=-1,
    help="Refuse to delete more files than this.  [default: half of DEST's]",
)
def sync(source: str, dest: str, **options: Any) -> None:
    """Make DEST hold what SOURCE holds, and nothing else.

    What SOURCE has not is deleted from DEST, and kept in the trash for a while.
    """
    _run("sync", _ends("sync", source, dest, options), options, Rules(deletes=True))


@click.command()
@_ONE_WAY
def move(source: str, dest: str, **options: Any) -> None:
    """Move what is in the folder SOURCE, or the file SOURCE, into the folder DEST.

    A file is removed from SOURCE when DEST holds it for certain: by checksum, whatever is compared
    to find what is copied. The original of what a service converts, as SmugMug does videos, stays.
    """
    _run("move", _ends("move", source, dest, options), options, Rules(tells_equal=True))


@click.command()
@_ONE_WAY
def copyto(source: str, dest: str, **options: Any) -> None:
    """Copy the file SOURCE to the file DEST, or the folder SOURCE into the folder DEST."""
    _run("copy", _ends("copy", source, dest, options, renames=True), options, Rules())


@click.command()
@_ONE_WAY
def moveto(source: str, dest: str, **options: Any) -> None:
    """Move the file SOURCE to the file DEST, or what is in the folder SOURCE into DEST."""
    ends = _ends("move", source, dest, options, renames=True)
    _run("move", ends, options, Rules(tells_equal=True))


@dataclass(frozen=True, slots=True)
class _Ends:
    """Both sides, and the folders that they are; of ``is_file`` that they are in."""

    pair: Pair
    source: Place
    dest: Place
    is_file: bool = False


def _ends(
    command: str, source: str, dest: str, options: dict[str, Any], *, renames: bool = False
) -> _Ends:
    """Return both sides.

    Where the two folders met before nobody is asked whether they are folders.

    Raises:
        NotFound: there is no SOURCE.
        Misuse: DEST cannot be a file.
    """
    waits = not options.pop("no_wait")
    one, two = find_place(source, waits=waits), find_place(dest, waits=waits)
    pair = Pair(one.end(), two.end())
    if state_of(options["workdir"]).manifest(pair, command).exists():
        return _Ends(pair, one, two)
    held = find_file(one)
    if held is None:
        return _Ends(pair, one, two)
    above, name = held
    place, target = two, RemotePath(paths.name(name))
    if renames:
        found = two.above()
        if found is None:
            raise Misuse(f"{dest} is no name for a file.", "Write the name after the folder.")
        place, target = found
    pair = Pair(_file(above.end(), name, target), _file(place.end(), target, target))
    return _Ends(pair, above, place, is_file=True)


def _file(end: End, inner: RemotePath, outer: RemotePath) -> End:
    """Return one file of a side as a side of its own, which no folder is taken for."""
    key = f"{end.key}{FILE_MARK}{inner}"
    return replace(end, target=single(end.target, inner, outer), key=key)


def _run(command: str, ends: _Ends, options: dict[str, Any], rules: Rules) -> None:
    pair = ends.pair if ends.is_file else take_respelling(options)(ends.pair)
    wish = take_wish(options)
    rules = replace(
        rules,
        always=options.pop("ignore_times"),
        update=options.pop("update"),
        ignore_existing=options.pop("ignore_existing"),
        immutable=options["immutable"],
        empty_folders=options.pop("create_empty_src_dirs"),
    )
    most = options.pop("max_delete", -1)
    safety = take_safety(options, Limits() if most < 0 else Limits(100.0, most))
    folders = {Side.ONE: ends.source, Side.TWO: ends.dest}
    names = {Side.TWO: options.pop("backup_dir")}
    backups = Backups(folders, names, alone=ends.is_file)
    asked = take_options(options, backups, safety)
    if not (asked.dry_run or asked.state.manifest(pair, command).exists()):
        ensure_folder(ends.dest)
    status = carry_out(pair, wish, lambda run: run_oneway(command, pair, asked, run, rules))
    raise click.exceptions.Exit(status)
