"""The places of one side: which are free, and which it could never hold.

On a file system that takes ``a`` and ``A`` for one, the first of two such names is served and
the other named; so is what a service takes no files like. All names are NFC, so that two
spellings of one letter are one name on every side.
"""

from __future__ import annotations

from mirrorfs.core import paths
from mirrorfs.core.names import fold
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Traits
from sync.diff import is_frozen
from sync.model import Tree


def cannot_hold(traits: Traits, path: RemotePath, size: int) -> str:
    """Return why a provider does not take a file of this name and size; empty when it does."""
    if size == 0 and not traits.holds_empty_files:
        return f"{traits.name} holds no empty files."
    if traits.holds is not None:
        _, dot, kind = paths.name(path).rpartition(".")
        if not dot or kind.lower() not in traits.holds:
            return f"{traits.name} holds no {f'.{kind}' if dot else 'such'} files."
    return ""


class Places:
    """What is at each path of one side, what leaves, and what was promised."""

    def __init__(self, tree: Tree, traits: Traits, leaving: set[RemotePath]) -> None:
        self._tree = tree
        self._leaving = leaving
        self._spelled: dict[str, RemotePath] | None = None
        if not traits.case_sensitive:
            self._spelled = {
                fold(path): path
                for known in (tree.entries, tree.withheld, tree.left_out)
                for path in known
                if path not in leaving
            }

    def refusal(self, path: RemotePath) -> str:
        """Return why nothing new can be at ``path``; empty when it is promised from now on."""
        if is_frozen(self._tree, path):
            return "What is there is withheld."
        if path in self._tree.entries and path not in self._leaving:
            return f"Something else is at {path} already."
        for above in paths.ancestors(path)[1:]:
            entry = self._tree.entries.get(above)
            if entry and not entry.is_folder and above not in self._leaving:
                return f"{above} is a file there."
        return self._twin(path)

    def _twin(self, path: RemotePath) -> str:
        """Look for what differs in case alone, in ``path`` and in each folder above it."""
        if self._spelled is None:
            return ""
        parts = (*paths.ancestors(path)[1:], path)
        for part in parts:
            twin = self._spelled.get(fold(part), part)
            if twin != part:
                return f"It differs from {twin} in case alone, which is one name there."
        self._spelled.update((fold(part), part) for part in parts)
        return ""
