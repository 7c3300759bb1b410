"""A side that is shown as the other one spells its names, for ``--ignore-case-sync``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.names import fold
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Snapshot, Target
from sync.aside import aside
from sync.ends import End, Pair
from sync.keeping import Keeper, Kept
from sync.model import Agreed, Plan, Side, Tree
from sync.otherpaths import OtherPaths, OtherPathsOnDisk
from sync.spelling import Names, corrections, names_by, respelled, through

Rows = Mapping[RemotePath, Agreed]


class Respelled(OtherPaths):
    """``target`` by other names once :meth:`learn` was called; what is listed has its own.

    With ``fixes`` what is spelled otherwise is to be renamed: files anywhere, folders on a disk.
    """

    _is_on_disk = False

    def __init__(self, target: Target, *, fixes: bool) -> None:
        super().__init__(target)
        self._fixes = fixes
        self._tree = Tree({})
        self._names: Names = {}
        self._own: Names = {}

    def learn(self, trees: Mapping[Side, Tree], rows: Rows) -> Tree:
        """Return what this side holds (``trees`` are by own names) as the other one spells it."""
        remembered = (row.two.path for row in rows.values())
        self._tree = trees[Side.TWO]
        self._names = names_by(trees[Side.ONE], remembered, self._tree)
        self._own = {name: path for path, name in self._names.items()}
        return respelled(self._tree, self._names)

    def correct(self, plan: Plan) -> Plan:
        """Return a plan that begins with what is to be renamed; it is to be done from now on."""
        if not self._fixes:
            return plan
        folders = self._is_on_disk and self._target.traits.case_sensitive
        actions, self._own = corrections(self._tree, self._names, folders=folders)
        return replace(plan, actions=(*actions, *plan.actions))

    def own(self, path: RemotePath) -> RemotePath:
        """Return the path that ``path`` has here; an own path is its own."""
        return through(self._own, path)

    def scandir(self, folder: RemotePath) -> list[Entry]:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.scandir(folder)

    def scan(self, folder: RemotePath) -> Snapshot:
        """See :class:`~mirrorfs.core.provider.Source`."""
        return self._target.scan(folder)

    def mkdir(self, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        return self._shown(self._target.mkdir(self.own(path)), path)

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """See :class:`~mirrorfs.core.provider.Target`."""
        here, there = self._there(entry), self.own(path)
        if fold(here.path) == fold(there) and not self._target.traits.case_sensitive:
            here = self._target.rename(here, aside(there, paths.parent(there)))
        return self._shown(self._target.rename(here, there), path)


class RespelledOnDisk(OtherPathsOnDisk, Respelled):
    """The same of a folder of this machine."""

    _is_on_disk = True


class OwnNames:
    """Keeps what ``keeper`` keeps, that of the second side by its own names."""

    def __init__(self, keeper: Keeper, end: End) -> None:
        self._keeper = keeper
        self._end = end

    def keep(self, side: Side, entry: Entry) -> Kept:
        """See :class:`~sync.keeping.Keeper`."""
        if side is Side.TWO and isinstance(self._end.target, Respelled):
            entry = replace(entry, path=self._end.target.own(entry.path))
        return self._keeper.keep(side, entry)


def respelling(pair: Pair, *, ignores_case: bool, fixes: bool) -> Pair:
    """Return a pair whose second side is shown as the first one spells it, if that is wanted.

    Names are fixed only where a side takes ``a`` and ``A`` for one, unless case is ignored.
    """
    tells_case = all(end.target.traits.case_sensitive for _, end in pair)
    if not ignores_case and (tells_case or not fixes):
        return pair
    end = pair.two
    kind = RespelledOnDisk if end.disk else Respelled
    return replace(pair, two=replace(end, target=kind(end.target, fixes=fixes)))


def spelled_alike(
    end: End, trees: Mapping[Side, Tree], rows: Rows = MappingProxyType({})
) -> dict[Side, Tree]:
    """Return both sides as a run is to see them; ``end`` is the second one."""
    if isinstance(end.target, Respelled):
        return {**trees, Side.TWO: end.target.learn(trees, rows)}
    return dict(trees)


def corrected(end: End, plan: Plan) -> Plan:
    """Return a plan with what is to be renamed first; ``end`` is the second side."""
    return end.target.correct(plan) if isinstance(end.target, Respelled) else plan
