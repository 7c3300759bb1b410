"""``check``: whether two sides hold the same, and where they do not."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

import click

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import Misuse
from sync.checking import Mark, Verdict, check, tally
from sync.cli.options import FILTERS, NO_WAIT, WORKDIR, state_of, take_filters
from sync.cli.places import find_place
from sync.cli.telling import TELLING, say_json, take_telling, watched
from sync.digests import DigestMemory
from sync.ends import Pair
from sync.model import Side, Tree
from sync.proving import Prover
from sync.respelling import respelling, spelled_alike
from sync.rows import Rows
from sync.scan import scan
from sync.words import plain

_FILES = {
    "match": Mark.MATCH,
    "differ": Mark.DIFFER,
    "missing_on_dst": Mark.MISSING_ON_DST,
    "missing_on_src": Mark.MISSING_ON_SRC,
    "error": Mark.ERROR,
}
_log = logging.getLogger("mirrorsync")


@click.command("check")
@click.argument("source")
@click.argument("dest")
@click.option("--one-way", is_flag=True, help="Only whether DEST has what SOURCE has.")
@click.option("--download", is_flag=True, help="Read files whose service tells no checksum.")
@click.option("--size-only", is_flag=True, help="By size alone.")
@click.option("--ignore-case-sync", is_flag=True, help="Names that differ in case alone are one.")
@click.option("--combined", metavar="FILE", help="Write a mark and the path of each; - is stdout.")
@click.option("--match", metavar="FILE", help="Write the paths that are the same.")
@click.option("--differ", metavar="FILE", help="Write the paths that differ.")
@click.option("--missing-on-dst", metavar="FILE", help="Write the paths that DEST has not.")
@click.option("--missing-on-src", metavar="FILE", help="Write the paths that SOURCE has not.")
@click.option("--error", metavar="FILE", help="Write the paths that could not be checked.")
@click.option("--checkers", type=click.IntRange(1, 64), default=8, show_default=True)
@WORKDIR
@FILTERS
@TELLING
@NO_WAIT
def check_command(source: str, dest: str, **options: Any) -> None:
    """Check whether SOURCE and DEST hold the same files; nothing is changed.

    Local files are read and compared with the checksums that a service tells. The status is 1
    when something differs. Marks: = same, + not in DEST, - not in SOURCE, * differs, ! error.
    """
    telling = take_telling(options)
    if "-" in (options[name] for name in ("combined", *_FILES)):
        telling = replace(telling, is_plain=True)
    verdicts: list[Verdict] = []
    waits = not options["no_wait"]
    pair = Pair(*(find_place(path, waits=waits).end() for path in (source, dest)))
    pair = respelling(pair, ignores_case=options["ignore_case_sync"], fixes=False)
    usages = {side: end.target.usage for side, end in pair if end.disk is None}
    with watched(telling, usages) as watcher, _outputs(options) as write:
        for verdict in _verdicts(pair, options, watcher.progress.scanned):
            verdicts.append(verdict)
            write(verdict)
            if telling.as_json:
                mark = verdict.mark.name.lower()
                say_json({"event": mark, "path": verdict.path, "reason": verdict.reason})
            level = logging.INFO if verdict.mark is Mark.MATCH else logging.ERROR
            reason = f": {plain(verdict.reason)}" if verdict.reason else ""
            _log.log(level, "%s %s%s", verdict.mark.value, plain(verdict.path), reason)
        for line in tally(verdicts):
            _log.warning("%s", line)
    if any(verdict.mark is not Mark.MATCH for verdict in verdicts):
        raise click.exceptions.Exit(1)


def _verdicts(
    pair: Pair, options: dict[str, Any], watch: Callable[[Side, int], None]
) -> Iterator[Verdict]:
    try:
        trees = spelled_alike(pair.two, scan(pair, take_filters(options).select, watch))
        if not options["size_only"]:
            trees = _proven(pair, trees, options)
        yield from check(trees, one_way=options["one_way"], sizes_only=options["size_only"])
    finally:
        for _, end in pair:
            end.target.close()


def _proven(pair: Pair, trees: dict[Side, Tree], options: dict[str, Any]) -> dict[Side, Tree]:
    """Return both sides with the checksums that are needed to compare them."""
    window = options["checkers"]
    with (
        closing(DigestMemory(state_of(options.pop("workdir")).digests, SystemClock())) as memory,
        ThreadPoolExecutor(window, "check") as executor,
    ):
        return Prover(pair, memory, executor, window, options["download"]).complete(trees, Rows())


@contextmanager
def _outputs(options: dict[str, Any]) -> Iterator[Any]:
    """Open the files that were asked for and return what writes a verdict to them.

    Raises:
        Misuse: one cannot be written.
    """
    with ExitStack() as stack:
        combined = _opened(stack, options.pop("combined"))
        files = {mark: _opened(stack, options.pop(name)) for name, mark in _FILES.items()}

        def write(verdict: Verdict) -> None:
            if combined:
                combined.write(f"{verdict.mark.value} {verdict.path}\n")
            if file := files[verdict.mark]:
                file.write(f"{verdict.path}\n")

        yield write


def _opened(stack: ExitStack, name: str | None) -> TextIO | None:
    if name is None or name == "-":
        return sys.stdout if name else None
    try:
        return stack.enter_context(Path(name).open("w", encoding="utf-8", errors="surrogateescape"))
    except OSError as error:
        raise Misuse(f"{name} cannot be written: {error.strerror}.") from error
