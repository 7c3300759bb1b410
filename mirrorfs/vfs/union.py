"""Several remotes side by side, each in a folder of its own below one root.

Nothing is shared between them: what happens to one is not seen in another's folder. Their
inode numbers cannot meet, since the upper bits say whose they are; the lower ones are the
remote's own, in the order that it has them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirrorfs.cache.rows import Glance
from mirrorfs.core import entry as entries
from mirrorfs.core.entry import ROOT_NUMBER, Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.vfs.branch import Files
from mirrorfs.vfs.reader import Handle

_NUMBER_BITS = 63


class Union:
    """``branches`` by the name of their folder; lawful names that no drive takes for the same."""

    def __init__(self, branches: Mapping[str, Files]) -> None:
        self._branches = dict(sorted(branches.items()))
        self._places = {name: place for place, name in enumerate(self._branches, 1)}
        self._shift = len(self._branches).bit_length()

    def lookup(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.vfs.branch.Files`."""
        if not path:
            newest = max(seen.modified for seen in self.glances(ROOT))
            return entries.folder(ROOT, newest)
        branch, _, inside = self._find(path)
        return branch.lookup(inside)

    def seen(self, path: RemotePath, entry: Entry) -> Glance:
        """See :class:`~mirrorfs.vfs.branch.Files`."""
        if not path:
            return Glance("", ROOT_NUMBER, 1, 0, entry.modified)
        branch, place, inside = self._find(path)
        seen = self._renumbered(branch.seen(inside, entry), place)
        return seen if inside else seen._replace(name=path)

    def glances(self, folder: RemotePath) -> Sequence[Glance]:
        """See :class:`~mirrorfs.vfs.branch.Files`; the root is known without asking anybody."""
        if not folder:
            tops = ((RemotePath(name), branch) for name, branch in self._branches.items())
            return [self.seen(top, branch.lookup(ROOT)) for top, branch in tops]
        branch, place, inside = self._find(folder)
        return [self._renumbered(seen, place) for seen in branch.glances(inside)]

    def open(self, path: RemotePath, entry: Entry) -> Handle:
        """See :class:`~mirrorfs.vfs.branch.Files`."""
        branch, _, inside = self._find(path)
        return branch.open(inside, entry)

    def total(self) -> tuple[int, int]:
        """See :class:`~mirrorfs.vfs.branch.Files`; the remotes' folders count, too."""
        totals = [branch.total() for branch in self._branches.values()]
        return sum(size for size, _ in totals), sum(count + 1 for _, count in totals)

    def _find(self, path: RemotePath) -> tuple[Files, int, RemotePath]:
        """Return the branch that ``path`` is in, its place, and the path inside it."""
        name, _, inside = path.partition("/")
        if name not in self._branches:
            raise NotFound(f"There is nothing at {path!r}.")
        return self._branches[name], self._places[name], RemotePath(inside)

    def _renumbered(self, seen: Glance, place: int) -> Glance:
        number = place << (_NUMBER_BITS - self._shift) | seen.number >> self._shift
        return Glance(seen.name, number, seen.is_folder, seen.size, seen.modified)
