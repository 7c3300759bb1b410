"""Where both sides stand: the rows, both trees, and what happened to each since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Traits
from sync.compare import Compare
from sync.diff import diff, is_frozen
from sync.model import Agreed, Delta, Side, Tree
from sync.rows import Rows
from sync.spare import without_spare


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a plan is made of; ``deltas`` of each side are ordered by path.

    ``spare`` is what is let go of each side (:mod:`sync.spare`); the trees are without it.
    """

    rows: Rows
    trees: Mapping[Side, Tree]
    traits: Mapping[Side, Traits]
    compare: Compare
    deltas: Mapping[Side, list[Delta]]
    spare: Mapping[Side, tuple[Entry, ...]]

    def is_frozen(self, path: RemotePath) -> bool:
        """Say whether one of the sides withholds ``path`` or what is above it."""
        return any(is_frozen(tree, path) for tree in self.trees.values())

    def is_row_frozen(self, row: Agreed) -> bool:
        """Say whether one of the sides withholds its own of ``row``."""
        return any(is_frozen(self.trees[side], row.of(side).path) for side in Side)

    def converts(self, side: Side, path: RemotePath) -> bool:
        """Say whether ``side`` keeps another form of such a file than it was given."""
        return converts(self.traits[side], path)

    def entry(self, side: Side, path: RemotePath) -> Entry | None:
        """Return what ``side`` has at its own ``path``."""
        return self.trees[side].entries.get(path)


def converts(traits: Traits, path: RemotePath) -> bool:
    """Say whether a provider keeps another form of such a file than it was given."""
    _, dot, kind = paths.name(path).rpartition(".")
    return bool(dot) and kind.lower() in traits.converts


def look(
    rows: Rows, trees: Mapping[Side, Tree], traits: Mapping[Side, Traits], compare: Compare
) -> Situation:
    """Compare each side with its own past; without rows (a first run) everything is new."""
    step = max(compare.step, *(traits[side].modified_step for side in Side))
    compare = replace(compare, step=step)
    trees, spare = without_spare(trees, rows)
    deltas = {side: diff(rows, trees[side], side, traits[side], compare) for side in Side}
    return Situation(rows, trees, traits, compare, deltas, spare)
