"""Options of commands that copy, and what they make of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mirrorfs.core.errors import Misuse
from sync import pace
from sync.brake import Limits
from sync.cli.asking import Asker
from sync.cli.backups import Backups, take_keeping
from sync.cli.options import BWLIMIT, DAYS, SIZE, SPAN, WORKDIR, state_of, take_filters, together
from sync.cli.running import Wish, check_report
from sync.cli.telling import take_telling
from sync.compare import EVERYTHING, By, Compare
from sync.ends import Pair
from sync.execute import Effort
from sync.filters import Filters
from sync.options import Comparing, Options, Safety, Scope
from sync.respelling import respelling

TRANSFERS: Callable[[Any], Any] = together(
    click.option("-n", "--dry-run", is_flag=True, help="Print what would be done, and do nothing."),
    click.option("-i", "--interactive", is_flag=True, help="Ask before each deletion and each "
                 "replacement."),
    click.option("--transfers", type=click.IntRange(1, 64), default=4, show_default=True,
                 help="So many files at a time."),
    click.option("--checkers", type=click.IntRange(1, 64), default=8, show_default=True,
                 help="So many checksums at a time."),
    BWLIMIT,
    click.option("--max-transfer", type=SIZE, help="Begin nothing beyond so many bytes; status 8."),
    click.option("--max-duration", type=SPAN, help="Begin nothing after so long; status 10."),
    click.option("--retries", type=click.IntRange(1), default=3, show_default=True,
                 help="Try so often what may work later."),
    click.option("--retries-sleep", type=SPAN, default="500ms", help="And pause so long first."),
    click.option("--suffix", default="", help="Added to the names of what goes to a backup."),
    click.option("--no-trash", is_flag=True, help="Keep nothing of what is deleted or replaced."),
    click.option("--trash-days", type=DAYS, default=30.0, show_default=True,
                 help="How long the trash keeps what this run deletes or replaces."),
    click.option("--trash-max-size", type=SIZE, help="Refuse to delete or replace remote files "
                 "above this size, as they would be downloaded for the trash."),
    click.option("--immutable", is_flag=True, help="Never replace anything; what would be is an "
                 "error."),
    click.option("--track-renames", is_flag=True, help="Always so in sync and bisync: what was "
                 "renamed is not sent."),
    click.option("--error-on-no-transfer", is_flag=True, help="Status 9 when nothing was sent."),
    click.option("--max-lock", type=SPAN, help="Believe a lock of another machine for so long."),
    WORKDIR,
    click.option("--report", type=click.Path(dir_okay=False, path_type=Path),
                 help="Write what came of it, as FILE.html or FILE.json."),
)  # fmt: skip

SAFETY: Callable[[Any], Any] = together(
    click.option("--force", is_flag=True, help="Do what would be refused for too many deletions, "
                 "an empty side, or everything changed."),
    click.option("--check-access", is_flag=True, help="Refuse unless both sides have the check "
                 "files, at the same paths."),
    click.option("--check-filename", default="RCLONE_TEST", show_default=True,
                 help="How check files are called."),
)  # fmt: skip

COMPARING: Callable[[Any], Any] = together(
    click.option("-c", "--checksum", is_flag=True, help="By size and checksum, not by time; also "
                 "of files that seem untouched."),
    click.option("--size-only", is_flag=True, help="By size alone."),
    click.option("--ignore-size", is_flag=True, help="Not by size; by time where no checksum "
                 "tells."),
    click.option("--download-hash", is_flag=True, help="Read files whose service tells no "
                 "checksum."),
    click.option("--ignore-case-sync", is_flag=True, help="Names that differ in case alone are "
                 "one; each side keeps its own."),
    click.option("--fix-case", is_flag=True, help="And files of the second side are renamed "
                 "after the first's, folders only on disks; alone where a side tells no case."),
)  # fmt: skip


def take_respelling(options: dict[str, Any]) -> Callable[[Pair], Pair]:
    """Take whether names that differ in case alone are one; what is returned shows two sides so."""
    ignores, fixes = options.pop("ignore_case_sync"), options.pop("fix_case")
    return partial(respelling, ignores_case=ignores, fixes=fixes)


def take_wish(options: dict[str, Any]) -> Wish:
    """Take how a run is shown.

    Raises:
        Misuse: the report could not be written.
    """
    check_report(options["report"])
    ask = Asker() if options["interactive"] else None
    return Wish(
        take_telling(options),
        options.pop("report"),
        options["transfers"] + options["checkers"],
        options.pop("error_on_no_transfer"),
        ask,
    )


def take_options(
    options: dict[str, Any],
    backups: Backups,
    safety: Safety,
    rules_from: Iterable[str] = (),
    words: str = "",
) -> Options:
    """Take what a run is asked for.

    ``rules_from`` are files of filter rules, ``words`` those of ``--compare``.

    Raises:
        Misuse: something makes no sense.
    """
    filters = without_backups(take_filters(options, rules_from), options["suffix"])
    return Options(
        state_of(options.pop("workdir")),
        Scope(filters.select, filters.wanted.key),
        take_comparing(options, words),
        take_keeping(options, backups, filters),
        take_effort(options),
        safety,
        options.pop("bwlimit"),
        options.pop("max_lock") or 0.0,
        dry_run=options.pop("dry_run"),
    )


def take_effort(options: dict[str, Any]) -> Effort:
    """Take how much is done at a time, how often, and for how long."""
    duration = options.pop("max_duration")
    limits = pace.Limits(
        options.pop("max_transfer"), None if duration is None else time.time() + duration
    )
    return Effort(
        transfers=options.pop("transfers"),
        checkers=options.pop("checkers"),
        tries=options.pop("retries"),
        pause=options.pop("retries_sleep") or 0.0,
        limits=limits,
        immutable=options.pop("immutable"),
    )


def take_safety(options: dict[str, Any], limits: Limits) -> Safety:
    """Take what a run is refused for; ``limits`` are those on deletions."""
    canary = options.pop("check_filename") if options.pop("check_access") else ""
    return Safety(replace(limits, canary=canary), options.pop("force"))


def take_comparing(options: dict[str, Any], words: str = "") -> Comparing:
    """Take what is looked at; ``words`` are those of ``--compare``.

    Raises:
        Misuse: a word is not known.
    """
    by, trusts = EVERYTHING, False
    try:
        named = frozenset(By(word.strip()) for word in words.split(",") if word.strip())
    except ValueError as error:
        raise Misuse(
            f"--compare: {error}.", "It knows size, modtime, checksum, revision."
        ) from None
    if named:
        by, trusts = named, By.CHECKSUM not in named
    doubts = By.CHECKSUM in named
    if options.pop("checksum"):
        by, doubts = frozenset({By.SIZE, By.CHECKSUM, By.REVISION}), True
    if options.pop("size_only"):
        by, trusts, doubts = frozenset({By.SIZE}), True, False
    if options.pop("ignore_size"):
        by, trusts = by - {By.SIZE}, trusts or By.MODIFIED in by
    return Comparing(Compare(by, trusts_times=trusts), options.pop("download_hash"), doubts)


def without_backups(filters: Filters, suffix: str) -> Filters:
    """Return filters that leave out what ``--suffix`` made beside the files."""
    if not suffix:
        return filters
    rules = (f"- *{_quoted(suffix)}", *filters.wanted.rules)
    return Filters(replace(filters.wanted, rules=rules), time.time())


def _quoted(text: str) -> str:
    return "".join(f"\\{one}" if one in "\\*?[]{}" else one for one in text)
