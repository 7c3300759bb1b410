"""Files that share a name, or their bytes."""

from __future__ import annotations

from dataclasses import replace

from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Entry, folder
from mirrorfs.core.paths import RemotePath
from sync.dupes import copies, namesakes, new_names
from tests.sync.runs import file


def tree(*names: str) -> dict[RemotePath, Entry]:
    return {RemotePath(name): file(name) for name in names}


def paths(groups: list[list[Entry]]) -> list[list[str]]:
    return [[entry.path for entry in group] for group in groups]


def test_marked_names_belong_to_the_eldest() -> None:
    entries = tree("a/pic.jpg", "a/pic~3fa2c881.jpg", "a/pic~00000000ab.jpg", "a/other.jpg")
    entries |= tree("README", "README~12345678", "b/pic~3fa2c881.jpg", "b/x~short.jpg")
    entries[RemotePath("a/d~12345678")] = folder(RemotePath("a/d~12345678"))

    assert paths(namesakes(entries)) == [
        ["README", "README~12345678"],
        ["a/pic.jpg", "a/pic~00000000ab.jpg", "a/pic~3fa2c881.jpg"],
    ]


def test_new_names_are_free() -> None:
    entries = tree("a/pic.jpg", "a/pic~3fa2c881.jpg", "a/pic~00000000.jpg", "a/PIC-1.jpg")

    found = {one.path: name for one, name in new_names(namesakes(entries), entries)}

    assert found == {"a/pic~00000000.jpg": "a/pic-2.jpg", "a/pic~3fa2c881.jpg": "a/pic-3.jpg"}


def test_copies_have_one_checksum() -> None:
    one, two = md5("0" * 32), md5("1" * 32)
    entries = [
        replace(file(name), digest=digest)
        for name, digest in (("b", one), ("a", one), ("c", two), ("d", None), ("e", None))
    ]

    assert paths(copies(entries)) == [["a", "b"]]
