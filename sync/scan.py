"""Looking at both sides at once; what is not complete is an error, never a short tree."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Misuse, NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from sync.ends import End, Pair
from sync.model import Side, Tree
from sync.part import See, whole

Entries = Mapping[RemotePath, Entry]
Select = Callable[[Entries], Entries]
"""Returns those entries of a whole subtree that take part."""


def check_apart(pair: Pair) -> None:
    """Check that neither side is, or lies within, the other.

    Raises:
        Misuse: they overlap.
    """
    one, two = pair.one, pair.two
    nested = paths.is_within(one.folder, two.folder) or paths.is_within(two.folder, one.folder)
    if (one.account == two.account and nested) or _share_ground(one, two):
        raise Misuse(f"{one.label} and {two.label} overlap.", "Name two folders that are apart.")


def _share_ground(one: End, two: End) -> bool:
    """Say whether one disk holds both, one within the other, whatever they are called there.

    A folder has two names where it is mounted twice (``mount --bind``), a file where case does
    not count.
    """
    if not one.disk or not two.disk:
        return False
    first, second = one.disk.place(ROOT).resolve(), two.disk.place(ROOT).resolve()
    return _is_below(first, second) or _is_below(second, first)


def _is_below(place: Path, folder: Path) -> bool:
    wanted = _identity(folder)
    return wanted is not None and any(_identity(one) == wanted for one in (place, *place.parents))


def _identity(place: Path) -> tuple[object, ...] | None:
    """Return what tells a file or folder from all others, but not from itself."""
    try:
        found = place.stat()
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode) or found.st_nlink == 1:
        return (found.st_dev, found.st_ino)
    return (_identity(place.parent), place.name)  # hard links are files of their own


def scan(
    pair: Pair,
    select: Select,
    watch: Callable[[Side, int], None] = lambda _side, _n: None,
    may_be_absent: frozenset[Side] = frozenset(),
    see: See = whole,
) -> dict[Side, Tree]:
    """Return both sides as they are now; ``watch`` is told of each how many entries it has.

    A side in ``may_be_absent`` is empty when there is no such folder. ``see`` lists a side.

    Raises:
        NotFound: another side is not there.
        MirrorError: one of them could not be listed completely, in its own words.
    """

    def look(side: Side) -> Tree:
        try:
            tree = _look(pair.of(side), side, see, select)
        except NotFound:
            if side not in may_be_absent:
                raise
            tree = Tree({})
        watch(side, len(tree.entries))
        return tree

    with ThreadPoolExecutor(2, "scan") as threads:
        futures = {side: threads.submit(look, side) for side in Side}
        return {side: future.result() for side, future in futures.items()}


def _look(end: End, side: Side, see: See, select: Select) -> Tree:
    try:
        found = see(side, end.target)
    except NotFound:
        raise NotFound(
            f"{end.label}: there is no such folder.", "'mirrorsync mkdir' makes one."
        ) from None
    kept = select(found.entries)
    left_out = frozenset(
        path
        for path in (found.entries if len(kept) < len(found.entries) else ())
        if path not in kept and (paths.parent(path) == ROOT or paths.parent(path) in kept)
    )
    return Tree(kept, dict(found.withheld), left_out | found.left_out)
