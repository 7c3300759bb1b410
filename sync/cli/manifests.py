"""``manifest``: what two sides last agreed on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from mirrorfs.cli.output import counted, moment
from mirrorfs.core import paths
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import MirrorError, Misuse, NotFound
from mirrorfs.core.paths import RemotePath
from sync.cli.options import FILTERS, NO_WAIT, WORKDIR, state_of, take_filters
from sync.cli.places import find_place
from sync.compare import Compare
from sync.digests import DigestMemory
from sync.ends import Pair
from sync.exchange import exported, imported
from sync.hollow import hollow
from sync.legacy import Taken, read_cache, take_over
from sync.lock import locked
from sync.manifest import Manifest
from sync.model import Agreed, Change, Side, Tree
from sync.proving import Prover
from sync.respelling import respelling, spelled_alike
from sync.scan import Select, scan
from sync.situation import look
from sync.words import plain


@click.group()
def manifest() -> None:
    """What two sides last agreed on."""


@manifest.command()
@click.argument("path1")
@click.argument("path2")
@WORKDIR
def show(path1: str, path2: str, workdir: Path | None) -> None:
    """Show the manifest of PATH1 and PATH2.

    A line tells size, checksum and path of a file.
    """
    with _opened(path1, path2, workdir) as (_, kept):
        rows = sorted(kept.rows().values(), key=lambda row: row.path)
        status, ended = kept.note("status"), kept.note("ended")
    for row in rows:
        click.echo(_row_line(row))
    when = f", {moment(float(ended))}" if ended else ""
    click.echo(f"{len(rows)} paths; the last run: {status or 'never'}{when}", err=True)


@manifest.command()
@click.argument("path1")
@click.argument("path2")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@WORKDIR
def export(path1: str, path2: str, output: Path | None, workdir: Path | None) -> None:
    """Write the manifest of PATH1 and PATH2 as JSON Lines."""
    with _opened(path1, path2, workdir) as (pair, kept):
        rows = sorted(kept.rows().values(), key=lambda row: row.path)
    text = "".join(f"{line}\n" for line in exported(pair.keys, rows))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Misuse(f"{output} cannot be written: {error.strerror}.") from error


@manifest.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.argument("path1")
@click.argument("path2")
@WORKDIR
@NO_WAIT
def import_(file: TextIO, path1: str, path2: str, workdir: Path | None, no_wait: bool) -> None:
    """Take FILE as the manifest of PATH1 and PATH2.

    It is what 'manifest export' wrote. FILE may also be the JSON in which an upload tool noted what
    it sent from PATH1 to PATH2, an account of Cloudinary; of that is taken what both sides hold
    with the same checksum.
    """
    text = file.read()
    with _opened(path1, path2, workdir, is_new=True, waits=not no_wait) as (pair, kept):
        if '"successful_uploads"' in text:
            taken = _take_over(pair, text, workdir)
            kept.put_all(taken.rows)
            for source, reason in taken.doubts.items():
                click.echo(f"{plain(source)}: {reason}", err=True)
            count = len(taken.rows)
        else:
            rows = list(imported(text.splitlines(), pair.keys))
            kept.replace_all(rows)
            count = len(rows)
    click.echo(f"{count} paths", err=True)


@manifest.command()
@click.argument("path1")
@click.argument("path2")
@click.option("--ignore-case-sync", is_flag=True, help="Names that differ in case alone are one.")
@WORKDIR
@FILTERS
@NO_WAIT
def verify(
    path1: str,
    path2: str,
    ignore_case_sync: bool,
    workdir: Path | None,
    no_wait: bool,
    **options: Any,
) -> None:
    """Compare both sides with their manifest.

    The status is 1 when they are not what it says, or what it says of cannot be looked at. Of
    folders without files only those count that it knows.
    """
    respell = partial(respelling, ignores_case=ignore_case_sync, fixes=False)
    check(path1, path2, workdir, take_filters(options).select, respell, waits=not no_wait)


def check(
    path1: str,
    path2: str,
    workdir: Path | None,
    select: Select,
    respell: Callable[[Pair], Pair],
    *,
    waits: bool,
) -> None:
    """Compare what ``select`` leaves of both sides with their manifest, and say how they differ.

    ``respell`` returns both sides as a run sees them.

    Raises:
        Exit: with 1, they do, or one of them withholds what was agreed on.
    """
    with _opened(path1, path2, workdir, waits=waits) as (opened, kept):
        pair = respell(opened)
        trees: Mapping[Side, Tree] = scan(pair, select)
        rows = kept.rows(trees)
        trees = spelled_alike(pair.two, trees, rows)
        with _digests(workdir) as memory, ThreadPoolExecutor(8, "verify") as executor:
            trees = Prover(pair, memory, executor, 8).complete(trees, rows)
        traits = {side: end.target.traits for side, end in pair}
        found = look(rows, trees, traits, Compare()).deltas
    empty = {side: {one.path for one in hollow(trees[side].entries)} for side in Side}
    deltas = [
        (side, one)
        for side in Side
        for one in found[side]
        if one.change is not Change.SAME
        if not (one.change is Change.NEW and one.path in empty[side])
    ]
    for side, delta in deltas:
        click.echo(f"{side.value}: {delta.change.value} {plain(delta.path)}")
    unseen = _unseen(rows.values(), trees)
    for (side, path), reason in unseen.items():
        click.echo(f"{side.value}: unseen {plain(path)}  ({plain(reason)})")
    count = len(deltas) + len(unseen)
    click.echo(f"{counted(len(rows), 'path')}, {counted(count, 'difference')}", err=True)
    if count:
        raise click.exceptions.Exit(1)


def _unseen(
    rows: Iterable[Agreed], trees: Mapping[Side, Tree]
) -> dict[tuple[Side, RemotePath], str]:
    """Return what a side withholds of what was agreed on, and why; what is left out is not asked.

    Of a folder that is withheld it is the folder.
    """
    found: dict[tuple[Side, RemotePath], str] = {}
    for row in rows:
        places = {side: row.of(side).path for side in Side}
        if any(_first(trees[side].left_out, places[side]) for side in Side):
            continue
        for side in Side:
            withheld = trees[side].withheld
            if top := _first(withheld, places[side]):
                found[side, top] = withheld[top]
    return found


def _first(places: Collection[RemotePath], path: RemotePath) -> RemotePath | None:
    """Return the uppermost of ``path`` and what is above it that is among ``places``."""
    if not places:
        return None
    return next((one for one in (*paths.ancestors(path), path) if one in places), None)


def _take_over(pair: Pair, text: str, workdir: Path | None) -> Taken:
    """Return what of an upload tool's notes both sides prove."""
    trees = scan(pair, dict)
    with _digests(workdir) as memory:

        def digest(entry: Entry, algorithm: str) -> Digest | None:
            try:
                return memory.digest(pair.one, entry, algorithm) if pair.one.disk else None
            except MirrorError:
                return None

        return take_over(read_cache(text), trees[Side.ONE], trees[Side.TWO], digest)


