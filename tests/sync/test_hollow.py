"""Folders that hold no file."""

from __future__ import annotations

from mirrorfs.core.entry import folder
from sync.hollow import hollow
from tests.sync.runs import file, path


def test_folders_without_files_are_found_deepest_first() -> None:
    folders = ("a", "a/b", "a/b/c", "d", "d/e", "f")
    entries = {path(name): folder(path(name)) for name in folders}
    entries[path("a/x.jpg")] = file("a/x.jpg")
    entries[path("f/y.jpg")] = file("f/y.jpg")

    assert [one.path for one in hollow(entries)] == ["a/b/c", "a/b", "d/e", "d"]
    assert hollow({}) == []
