"""What a look says that it found."""

from collections.abc import Callable

import pytest

from mirrorfs.vfs.look import Way
from mirrorfs.vfs.tree import Tree
from tests.vfs.fakes import FakeSource

Grow = Callable[..., Tree]


@pytest.mark.parametrize(("way", "more"), [(Way.SCAN, 1), (Way.CHANGES, 2000)])
def test_every_entry_of_a_new_folder_is_counted(
    way: Way, more: int, source: FakeSource, grow: Grow
) -> None:
    for n in range(more):
        source.put(f"many/{n}.jpg", b"n")
    tree = grow()
    assert tree.refresh().count == more + 1
    for n in range(5):
        source.put(f"new/{n}.jpg", b"n")
    found = tree.refresh()
    assert (found.way, found.count) == (way, 6)
    assert found.changed == {"new"}
    assert tree.rescan().count == 0


def test_every_entry_of_a_folder_that_is_gone_is_counted(source: FakeSource, grow: Grow) -> None:
    source.put("album/a.jpg", b"a")
    source.put("deep/down/x.jpg", b"x")
    tree = grow()
    tree.prepare()
    source.put("album/a.jpg", b"another a")
    source.remove("deep/down/x.jpg")
    source.rmdir("deep/down")
    source.rmdir("deep")
    source.put("deep", b"a file now")
    found = tree.refresh()
    assert found.count == 4
    assert found.changed == {"album/a.jpg", "deep"}
