import pytest

from mirrorfs.core import paths
from mirrorfs.core.errors import Misuse
from mirrorfs.vfs import globs


@pytest.mark.parametrize(
    ("glob", "path", "excluded"),
    [
        ("*.jpg", "a.jpg", True),
        ("*.jpg", "deep/down/a.jpg", True),
        ("*.jpg", "a.jpgx", False),
        ("*.jpg", "a.JPG", False),
        ("/a.jpg", "a.jpg", True),
        ("/a.jpg", "b/a.jpg", False),
        ("b/*.jpg", "a/b/c.jpg", True),
        ("/b/*.jpg", "b/c/d.jpg", False),
        ("/b/**.jpg", "b/c/d.jpg", True),
        ("*.{jpg,png}", "x.png", True),
        ("*.{jpg,png}", "x.gif", False),
        ("IMG_[0-9].jpg", "IMG_7.jpg", True),
        ("IMG_[!0-9].jpg", "IMG_7.jpg", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("thumbs/", "x/thumbs/y.jpg", True),
        ("thumbs/", "x/thumbs.jpg", False),
        ("a.b,c", "a.b,c", True),
        ("a.b", "axb", False),
        ("(x)+", "(x)+", True),
    ],
)
def test_exclude(glob: str, path: str, excluded: bool) -> None:
    chosen = globs.parse([], [glob])
    assert chosen.hide(paths.parse(path)) is excluded
    assert chosen.shows_file(paths.parse(path)) is not excluded


def test_a_folder_that_is_excluded_hides_what_is_in_it() -> None:
    chosen = globs.parse(["*.jpg"], ["private"])
    assert not chosen.shows_file(paths.parse("private/a/b.jpg"))
    assert chosen.shows_file(paths.parse("public/b.jpg"))
    assert not chosen.shows_file(paths.parse("public/b.txt"))


def test_no_globs_show_all() -> None:
    assert globs.parse([], []).show_all


@pytest.mark.parametrize("glob", ["", "/", "{a,b", "a}", "[z-a]"])
def test_nonsense_is_refused(glob: str) -> None:
    with pytest.raises(Misuse):
        globs.parse([glob], [])
