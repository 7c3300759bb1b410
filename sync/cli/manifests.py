"""``manifest``: what two sides last agreed on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from mirrorfs.cli.output import moment
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import Misuse, NotFound
from sync.cli.options import NO_WAIT, WORKDIR, state_of
from sync.cli.places import find_place
from sync.compare import Compare
from sync.digests import DigestMemory
from sync.ends import Pair
from sync.exchange import exported, imported
from sync.lock import locked
from sync.manifest import Manifest
from sync.model import Agreed, Change
from sync.proving import Prover
from sync.scan import scan
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
    """Show the manifest of PATH1 and PATH2: size, checksum and path of each file."""
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
    text = "".join(f"{line}\n" for line in exported(_keys(pair), rows))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise Misuse(f"{output} cannot be written: {error.strerror}.") from error


@manifest.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.argument("path1")
@click.argument("path2")
@WORKDIR
def import_(file: Any, path1: str, path2: str, workdir: Path | None) -> None:
    """Take FILE, which 'manifest export' wrote, as the manifest of PATH1 and PATH2."""
    with _opened(path1, path2, workdir, is_new=True) as (pair, kept):
        rows = list(imported(file, _keys(pair)))
        kept.replace_all(rows)
    click.echo(f"{len(rows)} paths", err=True)


@manifest.command()
@click.argument("path1")
@click.argument("path2")
@WORKDIR
@NO_WAIT
def verify(path1: str, path2: str, workdir: Path | None, no_wait: bool) -> None:
    """Compare both sides with their manifest; the status is 1 when they are not what it says."""
    found = 0
    with _opened(path1, path2, workdir, waits=not no_wait) as (pair, kept):
        rows = kept.rows()
        with (
            closing(DigestMemory(state_of(workdir).digests, SystemClock())) as memory,
            ThreadPoolExecutor(8, "verify") as executor,
        ):
            trees = Prover(pair, memory, executor, 8).complete(scan(pair, dict), rows)
        traits = {side: end.target.traits for side, end in pair}
        for side, deltas in look(rows, trees, traits, Compare()).deltas.items():
            for delta in deltas:
                if delta.change is not Change.SAME:
                    found += 1
                    click.echo(f"{side.value}: {delta.change.value} {plain(delta.path)}")
    click.echo(f"{len(rows)} paths, {found} differences", err=True)
    if found:
        raise click.exceptions.Exit(1)


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
        kept = Manifest(place, is_flipped=pair.is_flipped)
        try:
            yield pair, kept
        finally:
            kept.close()
            for _, end in pair:
                end.target.close()


def _keys(pair: Pair) -> tuple[str, str]:
    return pair.one.key, pair.two.key


def _row_line(row: Agreed) -> str:
    digest = row.one.digest or row.two.digest
    names = {row.path, row.one.path, row.two.path}
    also = f"  (path1: {row.one.path}, path2: {row.two.path})" if len(names) > 1 else ""
    known = digest.value if digest else "-"
    return f"{row.one.size:>12} {known:<32} {plain(row.path)}{plain(also)}"
