"""Copies that a writer left when it was killed: bytes on their way to another file's place. Pure.

A provider tells of them (:data:`mirrorfs.core.facts.REPLACES`). One is spare when the file that it
was to replace is there and its bytes are held for certain by a file that is none of these. Any
other may be the last of its bytes, and is a file like all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mirrorfs.core.entry import Entry
from mirrorfs.core.facts import REPLACES
from mirrorfs.core.paths import RemotePath
from sync.compare import same_digest
from sync.model import Agreed, Side, Tree

Trees = Mapping[Side, Tree]


def left_behind(tree: Tree) -> list[Entry]:
    """Return what writers left on a side, whether it is spare or not."""
    return [entry for entry in tree.entries.values() if REPLACES in entry.facts]


def sizes(trees: Trees) -> set[int]:
    """Return the sizes of all that writers left: what is as large may be the same."""
    return {entry.size for tree in trees.values() for entry in left_behind(tree)}


def without_spare(
    trees: Trees, rows: Mapping[RemotePath, Agreed]
) -> tuple[Trees, dict[Side, tuple[Entry, ...]]]:
    """Return ``trees`` without what is spare, and that; what was agreed on is never spare."""
    spare = {side: tuple(_spare(side, trees, rows)) for side in Side}
    kept = {side: _less(trees[side], spare[side]) for side in Side}
    return kept, spare


def _spare(side: Side, trees: Trees, rows: Mapping[RemotePath, Agreed]) -> Iterator[Entry]:
    found = left_behind(trees[side])
    if not found:
        return
    agreed = {row.of(side).id for row in rows.values()}
    ids = {entry.id for entry in trees[side].entries.values() if REPLACES not in entry.facts}
    for entry in found:
        if entry.id not in agreed and entry.facts[REPLACES] in ids and _is_held(entry, trees):
            yield entry


def _is_held(copy: Entry, trees: Trees) -> bool:
    return any(
        entry.size == copy.size
        and REPLACES not in entry.facts
        and same_digest(entry.digest, copy.digest) is True
        for tree in trees.values()
        for entry in tree.entries.values()
    )


def _less(tree: Tree, spare: tuple[Entry, ...]) -> Tree:
    if not spare:
        return tree
    gone = {entry.path for entry in spare}
    kept = {path: entry for path, entry in tree.entries.items() if path not in gone}
    return Tree(kept, tree.withheld, tree.left_out)
