"""One file as a side of its own."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from mirrorfs.core.errors import NotFound, Unsupported
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import OnDisk
from sync.single import single

INNER, OUTER = RemotePath("d/in.txt"), RemotePath("out.txt")


@pytest.fixture
def memory() -> MemoryProvider:
    memory = MemoryProvider()
    memory.write(INNER, io.BytesIO(b"body"), size=4, modified=1)
    memory.write(RemotePath("d/other.txt"), io.BytesIO(b"o"), size=1, modified=1)
    return memory


def test_only_the_file_is_there_under_its_other_name(memory: MemoryProvider) -> None:
    one = single(memory, INNER, OUTER)

    assert list(one.scan(ROOT).entries) == [entry.path for entry in one.scandir(ROOT)] == [OUTER]
    assert b"".join(one.read(one.stat(OUTER))) == b"body"
    assert not isinstance(one, OnDisk)
    for path in (INNER, RemotePath("d/other.txt")):
        with pytest.raises(Unsupported):
            one.stat(path)
    with pytest.raises(NotFound):
        one.scandir(RemotePath("d"))


def test_nothing_is_there_before_it_is_written(memory: MemoryProvider) -> None:
    new = RemotePath("e/new.txt")
    one = single(memory, new, OUTER)

    assert one.scan(ROOT).entries == {}
    entry = one.write(OUTER, io.BytesIO(b"12"), size=2, modified=5)
    assert entry.path == OUTER
    entry = one.write(OUTER, io.BytesIO(b"3"), size=1, modified=5, replaces=entry)
    assert b"".join(memory.read(memory.stat(new))) == b"3"
    one.remove(entry)
    assert one.scan(ROOT).entries == {}
    assert memory.stat(INNER).size == 4


def test_a_folder_of_that_name_is_no_file(memory: MemoryProvider) -> None:
    assert single(memory, RemotePath("d"), OUTER).scan(ROOT).entries == {}


def test_a_file_of_this_machine_is_one_still(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("x")
    one = single(LocalProvider(tmp_path), RemotePath("in.txt"), OUTER)

    assert isinstance(one, OnDisk)
    assert one.place(OUTER) == one.place(ROOT) == tmp_path / "in.txt"
    found, entry = (tmp_path / "in.txt").stat(), one.stat(OUTER)
    assert one.status(entry) == found
    assert one.inode(entry) == (found.st_dev, found.st_ino)
    with one.opened(entry) as file:
        assert os.fstat(file) == found
    assert one.touch(one.stat(OUTER), 5 * 10**9).modified == 5 * 10**9
    assert one.sweep() == 0


def test_what_was_left_beside_the_file_is_swept_and_nothing_below(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for folder in (tmp_path, tmp_path / "below"):
        (folder / f".mirrorfs-{'0' * 16}.part").write_text("half")
    one = single(LocalProvider(tmp_path), RemotePath("in.txt"), OUTER)

    assert isinstance(one, OnDisk)
    assert one.sweep() == 1
    assert [path.parent.name for path in tmp_path.rglob("*.part")] == ["below"]
