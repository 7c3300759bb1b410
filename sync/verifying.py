"""Whether both sides still hold what the manifest says they agreed on. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from sync.compare import same_digest
from sync.diff import is_frozen
from sync.model import Agreed, Fact, Side, Tree


@dataclass(frozen=True, slots=True)
class Difference:
    """``side`` does not hold what was agreed on as ``path``; ``reason`` is for people."""

    path: RemotePath
    side: Side
    reason: str


def verify(rows: Mapping[RemotePath, Agreed], trees: Mapping[Side, Tree]) -> Iterator[Difference]:
    """Yield where a side differs from the manifest, and what it does not know, by path."""
    for path, row in sorted(rows.items()):
        for side in Side:
            if reason := _difference(row.of(side), trees[side]):
                yield Difference(path, side, reason)
    for side in Side:
        known = {row.of(side).path for row in rows.values()}
        for path in sorted(trees[side].entries.keys() - known):
            yield Difference(path, side, "It is not in the manifest.")


def _difference(fact: Fact, tree: Tree) -> str:
    if is_frozen(tree, fact.path):
        return "" if fact.path in tree.left_out else "It cannot be looked at."
    entry = tree.entries.get(fact.path)
    if entry is None:
        return "It is gone."
    if entry.kind is not fact.kind:
        return f"It is a {entry.kind.value} now."
    return "" if entry.is_folder else _change(fact, entry)


def _change(fact: Fact, entry: Entry) -> str:
    if same_digest(fact.digest, entry.digest) is False:
        return "Its bytes are others."
    if entry.revision != fact.revision:
        return "It was changed."
    return "" if entry.id == fact.id else "It is another file with the same revision."
