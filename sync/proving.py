"""Checksums for what cannot be judged without one: what is new or touched and may be the same.

Of 100 000 unchanged files none is read. A file is read when its size is that of what it may be:
what is at the same path on the other side, what it was itself, or what vanished from its side.
What a run left under a waiting name is always read, with whatever may be a second copy of it,
or of what a writer left beside the file that it was to replace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import chain

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import MirrorError
from mirrorfs.core.paths import RemotePath
from sync import spare
from sync.aside import is_aside
from sync.digests import LARGE, DigestMemory, Wanted
from sync.ends import Pair
from sync.flow import flow_of_many
from sync.model import Fact, Side, Tree
from sync.rows import Rows

Trees = Mapping[Side, Tree]
_MANY = 64


@dataclass(frozen=True, slots=True)
class Wish:
    """A file whose checksum is wanted."""

    side: Side
    entry: Entry
    algorithm: str


@dataclass(frozen=True, slots=True)
class Prover:
    """Computes checksums, ``window`` at a time; ``downloads`` allows to read remote files too."""

    pair: Pair
    memory: DigestMemory
    executor: Executor
    window: int
    downloads: bool = False

    def complete(self, trees: Trees, rows: Rows) -> dict[Side, Tree]:
        """Return ``trees`` with the checksums that tell what is the same.

        A file that cannot be read is withheld, with the reason.

        Raises:
            RateLimited: the quota is used up; what was not read would look as if it could not be.
            StateFailed: the memory of checksums fails.
        """
        found: dict[Side, dict[RemotePath, Entry]] = {side: {} for side in Side}
        failed: dict[Side, dict[RemotePath, str]] = {side: {} for side in Side}
        copies = spare.sizes(trees)
        wishes = (wish for side in Side for wish in self._wishes(side, trees, rows, copies))
        portions = portions_of(wishes, self.window)
        for wish, told in flow_of_many(self.executor, self._try, portions, self.window):
            if isinstance(told, Digest):
                found[wish.side][wish.entry.path] = replace(wish.entry, digest=told)
            else:
                failed[wish.side][wish.entry.path] = str(told)
        return {side: _with(trees[side], found[side], failed[side]) for side in Side}

    def _wishes(self, side: Side, trees: Trees, rows: Rows, copies: set[int]) -> Iterator[Wish]:
        waiting = {wish.entry.path: wish for wish in waiting_of(side, trees, rows, copies)}
        yield from waiting.values()
        if self.downloads or self.pair.of(side).disk:
            yield from (
                wish for wish in wishes_of(side, trees, rows) if wish.entry.path not in waiting
            )

    def _try(self, wishes: list[Wish]) -> Iterator[tuple[Wish, Digest | MirrorError]]:
        files = [Wanted(self.pair.of(one.side), one.entry, one.algorithm) for one in wishes]
        return zip(wishes, self.memory.digests(files), strict=True)


def portions_of(wishes: Iterable[Wish], window: int) -> Iterator[list[Wish]]:
    """Yield ``wishes`` in portions: what is large alone, and small files more and more together.

    A portion saves what it costs to hand a file over. None is large beside what went before it,
    so that ``window`` of them at once come to their end at about the same time.
    """
    portion: list[Wish] = []
    count = size = 0
    for wish in wishes:
        portion.append(wish)
        size += wish.entry.size
        if size >= LARGE or len(portion) >= min(_MANY, 1 + count // (4 * window)):
            yield portion
            count += len(portion)
            portion, size = [], 0
    if portion:
        yield portion


def wishes_of(side: Side, trees: Trees, rows: Rows) -> Iterator[Wish]:
    """Yield the files of ``side`` whose checksum is not known but decides something."""
    entries, others = trees[side].entries, trees[side.other].entries
    past: set[RemotePath] = set()
    touched: list[tuple[Fact, Entry]] = []
    vanished: dict[int, str] = {}
    for row in rows.in_doubt(side, trees[side]):
        fact = row.one if side is Side.ONE else row.two
        past.add(fact.path)
        entry = entries.get(fact.path)
        if entry and entry.id == fact.id:
            if entry.revision != fact.revision:
                touched.append((fact, entry))
            continue
        if entry:
            touched.append((fact, entry))
        if fact.digest:
            vanished[fact.size] = fact.digest.algorithm
    for fact, entry in touched:
        if fact.digest and fact.size == entry.size and _is_open(entry):
            yield Wish(side, entry, fact.digest.algorithm)
        else:
            yield from _among(side, entry, others.get(entry.path), vanished)
    for path in rows.news(trees[side]):
        if path not in past:
            yield from _among(side, entries[path], others.get(path), vanished)


def waiting_of(side: Side, trees: Trees, rows: Rows, copies: set[int]) -> Iterator[Wish]:
    """Yield what ``side`` has under waiting names (:mod:`sync.aside`), and what is as large.

    So, too, what is as large as one of the ``copies`` of writers (:func:`sync.spare.sizes`).
    """
    entries = trees[side].entries
    waiting = (entries[path] for path in filter(is_aside, entries))
    sizes = copies | {entry.size for entry in waiting if _is_open(entry)}
    if sizes:
        known = (row.of(side).digest for row in rows.values())
        told = (entry.digest for entry in trees[side.other].entries.values())
        digest = next(filter(None, chain(known, told)), None)
        algorithm = digest.algorithm if digest else "md5"
        for entry in entries.values():
            if entry.size in sizes and _is_open(entry):
                yield Wish(side, entry, algorithm)


def _among(
    side: Side, entry: Entry, other: Entry | None, vanished: Mapping[int, str]
) -> Iterator[Wish]:
    """Yield the wish for a file that may be what the other side has there, or what vanished."""
    if not _is_open(entry):
        return
    if other and not other.is_folder and other.size == entry.size:
        yield Wish(side, entry, other.digest.algorithm if other.digest else "md5")
    elif entry.size in vanished:
        yield Wish(side, entry, vanished[entry.size])


def _is_open(entry: Entry) -> bool:
    return not entry.is_folder and entry.digest is None


def _with(tree: Tree, found: Mapping[RemotePath, Entry], failed: Mapping[RemotePath, str]) -> Tree:
    if not found and not failed:
        return tree
    entries = {**tree.entries, **found}
    for path in failed:
        del entries[path]
    return Tree(entries, {**tree.withheld, **failed}, tree.left_out)
