"""Two spellings of one name: ``Dir/A.jpg`` on one side, ``dir/a.JPG`` on the other. Pure.

The second side is shown as the first one spells it, so that whoever compares them sees no
difference. What is to be spelled alike in the end is renamed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, groupby

from mirrorfs.core import paths
from mirrorfs.core.names import fold
from mirrorfs.core.paths import ROOT, RemotePath
from sync.model import Action, MakeFolder, Move, Remove, Side, Tree

Names = Mapping[RemotePath, RemotePath]


def names_by(model: Tree, remembered: Iterable[RemotePath], tree: Tree) -> Names:
    """Return path → how ``model`` spells it for all of ``tree``; no two are spelled the same.

    What ``model`` has not is spelled as it is ``remembered``, else as it is. What is spelled as
    there already stays so, also where others differ from it in case alone.
    """
    here = set(_all(model))
    known: dict[str, list[RemotePath]] = defaultdict(list)
    for path in chain(sorted(here), sorted(remembered)):
        known[fold(path)].append(path)
    names: dict[RemotePath, RemotePath] = {ROOT: ROOT}
    for _, level in groupby(sorted(_all(tree), key=_depth), key=_depth):
        literal = {path: _through(names, path) for path in sorted(level)}
        taken = set(literal.values())  # nobody gets what another one is called
        for path, same in literal.items():
            twins = {twin for twin in known[fold(same)] if paths.parent(twin) == paths.parent(same)}
            free = {twin for twin in twins - taken if _alike(model, twin, tree, path)}
            free |= twins & {same}
            best = min(free, key=lambda twin: (twin not in here, twin != same, twin), default=same)
            names[path] = same if same in here else best
            taken.add(names[path])
    return names


def respelled(tree: Tree, names: Names) -> Tree:
    """Return ``tree`` with other names."""
    return Tree(
        {
            names[path]: entry if names[path] == path else replace(entry, path=names[path])
            for path, entry in tree.entries.items()
        },
        {names[path]: reason for path, reason in tree.withheld.items()},
        frozenset(names[path] for path in tree.left_out),
    )


def corrections(tree: Tree, names: Names, *, folders: bool) -> tuple[tuple[Action, ...], Names]:
    """Return what makes the second side's own ``tree`` be spelled so, and where all is then.

    The latter is name → path. Without ``folders`` only files are renamed; nor is a folder that
    holds what nothing may be done to. Actions tell of names; what is moved, of its own path.
    """
    frozen = (*tree.withheld, *tree.left_out)
    fixed = {above for path in frozen for above in (*paths.ancestors(path), path)}
    places: dict[RemotePath, RemotePath] = {ROOT: ROOT}
    for path in sorted(_all(tree), key=_depth):
        entry = tree.entries.get(path)
        stays = entry is None or (entry.is_folder and (path in fixed or not folders))
        name = paths.name(path if stays else names[path])
        places[path] = paths.join(places.get(paths.parent(path), paths.parent(path)), name)
    wrong = [entry for path, entry in tree.entries.items() if places[path] != path]
    wrong.sort(key=lambda entry: (_depth(entry.path), entry.path))
    made = [MakeFolder(Side.TWO, names[one.path]) for one in wrong if one.is_folder]
    moved = [
        Move(Side.TWO, one, names[one.path], None, names[one.path])
        for one in wrong
        if not one.is_folder
    ]
    removed = [Remove(Side.TWO, one, None) for one in reversed(wrong) if one.is_folder]
    return (*made, *moved, *removed), {names[path]: place for path, place in places.items()}


def through(names: Names, path: RemotePath) -> RemotePath:
    """Return ``path`` by ``names``; what they do not know keeps its name, in what they know."""
    return names[path] if path in names else _through(names, path)


def _through(names: Names, path: RemotePath) -> RemotePath:
    """Return ``path`` with its last name as it is, and the rest by ``names``."""
    if path == ROOT:
        return ROOT
    return paths.join(through(names, paths.parent(path)), paths.name(path))


def _alike(model: Tree, twin: RemotePath, tree: Tree, path: RemotePath) -> bool:
    """Say whether both may be one thing: no file goes with a folder."""
    one, two = model.entries.get(twin), tree.entries.get(path)
    return one is None or two is None or one.kind is two.kind


def _all(tree: Tree) -> Iterator[RemotePath]:
    return chain(tree.entries, tree.withheld, tree.left_out)


def _depth(path: RemotePath) -> int:
    return path.count("/")
