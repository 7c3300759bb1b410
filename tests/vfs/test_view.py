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
    for path in ("x.jpg", "x.txt", "private/y.jpg"):
        source.put(path, b"body")
    return grow()


def test_without_globs_everything_is_shown(tree: Tree) -> None:
    view = View(tree, globs.parse([], []))
    assert list(view.children(ROOT)) == ["private", "x.jpg", "x.txt"]
    assert view.lookup(paths.parse("private/y.jpg")).size == 4


def test_what_is_hidden_cannot_be_looked_up(tree: Tree) -> None:
    view = View(tree, globs.parse(["*.jpg"], ["/private"]))
    assert list(view.children(ROOT)) == ["x.jpg"]
    for hidden in ("x.txt", "private", "private/y.jpg"):
        with pytest.raises(NotFound):
            view.lookup(paths.parse(hidden))
    assert view.lookup(ROOT).is_folder
