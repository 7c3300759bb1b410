from collections.abc import Callable

import pytest

from mirrorfs.core import paths
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT
from mirrorfs.vfs import globs
from mirrorfs.vfs.tree import Tree
from mirrorfs.vfs.view import View
from tests.vfs.fakes import FakeSource


@pytest.fixture
def tree(source: FakeSource, grow: Callable[..., Tree]) -> Tree:
    for path in ("a/x.jpg", "a/x.txt", "a/private/y.jpg", "b/z.jpg"):
        source.put(path, b"body")
    return grow()


def test_a_folder_of_the_tree_as_the_root(tree: Tree) -> None:
    view = View(tree, paths.parse("a"), globs.parse([], []))
    assert list(view.children(ROOT)) == ["private", "x.jpg", "x.txt"]
    assert view.lookup(paths.parse("private/y.jpg")).path == "a/private/y.jpg"
    assert view.relative(paths.parse("a/private")) == "private"
    assert view.relative(paths.parse("b")) is None
    assert view.relative(paths.parse("ab")) is None
    assert view.inside(paths.parse("b")) == {}
    with pytest.raises(NotFound):
        view.lookup(paths.parse("z.jpg"))


def test_globs_are_relative_to_the_root(tree: Tree) -> None:
    view = View(tree, paths.parse("a"), globs.parse(["*.jpg"], ["/private"]))
    assert list(view.children(ROOT)) == ["x.jpg"]
    for hidden in ("x.txt", "private", "private/y.jpg"):
        with pytest.raises(NotFound):
            view.lookup(paths.parse(hidden))
    assert view.lookup(ROOT).is_folder
