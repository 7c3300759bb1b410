"""``bisync`` and ``status``."""

from __future__ import annotations

import socket
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import click

from mirrorfs.core.errors import Misuse, NotEmpty, NotFound
from mirrorfs.core.paths import ROOT
from sync.brake import Limits
from sync.cli.backups import Backups
from sync.cli.manifests import check
from sync.cli.options import FILTERS, NO_WAIT, PER_CENT, WORKDIR, state_of, take_filters
from sync.cli.places import LocalPlace, Place, find_place
from sync.cli.running import Wish, carry_out, coloured, look_through
from sync.cli.telling import TELLING, say_json, take_telling
from sync.cli.transfers import (
    COMPARING,
    SAFETY,
    TRANSFERS,
    take_comparing,
    take_options,
    take_respelling,
    take_safety,
    take_wish,
)
from sync.conflict import Loser, Policy, Resolve
from sync.ends import Pair
from sync.engine import run_bisync
from sync.hollow import hollow
from sync.model import Side
from sync.options import Options, Scope
from sync.plan import Wishes
from sync.report import as_json
from sync.review import spares
from sync.words import plan_lines

_RESOLVE = click.Choice([one.value for one in Resolve])


@click.command()
@click.argument("path1")
@click.argument("path2")
@click.option("-1", "--resync", is_flag=True, help="Forget what was agreed: a first run again.")
@click.option(
    "--resync-mode",
    type=_RESOLVE,
    default="none",
    show_default=True,
    help="Of files that differ in a first run keep this version alone.",
)
@click.option(
    "--conflict-resolve",
    type=_RESOLVE,
    default="none",
    show_default=True,
    help="Which version wins; none keeps both.",
)
@click.option(
    "--conflict-loser",
    type=click.Choice([one.value for one in Loser]),
    default="aside",
    show_default=True,
    help="How the other one is called; delete moves it to the trash.",
)
@click.option(
    "--conflict-suffix",
    default="conflict",
    show_default=True,
    help="In its name; two, for path1 and path2, with a comma between them.",
)
@click.option("--backup-dir", default="", help="Keep what is lost here, not in the trash.")
@click.option("--backup-dir1", default="", help="The same of path1 alone.")
@click.option("--backup-dir2", default="", help="The same of path2 alone.")
@click.option("--filters-file", default="", help="Rules as for --filter-from.")
@click.option("--compare", "words", default="", help="size,modtime,checksum: what is looked at.")
@click.option("--ignore-listing-checksum", is_flag=True, help="Never by checksum.")
@click.option("--create-empty-src-dirs", is_flag=True, help="Also folders that hold nothing.")
@click.option("--remove-empty-dirs", is_flag=True, help="In the end remove folders without files.")
@click.option(
    "--check-sync",
    type=click.Choice(["true", "false", "only"]),
    default="false",
    show_default=True,
    help="In the end, or only, verify both sides by the manifest.",
)
@click.option("-u", "--update", is_flag=True, help="Replace nothing that is newer.")
@click.option("--ignore-existing", is_flag=True, help="Replace nothing at all.")
@click.option("--resilient", is_flag=True, help="Always so: the next run tries again.")
@click.option("--recover", is_flag=True, help="Always so: the next run goes on.")
@click.option(
    "--max-delete",
    type=PER_CENT,
    default=50.0,
    show_default=True,
    help="Refuse to delete more than so many per cent of a side's files.",
)
@SAFETY
@COMPARING
@TRANSFERS
@FILTERS
@TELLING
@NO_WAIT
def bisync(path1: str, path2: str, **options: Any) -> None:
    """Bring PATH1 and PATH2 in line with each other, both ways.

    What changed on one side since the last run is done on the other. A first run deletes nothing.
    Where both changed a file, both versions are kept: the one of the cloud under its name, the
    other beside it.
    """
    no_wait, checks = options.pop("no_wait"), options.pop("check_sync")
    workdir = options["workdir"]
    rules_from = [name for name in [options.pop("filters_file")] if name]
    respell = take_respelling(options)
    if checks == "only":
        select = take_filters(options, rules_from).select
        check(path1, path2, workdir, select, respell, waits=not no_wait)
        return
    one, two = (find_place(path, waits=not no_wait) for path in (path1, path2))
    sweeps = options.pop("remove_empty_dirs") and not options["dry_run"]
    pair = respell(Pair(one.end(), two.end()))
    backups = _backups((one, two), options)
    wish = _sparing(take_wish(options), options)
    wishes = _wishes(one, two, options)
    resync = options.pop("resync")
    asked = take_options(
        options,
        backups,
        take_safety(options, Limits(options.pop("max_delete"))),
        rules_from,
        _compared(options),
    )
    asked = replace(asked, resync=resync)
    status = carry_out(pair, wish, lambda run: run_bisync(pair, asked, run, wishes))
    if sweeps and not status:
        for place in (one, two):
            _sweep(place)
    if checks == "true" and not status and not asked.dry_run:
        check(path1, path2, workdir, asked.scope.select, respell, waits=not no_wait)
    raise click.exceptions.Exit(status)


