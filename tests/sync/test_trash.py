from __future__ import annotations

import contextlib
import fcntl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import AlreadyExists, Changed, Misuse
from mirrorfs.core.paths import parse
from mirrorfs.providers.memory import MemoryProvider
from sync import trash
from sync.ends import Pair
from sync.keeping import BackupFolder, NotKept
from sync.model import Side
from sync.trash import PART, Trash
from tests.sync.sides import edit, left_over, local, memory, put, tree

DAY = 86400.0
BEGAN = 1_700_000_000.0


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(local(tmp_path / "one"), memory("two"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "trash"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("side", Side)
def test_what_is_kept_can_be_restored_but_not_over_something(
    pair: Pair, folder: Path, side: Side
) -> None:
    target = pair.of(side).target
    entry = put(target, "a/é.txt", b"text")
    Trash(folder, pair, BEGAN).keep(side, entry)
    (item,) = trash.items(folder)
    assert (item.side, item.path, item.size, item.modified) == (
        side,
        "a/é.txt",
        4,
        entry.modified,
    )
    assert item.origin.keys[0 if side is Side.ONE else 1] == pair.of(side).key
    with pytest.raises(AlreadyExists):
        trash.restore(item, target)
    target.remove(entry)
    restored = trash.restore(item, target)
    assert restored.modified == entry.modified
    assert tree(target) == {"a/é.txt": b"text"}
    assert item.place.read_bytes() == b"text"


@pytest.mark.parametrize("side", Side)
def test_only_the_planned_revision_is_kept(pair: Pair, folder: Path, side: Side) -> None:
    target = pair.of(side).target
    entry = put(target, "a.txt", b"text")
    edit(target, "a.txt", b"edited")
    with pytest.raises(Changed):
        Trash(folder, pair, BEGAN).keep(side, entry)
    assert trash.items(folder) == []
    assert left_over(folder) == []


def test_two_of_one_name_are_both_kept(pair: Pair, folder: Path) -> None:
    bin_ = Trash(folder, pair, BEGAN)
    first = put(pair.one.target, "a.txt", b"1")
    bin_.keep(Side.ONE, first)
    bin_.keep(Side.ONE, edit(pair.one.target, "a.txt", b"22"))
    assert sorted(item.place.read_bytes() for item in trash.items(folder)) == [b"1", b"22"]


def test_another_disk_gets_a_copy(pair: Pair, small_disk: Path) -> None:
    entry = put(pair.one.target, "a.txt", b"text")
    kept = Trash(small_disk, pair, BEGAN).keep(Side.ONE, entry)
    assert Path(kept.where).read_bytes() == b"text"
    assert Path(kept.where).stat().st_mtime_ns == entry.modified
    edit(pair.one.target, "a.txt", b"else")
    assert Path(kept.where).read_bytes() == b"text"


def test_a_full_disk_keeps_nothing_and_says_so(pair: Pair, small_disk: Path) -> None:
    entry = put(pair.one.target, "a.txt", bytes(100_000))
    with pytest.raises(NotKept, match="No space left"):
        Trash(small_disk, pair, BEGAN).keep(Side.ONE, entry)
    assert trash.items(small_disk) == []
    assert left_over(small_disk) == []


def test_what_is_old_goes(pair: Pair, folder: Path) -> None:
    for day in (0, 20, 40):
        entry = put(pair.one.target, f"{day}.txt", b"text")
        Trash(folder, pair, BEGAN + day * DAY).keep(Side.ONE, entry)
    (folder / "not ours").mkdir()
    freed = trash.empty(folder, before=BEGAN + 11 * DAY)
    assert freed > 0
    assert [item.path for item in trash.items(folder)] == ["20.txt", "40.txt"]
    trash.empty(folder)
    assert [one.name for one in folder.iterdir()] == ["not ours"]
    assert len(tree(pair.one.target)) == 3


def test_each_run_says_how_long_its_own_is_kept(pair: Pair, folder: Path) -> None:
    for days in (0.0, 1.0, trash.KEPT_DAYS, 90.0):
        entry = put(pair.one.target, f"{days:g}.txt", b"text")
        Trash(folder, pair, BEGAN, days=days).keep(Side.ONE, entry)
    unfinished = folder / "2023-11-14T221320Z-abcdef"  # killed before it said whose it is
    unfinished.mkdir()
    expected = ["0.txt", "1.txt", "30.txt", "90.txt"]
    for day in (0, 1, 30, 90):
        trash.expire(folder, BEGAN + day * DAY)
        assert sorted(item.path for item in trash.items(folder)) == expected
        assert unfinished.exists() is (day <= 30)
        trash.expire(folder, BEGAN + day * DAY + 1)
        expected = expected[1:]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["", '{"days": 90', None])
def test_what_does_not_say_any_more_how_long_it_is_kept_stays(
    pair: Pair, folder: Path, damage: str | None
) -> None:
    entry = put(pair.one.target, "a.txt", b"text")
    place = Path(Trash(folder, pair, BEGAN, days=90.0).keep(Side.ONE, entry).where)
    note = next(folder.iterdir()) / "run.json"
    note.unlink()
    if damage is not None:
        note.write_text(damage)

    trash.expire(folder, BEGAN + 1000 * DAY)

    assert place.read_bytes() == b"text"
    assert trash.empty(folder) > 0
    assert list(folder.iterdir()) == []


def test_a_trash_that_cannot_be_looked_into_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "trash").write_text("no folder")
    assert trash.empty(tmp_path / "trash") == 0
    assert trash.empty(tmp_path / "nowhere") == 0