def _digests(workdir: Path | None) -> closing[DigestMemory]:
    return closing(DigestMemory(state_of(workdir).digests, SystemClock()))


@contextmanager
def _opened(
    path1: str, path2: str, workdir: Path | None, *, is_new: bool = False, waits: bool = True
) -> Iterator[tuple[Pair, Manifest]]:
    """Open the manifest of two sides, with their lock held.

    Raises:
        NotFound: there is none, and it is not to be made.
    """
    state = state_of(workdir)
    pair = Pair(*(find_place(path, waits=waits).end() for path in (path1, path2)))
    place = state.manifest(pair, "bisync")
    if not is_new and not place.exists():
        raise NotFound(
            f"{path1} and {path2} have no manifest yet.", "'mirrorsync bisync' makes it."
        )
    with locked(state.lock(pair), SystemClock()):
        kept = Manifest(place, pair.keys)
        try:
            yield pair, kept
        finally:
            kept.close()
            for _, end in pair:
                end.target.close()


def _row_line(row: Agreed) -> str:
    digest = row.one.digest or row.two.digest
    names = {row.path, row.one.path, row.two.path}
    also = f"  (path1: {row.one.path}, path2: {row.two.path})" if len(names) > 1 else ""
    known = digest.value if digest else "-"
    return f"{row.one.size:>12} {known:<32} {plain(row.path)}{plain(also)}"
