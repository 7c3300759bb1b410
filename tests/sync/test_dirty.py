"""What a watcher has to look at, found without a disk and without waiting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import ROOT, RemotePath
from sync.dirty import (
    LONGEST,
    MANY,
    MANY_IN_FOLDER,
    STILL,
    Settling,
    Stamp,
    changed,
    is_junk,
    merged,
    without_junk,
)

PICTURE = RemotePath("a/picture.jpg")
TICK = 0.25


class Disk:
    """What is at each path, and a watcher that is told of it and asks every quarter second."""

    def __init__(self) -> None:
        self.now = 0.0
        self.files: dict[RemotePath, Stamp] = {}
        self.settling = Settling()
        self.given: list[tuple[RemotePath, float]] = []

    def look(self, path: RemotePath) -> Stamp | None:
        return self.files.get(path)

    def put(self, path: RemotePath, size: int, *, is_told: bool = True) -> None:
        self.files[path] = Stamp(size, int(self.now * 1e9))
        if is_told:
            self.settling.touch(path, self.now)

    def drop(self, path: RemotePath) -> None:
        self.files.pop(path, None)
        self.settling.touch(path, self.now)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            for path in self.settling.pick(self.now, self.look):
                self.given.append((path, self.now))
            self.now += TICK


def test_a_saved_file_is_given_out_once_after_two_seconds() -> None:
    disk = Disk()
    disk.put(PICTURE, 10)
    disk.run(60)
    assert disk.given == [(PICTURE, STILL)]
    assert not disk.settling.waiting


def test_a_file_that_grows_unseen_waits_and_is_told_of_as_unsettled() -> None:
    disk = Disk()
    disk.put(PICTURE, 10)
    disk.run(1.75)
    disk.put(PICTURE, 20, is_told=False)  # through a memory map: no event
    disk.run(1)
    assert disk.given == []
    assert disk.settling.waiting == {PICTURE}
    disk.run(10)
    assert len(disk.given) == 1
    assert disk.given[0][1] >= 1.75 + STILL


def test_a_file_that_never_rests_is_given_out_in_the_end() -> None:
    disk = Disk()
    for size in range(200):
        disk.put(PICTURE, size)
        disk.run(0.5)
    moments = [moment for _, moment in disk.given]
    assert moments[0] == LONGEST
    assert len(moments) == 3


def test_an_atomic_save_ends_with_the_file_and_nothing_of_the_draft() -> None:
    disk, draft = Disk(), RemotePath("a/picture.jpg~tmp")
    disk.put(PICTURE, 10)
    disk.run(10)
    before = dict(disk.files)
    disk.put(draft, 20)
    disk.run(0.5)
    disk.files[PICTURE] = disk.files[draft]
    disk.settling.touch(PICTURE, disk.now)
    disk.drop(draft)
    disk.run(10)
    given = [path for path, _ in disk.given]
    assert sorted(given) == sorted([PICTURE, PICTURE, draft])
    assert changed({PICTURE, draft}, disk.look, before.get) == {PICTURE}


def test_what_we_wrote_or_removed_ourselves_has_no_echo() -> None:
    disk = Disk()
    mine, gone = RemotePath("mine.jpg"), RemotePath("gone.jpg")
    disk.put(mine, 10)
    known = dict(disk.files)
    assert changed({mine, gone}, disk.look, known.get) == frozenset()
    disk.run(1)
    disk.put(mine, 10)  # the same size, another time
    assert changed({mine, gone}, disk.look, known.get) == {mine}


STEP = st.tuples(
    st.sampled_from([RemotePath(name) for name in ("a", "b/c", "b/d", "e/f/g")]),
    st.integers(0, 3),
    st.booleans(),
    st.floats(0, 5),
)


@given(st.lists(STEP, max_size=30))
def test_all_that_was_touched_comes_out_and_only_when_it_rests(
    steps: list[tuple[RemotePath, int, bool, float]],
) -> None:
    disk, touched = Disk(), {}
    changes: dict[RemotePath, list[float]] = {}
    for path, size, removed, wait in steps:
        if removed:
            disk.drop(path)
        else:
            disk.put(path, size)
        touched[path] = disk.now
        changes.setdefault(path, []).append(disk.now)
        disk.run(wait)
    disk.run(LONGEST + STILL + 1)
    assert not disk.settling.waiting
    last = {path: max(when for one, when in disk.given if one == path) for path in touched}
    for path, moment in touched.items():
        assert moment < last[path] <= moment + STILL + 2 * TICK
    for path, moment in disk.given:
        rested = all(not moment - STILL < change < moment for change in changes[path])
        assert rested or moment >= LONGEST


PATH = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4).map(
    lambda names: RemotePath("/".join(names))
)


@given(st.frozensets(PATH, max_size=400), st.integers(0, 700), st.integers(1, 9))
def test_what_is_merged_covers_all_of_it_and_no_more_than_is_needed(
    dirty: frozenset[RemotePath], more: int, folders: int
) -> None:
    dirty |= {RemotePath(f"x{n % folders}/{n}") for n in range(more)}
    found = merged(dirty)
    assert len(found) <= MANY
    for path in dirty:
        assert found & {path, *paths.ancestors(path)}
    for path in found:
        assert found.isdisjoint(paths.ancestors(path))
        assert any(paths.is_within(one, path) for one in dirty)


def test_a_full_folder_stands_for_its_files_and_too_many_folders_are_the_root() -> None:
    few = {RemotePath(f"a/{n}") for n in range(MANY_IN_FOLDER)}
    assert merged(few) == few
    assert merged(few | {RemotePath("a/more"), RemotePath("b")}) == {"a", "b"}
    assert merged(RemotePath(f"{n}/x") for n in range(MANY)) != {ROOT}
    assert merged(RemotePath(f"{n}/x") for n in range(MANY + 1)) == {ROOT}
    assert merged([]) == frozenset()


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        (".DS_Store", True),
        ("a/b/.ds_store", True),
        ("a/@eaDir/x.jpg/SYNO.jpg", True),
        ("a/._x.jpg", True),
        ("THUMBS.DB", True),
        ("a/.x.jpg.swp", True),
        ("film.mp4.crdownload", True),
        ("a/picture.jpg", False),
        ("a/.hidden.jpg", False),
        ("part", False),
        ("a/x.jpg~", False),
        ("", False),
    ],
)
def test_junk_is_known_by_its_name(path: str, junk: bool) -> None:
    remote = RemotePath(path)
    assert is_junk(remote) is junk
    if path:
        tree = {one: folder(one, 0) for one in paths.ancestors(remote)[1:]}
        tree[remote] = Entry(remote, Kind.FILE, "1", "1", 0, 0)
        assert (remote not in without_junk(tree)) is junk
