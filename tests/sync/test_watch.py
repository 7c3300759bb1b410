"""Real events of a real folder."""

from __future__ import annotations

import errno
import mmap
import os
import shutil
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, InotifyFD

from mirrorfs import mountpoint
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from sync.pending import Hints
from sync.watch import Watch

PATIENCE = 20.0


def gather(watch: Watch, is_enough: Callable[[Hints], bool]) -> Hints:
    """Take hints until they are enough, or no more come."""
    found = Hints()
    while not is_enough(found):
        more = watch.take(PATIENCE)
        assert more, f"only {found} came"
        found = Hints(
            found.paths | more.paths, found.folders | more.folders, found.lost or more.lost
        )
    return found


def has(*paths: str) -> Callable[[Hints], bool]:
    return lambda hints: hints.paths >= {RemotePath(path) for path in paths}


def write(path: Path) -> None:
    path.write_bytes(b"picture")


def save_atomically(path: Path) -> None:
    draft = path.with_name("draft")
    draft.write_bytes(b"new")
    draft.replace(path)


def touch_only(path: Path) -> None:
    os.utime(path, (1, 1))


def write_through_memory(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[0:1] = b"!"


@pytest.mark.parametrize(
    "act", [write, save_atomically, touch_only, write_through_memory, Path.unlink]
)
def test_whatever_happens_to_a_file_is_told(tmp_path: Path, act: Callable[[Path], None]) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"old")
    with Watch(tmp_path) as watch:
        assert not watch.note
        act(path)
        found = gather(watch, has("a.jpg"))
    assert not found.lost
    assert not found.folders


def test_another_name_for_a_file_is_told(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside.jpg"
    root.mkdir()
    write(outside)
    with Watch(root) as watch:
        (root / "a.jpg").hardlink_to(outside)
        gather(watch, has("a.jpg"))


def test_folders_that_come_or_go_whole_are_told_with_what_is_in_them(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    (outside / "deep").mkdir(parents=True)
    write(outside / "deep" / "1.jpg")
    with Watch(root) as watch:
        (root / "new" / "er").mkdir(parents=True)
        write(root / "new" / "er" / "2.jpg")
        gather(watch, has("new/er/2.jpg"))
        outside.rename(root / "in")
        gather(watch, has("in", "in/deep/1.jpg"))
        write(root / "in" / "deep" / "3.jpg")
        gather(watch, has("in/deep/3.jpg"))
        (root / "in").rename(root / "in2")
        gather(watch, has("in", "in2", "in2/deep/1.jpg"))
        write(root / "in2" / "deep" / "4.jpg")
        gather(watch, has("in2/deep/4.jpg"))
        shutil.rmtree(root / "new")
        gather(watch, has("new"))


def test_a_name_that_is_not_lawful_is_told_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with Watch(tmp_path) as watch:
        write(tmp_path / "a" / unicodedata.normalize("NFD", "é.jpg"))
        found = gather(watch, lambda hints: "a" in hints.folders)
        assert not found.paths
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg")).write_bytes(b"x")
        gather(watch, lambda hints: ROOT in hints.folders)


def test_hints_for_which_there_is_no_room_are_lost_and_that_is_told(tmp_path: Path) -> None:
    with Watch(tmp_path, room=0) as watch:
        write(tmp_path / "1.jpg")
        found = gather(watch, lambda hints: hints.lost)
    assert not found.paths


def test_a_queue_of_the_kernel_that_ran_over_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overflow = InotifyEvent(-1, InotifyConstants.IN_Q_OVERFLOW, 0, b"")
    read = InotifyFD.read_events
    left = [overflow]

    def read_after_overflow(self: InotifyFD, **options: int) -> list[InotifyEvent]:
        return [*read(self, **options), *(left.pop() for _ in left[:])]

    monkeypatch.setattr(InotifyFD, "read_events", read_after_overflow)
    with Watch(tmp_path) as watch:
        write(tmp_path / "a.jpg")
        assert gather(watch, lambda hints: hints.lost).lost
        (tmp_path / "sub").mkdir()
        write(tmp_path / "sub" / "b.jpg")
        assert not gather(watch, has("sub/b.jpg")).lost


def test_the_real_queue_of_the_kernel_runs_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    read, has_read, may_read = InotifyFD.read_events, threading.Event(), threading.Event()

    def read_late(self: InotifyFD, **options: int) -> list[InotifyEvent]:
        events = read(self, **options)
        has_read.set()
        may_read.wait(30)
        return events

    monkeypatch.setattr(InotifyFD, "read_events", read_late)
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for path in paths:
        write(path)
    with Watch(tmp_path) as watch:
        os.utime(paths[0], (1, 1))
        assert has_read.wait(PATIENCE)
        for number in range(longest + 1000):
            os.utime(paths[number % 2], (number, number))
        may_read.set()
        assert gather(watch, lambda hints: hints.lost).lost
        write(tmp_path / "after.jpg")
        gather(watch, has("after.jpg"))


@pytest.mark.parametrize("limit", [errno.ENOSPC, errno.EMFILE])
def test_a_limit_of_the_kernel_is_named_and_the_folder_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(limit, "limit reached")

    (tmp_path / "sub").mkdir()
    where = "_create_inotify_fd" if limit == errno.EMFILE else "_add_callback"
    monkeypatch.setattr(InotifyFD, where, refuse)
    with Watch(tmp_path, poll=0.1) as watch:
        assert "sudo sysctl fs.inotify.max_user_" in watch.note
        assert gather(watch, lambda hints: hints.lost).lost
        write(tmp_path / "sub" / "a.jpg")
        gather(watch, has("sub/a.jpg"))


def test_a_limit_that_is_met_later_is_noticed_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Watch(tmp_path, poll=0.1) as watch:

        def refuse(*args: object) -> None:
            raise OSError(errno.ENOSPC, "limit reached")

        monkeypatch.setattr(InotifyFD, "_add_callback", refuse)
        (tmp_path / "sub").mkdir()
        assert gather(watch, lambda hints: hints.lost).lost
        assert "max_user_watches" in watch.note
        write(tmp_path / "sub" / "a.jpg")
        gather(watch, has("sub/a.jpg"))


def test_a_disk_of_another_machine_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mountpoint, "file_system_of", lambda _: "nfs4")
    with Watch(tmp_path, poll=0.1) as watch:
        assert "nfs4" in watch.note
        write(tmp_path / "a.jpg")
        gather(watch, has("a.jpg"))


@pytest.mark.parametrize("kind", ["ext4", "nfs"])
def test_a_folder_that_was_removed_and_made_again_is_watched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(mountpoint, "file_system_of", lambda _: kind)
    root = tmp_path / "root"
    root.mkdir()
    with Watch(root, poll=0.05) as watch:
        root.rmdir()
        watch.take(0.5)
        root.mkdir()
        assert gather(watch, lambda hints: hints.lost).lost
        write(root / "a.jpg")
        gather(watch, lambda hints: hints.lost or has("a.jpg")(hints))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound), Watch(tmp_path / "none"):
        pass


def test_nothing_stays_behind(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Watch(tmp_path) as watch:
        write(tmp_path / "1.jpg")
        gather(watch, has("1.jpg"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