@click.command()
@click.argument("path1")
@click.argument("path2")
@WORKDIR
@COMPARING
@FILTERS
@TELLING
@NO_WAIT
def status(path1: str, path2: str, **options: Any) -> None:
    """Show what 'bisync PATH1 PATH2' would do, one line a path; the status is 0 either way."""
    waits = not options.pop("no_wait")
    one, two = (find_place(path, waits=waits) for path in (path1, path2))
    pair = take_respelling(options)(Pair(one.end(), two.end()))
    wishes = Wishes(_policy(one, two), empty_folders=False)
    telling = take_telling(options)
    filters = take_filters(options)
    asked = Options(
        state_of(options.pop("workdir")),
        Scope(filters.select, filters.wanted.key),
        take_comparing(options),
        dry_run=True,
    )
    wish = Wish(telling)
    report = look_through(pair, wish, lambda run: run_bisync(pair, asked, run, wishes))
    if telling.as_json:
        say_json({"event": "report", **as_json(report)})
        return
    lines = list(plan_lines(report.plan, bookkeeping=telling.verbose > 0))
    for line in lines:
        click.echo(coloured(line))
    if not lines:
        click.echo("Both sides are alike.")


def _sparing(wish: Wish, options: dict[str, Any]) -> Wish:
    """Take what is not to be replaced, and leave it out of what is asked."""
    left = {"existing": options.pop("ignore_existing"), "newer": options.pop("update")}
    if not any(left.values()):
        return wish
    ask = wish.ask or (lambda _action: True)
    return replace(wish, ask=lambda action: not spares(action, **left) and ask(action))


def _backups(places: tuple[Place, Place], options: dict[str, Any]) -> Backups:
    """Take the backup folders; one for both sides has to be where both are."""
    both = options.pop("backup_dir")
    names = (options.pop("backup_dir1") or both, options.pop("backup_dir2") or both)
    return Backups(dict(zip(Side, places, strict=True)), dict(zip(Side, names, strict=True)))


def _sweep(place: Place) -> None:
    """Remove the folders of one side that hold no file."""
    with closing(place.open()) as target:
        for folder in hollow(target.scan(ROOT).entries):
            with suppress(NotEmpty, NotFound):
                target.remove(folder)


def _wishes(one: Place, two: Place, options: dict[str, Any]) -> Wishes:
    """Take how conflicts end."""
    resolve, loser = Resolve(options.pop("conflict_resolve")), Loser(options.pop("conflict_loser"))
    mode = Resolve(options.pop("resync_mode"))
    if mode is not Resolve.NONE:
        if not options["resync"]:
            raise Misuse("--resync-mode is for a first run.", "Add --resync.")
        resolve, loser = mode, Loser.DELETE
    first, _, second = options.pop("conflict_suffix").partition(",")
    policy = _policy(one, two, resolve, loser, (first, second or first))
    return Wishes(policy, empty_folders=options.pop("create_empty_src_dirs"))


def _policy(
    one: Place,
    two: Place,
    resolve: Resolve = Resolve.NONE,
    loser: Loser = Loser.ASIDE,
    suffixes: tuple[str, str] = ("conflict", "conflict"),
) -> Policy:
    """Return how conflicts end: a cloud's version keeps its name; of two alike, path2's."""
    is_cloud_first = isinstance(two, LocalPlace) and not isinstance(one, LocalPlace)
    keeper = Side.ONE if is_cloud_first else Side.TWO
    now = datetime.now(UTC).astimezone()
    return Policy(keeper, resolve, loser, suffixes, socket.gethostname(), now)


def _compared(options: dict[str, Any]) -> str:
    """Take what is looked at, in the words of ``--compare``."""
    words = options.pop("words")
    if options.pop("ignore_listing_checksum"):
        words = words or "size,modtime,revision"
        return ",".join(word for word in words.split(",") if word.strip() != "checksum")
    return str(words)