def test_it_is_in_no_side(pair: Pair, tmp_path: Path) -> None:
    trash.check_outside(tmp_path / "state", [pair.one, pair.two])
    for inside in (tmp_path / "one", tmp_path / "one" / "a" / "b"):
        with pytest.raises(Misuse, match="lies within"):
            trash.check_outside(inside, [pair.one, pair.two])


def test_a_backup_folder_takes_files_without_sending_them() -> None:
    service = memory("two").target
    backup = BackupFolder(service, parse("photos"), parse("old/backup"), ".bak")
    entry = put(service, "photos/a.txt", b"text")
    again = put(service, "photos/b.txt", b"more")
    here = service.stat(parse("photos/a.txt"))
    kept = backup.keep(Side.TWO, relative(here))
    assert kept.is_moved
    assert tree(service) == {"old/backup/a.txt.bak": b"text", "photos/b.txt": b"more"}
    kept.undo()
    assert tree(service)["photos/a.txt"] == b"text"
    backup.keep(Side.TWO, relative(service.stat(entry.path)))
    put(service, "photos/a.txt", b"newer")
    backup.keep(Side.TWO, relative(service.stat(entry.path)))
    assert set(tree(service)) == {
        "old/backup/a.txt.bak",
        "old/backup/a (2).txt.bak",
        again.path,
    }


@pytest.mark.parametrize("above", ["old", "old/backup", "old/backup/d"])
def test_a_backup_folder_that_is_a_file_keeps_nothing_and_says_so(
    tmp_path: Path, above: str
) -> None:
    for end in (memory("two"), local(tmp_path)):
        put(end.target, "photos/d/a.txt", b"text")
        put(end.target, above, b"file")
        backup = BackupFolder(end.target, parse("photos"), parse("old/backup"))
        before = tree(end.target)
        with pytest.raises(NotKept, match=r"d/a\.txt cannot be kept as old/backup/d/a\.txt"):
            backup.keep(Side.TWO, relative(end.target.stat(parse("photos/d/a.txt"))))
        assert tree(end.target) == before


def relative(entry: Entry) -> Entry:
    """Return an entry of the account as its folder ``photos`` has it."""
    return replace(entry, path=parse(entry.path.removeprefix("photos/")))


def test_a_backup_folder_on_another_disk_gets_copies(tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "photos").mkdir()
    everything = local(tmp_path).target
    put(everything, "photos/a.txt", b"text")
    backup = BackupFolder(everything, parse("photos"), parse("disk/backup"))
    entry = relative(everything.stat(parse("photos/a.txt")))
    kept = backup.keep(Side.ONE, entry)
    assert not kept.is_moved
    assert (small_disk / "backup" / "a.txt").read_bytes() == b"text"
    assert (tmp_path / "photos" / "a.txt").read_bytes() == b"text"
    kept.undo()
    assert list((small_disk / "backup").iterdir()) == []


def test_a_disk_that_was_full_for_a_moment_hides_nothing(pair: Pair, small_disk: Path) -> None:
    first, second = (put(pair.one.target, name, b"text") for name in ("a.txt", "b.txt"))
    bin_ = Trash(small_disk / "trash", pair, BEGAN)
    with (
        (small_disk / "filler").open("wb", buffering=0) as filler,
        contextlib.suppress(OSError),
    ):
        while True:
            filler.write(bytes(4096))
    with pytest.raises(NotKept, match="No space left"):
        bin_.keep(Side.ONE, first)
    (small_disk / "filler").unlink()
    bin_.keep(Side.ONE, second)
    assert [item.path for item in trash.items(small_disk / "trash")] == ["b.txt"]


def test_no_name_of_a_user_is_taken_for_an_unfinished_file(pair: Pair, folder: Path) -> None:
    bin_ = Trash(folder, pair, BEGAN)
    for side in Side:
        bin_.keep(side, put(pair.of(side).target, "a/x.mirrorsync-part", b"text"))
    left = bin_.folder / "0123456789abcdef.mirrorsync-part"
    left.write_bytes(b"unfinished")
    with left.open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_SH)
        trash.sweep(folder)
    assert left.exists()
    trash.sweep(folder)
    assert [item.place.read_bytes() for item in trash.items(folder)] == [b"text", b"text"]
    assert {one.name for one in bin_.folder.iterdir()} == {"run.json", "one", "two"}


def test_only_what_nobody_writes_any_more_is_swept(pair: Pair, folder: Path) -> None:
    entry = put(pair.two.target, "a.txt", b"text")
    left = folder / "2020-01-01T000000Z-abcdef" / f"left{PART}"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    seen: list[int] = []

    def look(verb: str, path: str) -> None:
        if verb == "read":
            trash.sweep(folder)
            seen.append(len(list(folder.glob(f"*/*{PART}"))))

    assert isinstance(pair.two.target, MemoryProvider)
    pair.two.target.hook = look
    kept = Trash(folder, pair, BEGAN).keep(Side.TWO, entry)
    assert seen == [1]
    assert Path(kept.where).read_bytes() == b"text"
    assert not left.exists()


def test_what_has_a_third_name_is_copied_for_who_writes_there_would_write_here(
    pair: Pair, folder: Path
) -> None:
    entry = put(pair.one.target, "a.txt", b"precious")
    (Path(pair.one.label) / "b.txt").hardlink_to(Path(pair.one.label) / "a.txt")
    Trash(folder, pair, BEGAN).keep(Side.ONE, entry)
    pair.one.target.remove(entry)
    with (Path(pair.one.label) / "b.txt").open("r+b") as file:
        file.write(b"spoiled!")
    (item,) = trash.items(folder)
    assert item.place.read_bytes() == b"precious"
    assert item.modified == entry.modified
