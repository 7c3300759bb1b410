"""Two spellings of one name: how the second side is shown, and what is renamed."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.names import fold
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Traits
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.model import MakeFolder, Move, Plan, Remove, Side, Tree
from sync.respelling import Respelled, corrected, respelling, spelled_alike
from sync.spelling import corrections, names_by, respelled, through


def tree(*files: str, withheld: tuple[str, ...] = ()) -> Tree:
    entries: dict[RemotePath, Entry] = {}
    for text in files:
        path = RemotePath(text)
        entries |= {above: folder(above) for above in paths.ancestors(path)[1:]}
        entries[path] = Entry(path, Kind.FILE, text, "1", 1, 1)
    return Tree(entries, {RemotePath(one): "withheld" for one in withheld})


def names(model: Tree, own: Tree, *remembered: str) -> dict[str, str]:
    """Return what is not shown as it is."""
    found = names_by(model, map(RemotePath, remembered), own)
    return {path: name for path, name in found.items() if path != name}


def test_folders_and_files_are_spelled_as_there() -> None:
    found = names(tree("Dir/Sub/A.jpg", "b"), tree("dir/sub/a.JPG", "dir/sub/new", "B", "c"))

    assert found == {
        "dir": "Dir", "dir/sub": "Dir/Sub", "dir/sub/a.JPG": "Dir/Sub/A.jpg",
        "dir/sub/new": "Dir/Sub/new", "B": "b",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "own", "remembered", "expected"),
    [
        (["A"], ["a", "A"], [], {}),
        (["A", "a"], ["a"], [], {}),
        (["A", "B"], ["a", "b"], [], {"a": "A", "b": "B"}),
        ([], ["a"], ["A"], {"a": "A"}),
        (["a"], ["A"], ["A"], {"A": "a"}),
        ([], ["a", "A"], ["a"], {}),
        (["x/y"], ["X"], [], {}),
        (["Dir", "dir/x"], ["dIR/x"], [], {"dIR": "dir", "dIR/x": "dir/x"}),
    ],
)
def test_of_several_spellings_the_nearest_is_taken(
    model: list[str], own: list[str], remembered: list[str], expected: dict[str, str]
) -> None:
    assert names(tree(*model), tree(*own), *remembered) == expected


def test_what_is_withheld_is_spelled_alike_too() -> None:
    own = tree("dir/a", withheld=("dir/B",))
    found = names_by(tree("Dir/A", "Dir/b"), (), own)

    shown = respelled(own, found)

    assert set(shown.entries) == {"Dir", "Dir/A"}
    assert set(shown.withheld) == {"Dir/b"}
    assert all(path == entry.path for path, entry in shown.entries.items())


letters = st.sampled_from(["a", "A", "b", "B"])
trees = st.lists(st.lists(letters, min_size=1, max_size=3).map("/".join), max_size=8)


def consistent(texts: list[str]) -> Iterator[str]:
    """Yield the paths that do not lie within another one."""
    for one in texts:
        if not any(other.startswith(f"{one}/") for other in texts):
            yield one


@given(trees, trees, trees)
def test_no_two_are_spelled_the_same_and_only_case_differs(
    model: list[str], own: list[str], remembered: list[str]
) -> None:
    there = tree(*consistent(own))
    found = names_by(tree(*consistent(model)), map(RemotePath, remembered), there)

    assert len(set(found.values())) == len(found) == len(there.entries) + 1
    assert all(fold(path) == fold(name) for path, name in found.items())
    assert all(found[paths.parent(path)] == paths.parent(found[path]) for path in there.entries)
    back = {name: path for path, name in found.items()}
    assert all(through(back, found[path]) == path for path in there.entries)
    assert all(through(back, path) == path for path in there.entries if path not in back)


def test_what_is_spelled_otherwise_is_renamed_folders_too() -> None:
    own = tree("dir/X", "dir/y", "A")
    actions, places = corrections(own, names_by(tree("Dir/x", "a"), (), own), folders=True)

    assert [(type(one), getattr(one, "path", "")) for one in actions] == [
        (MakeFolder, "Dir"), (Move, "a"), (Move, "Dir/x"), (Move, "Dir/y"), (Remove, ""),
    ]  # fmt: skip
    assert all(name == place for name, place in places.items())


def test_where_folders_stay_files_are_renamed_in_them() -> None:
    own = tree("dir/X", "dir/y")
    actions, places = corrections(own, names_by(tree("Dir/x", "Dir/y"), (), own), folders=False)

    assert [one.path for one in actions if isinstance(one, Move)] == ["Dir/x"]
    assert (len(actions), places[RemotePath("Dir/x")]) == (1, "dir/x")


class Caseless(MemoryProvider):
    """Takes ``a`` and ``A`` for one name, as SmugMug does, and some disks."""

    @property
    def traits(self) -> Traits:
        return Traits("caseless", "md5", whole_scan=True, changes=True, case_sensitive=False)

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        assert fold(entry.path) != fold(path), "it is there already"
        return super().rename(entry, path)


def test_where_case_is_not_told_a_name_is_fixed_in_two_steps() -> None:
    service = Caseless()
    service.mkdir(RemotePath("dir"))
    service.write(RemotePath("dir/a"), io.BytesIO(b"1"), size=1, modified=1)
    one, two = End(MemoryProvider(), "m:", "m:"), End(service, "caseless:", "caseless:")
    pair = respelling(Pair(one, two), ignores_case=False, fixes=True)
    assert isinstance(pair.two.target, Respelled)
    trees = {Side.ONE: tree("Dir/A"), Side.TWO: Tree(service.scan(paths.ROOT).entries)}

    shown = spelled_alike(pair.two, trees)[Side.TWO]
    (move,) = corrected(pair.two, Plan()).actions

    assert set(shown.entries) == {"Dir", "Dir/A"}
    assert isinstance(move, Move)
    assert pair.two.target.rename(move.entry, move.path).path == "Dir/A"
    assert set(service.scan(paths.ROOT).entries) == {"dir", "dir/A"}
