import ctypes
import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from mirrorfs.core import paths
from mirrorfs.core.errors import (
    AlreadyExists,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.providers.local import LocalProvider, renaming


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def local(root: Path) -> LocalProvider:
    return LocalProvider(root)


def names(local: LocalProvider) -> set[str]:
    return set(local.scan(ROOT).entries)


def on_disk(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def put(local: LocalProvider, path: str, data: bytes = b"data") -> None:
    local.write(parse(path), BytesIO(data), size=len(data), modified=5_000_000_001)


def test_case_tells_files_apart(root: Path) -> None:
    (root.parent / "ROOT").symlink_to("root")
    assert LocalProvider(root).traits.case_sensitive
    assert LocalProvider(root / "nowhere").traits.case_sensitive
    assert (root.parent / "ROOT").exists()


def test_links_and_devices_are_not_there(local: LocalProvider, root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (root / "real.txt").write_text("x")
    (root / "link.txt").symlink_to("real.txt")
    (root / "out").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    assert names(local) == {"real.txt"}
    links = {"link.txt", "out", "loop", "dangling", "pipe"}
    assert set(local.scan(ROOT).withheld) == links
    for path in ("link.txt", "out", "out/secret.txt", "loop/real.txt", "dangling", "pipe"):
        with pytest.raises(NotFound):
            local.stat(parse(path))
        with pytest.raises(MirrorError):
            put(local, path)
        with pytest.raises(MirrorError):
            put(local, f"{path}/x")
    assert [one.name for one in outside.iterdir()] == ["secret.txt"]
    assert (root / "link.txt").is_symlink()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/passwd", "a/./b", "a//b", "\0"])
def test_no_path_leads_out(local: LocalProvider, root: Path, path: str) -> None:
    with pytest.raises(Unsupported):
        local.write(RemotePath(path), BytesIO(b"x"), size=1, modified=0)
    with pytest.raises(Unsupported):
        local.stat(RemotePath(path))
    assert [one.name for one in root.parent.iterdir()] == ["root"]


def test_names_of_any_form_are_lawful_and_lead_back(local: LocalProvider, root: Path) -> None:
    raws = [b"e\xcc\x81.txt", b"\xc3\xa9.txt", b"\xff\xfe.txt", b"a\nb", b"%41", b"x" * 255]
    for number, raw in enumerate(raws):
        (root / os.fsdecode(raw)).write_bytes(b"x" * number)
    entries = local.scan(ROOT).entries
    assert len(entries) == len(raws)
    assert sorted(entry.size for entry in entries.values()) == list(range(len(raws)))
    for path, entry in entries.items():
        assert paths.parse(path) == path
        path.encode("utf-8")
        assert local.stat(path).id == entry.id
        assert len(b"".join(local.read(entry))) == entry.size
    assert entries[parse("é.txt")].size == 1


def test_an_nfd_file_is_replaced_where_it_is(local: LocalProvider, root: Path) -> None:
    (root / "e\u0301").mkdir()
    (root / "e\u0301" / "o\u0308.txt").write_text("old")
    old = local.stat(parse("é/ö.txt"))
    local.write(old.path, BytesIO(b"newer"), size=5, modified=0, replaces=old)
    put(local, "é/other.txt")
    assert on_disk(root) == ["e\u0301"]
    assert (root / "e\u0301" / "o\u0308.txt").read_text() == "newer"
    assert len(on_disk(root / "e\u0301")) == 2


def test_temporary_files_are_neither_shown_nor_left(local: LocalProvider, root: Path) -> None:
    leftover = f".mirrorfs-{'0' * 16}.part"
    (root / leftover).write_text("x")
    assert names(local) == set()
    with pytest.raises(Unsupported):
        put(local, leftover)
    (root / leftover).unlink()

    class Breaking(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError("the disk is gone")
            return super().read(3)

    with pytest.raises(MirrorError):
        local.write(parse("x"), Breaking(b"abcdef"), size=6, modified=0)
    with pytest.raises(Corrupt):
        local.write(parse("x"), BytesIO(b"abc"), size=6, modified=0)
    assert on_disk(root) == []


def test_times_are_kept_to_the_nanosecond(local: LocalProvider, root: Path) -> None:
    put(local, "x")
    assert (root / "x").stat().st_mtime_ns == 5_000_000_001
    assert local.stat(parse("x")).modified == 5_000_000_001


def test_the_revision_is_the_content(local: LocalProvider, root: Path) -> None:
    put(local, "x")
    before = local.stat(parse("x"))
    (root / "x").chmod(0o600)
    (root / "x").rename(root / "y")
    moved = local.stat(parse("y"))
    assert (moved.id, moved.revision) == (before.id, before.revision)
    (root / "y").write_bytes(b"DATA")
    assert local.stat(parse("y")).revision != before.revision


def test_what_is_told_is_of_that_very_file(local: LocalProvider, root: Path) -> None:
    put(local, "d/a")
    entry = local.stat(parse("d/a"))
    found = (root / "d/a").lstat()
    assert local.status(entry) == found
    assert local.inode(entry) == (found.st_dev, found.st_ino)
    (root / "d/b").write_bytes(b"DATA")
    os.utime(root / "d/b", ns=(entry.modified, entry.modified))
    (root / "d/b").replace(root / "d/a")
    with pytest.raises(Changed):
        local.status(entry)
    with pytest.raises(Changed), local.opened(entry):
        pass
    (root / "d").rename(root.parent / "d")
    with pytest.raises(NotFound):
        local.status(entry)
    (root / "d").symlink_to(root.parent / "d")
    with pytest.raises(NotFound, match="neither a file nor a folder"):
        local.status(entry)
    with pytest.raises(NotFound, match="neither a file nor a folder"), local.opened(entry):
        pass


def test_hard_links_are_two_files(local: LocalProvider, root: Path) -> None:
    put(local, "x")
    os.link(root / "x", root / "y")
    assert len({entry.id for entry in local.scandir(ROOT)}) == 2
    assert len({local.inode(entry) for entry in local.scandir(ROOT)}) == 1


def test_a_file_that_changes_while_it_is_read(local: LocalProvider, root: Path) -> None:
    put(local, "x", bytes(3 << 20))
    entry = local.stat(parse("x"))
    body = local.read(entry)
    next(body)
    with (root / "x").open("ab") as file:
        file.write(b"more")
    with pytest.raises(Changed):
        list(body)


def test_a_root_that_vanished_is_an_error(local: LocalProvider, root: Path) -> None:
    root.rmdir()
    for ask in (local.scan, local.scandir, local.stat):
        with pytest.raises(NotFound):
            ask(ROOT)
    with pytest.raises(NotFound):
        put(local, "a/x")
    with pytest.raises(NotFound):
        local.mkdir(parse("a"))
    local.mkdir(ROOT)
    assert names(local) == set()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up root's right to read everything while inside."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_what_may_not_be_read_is_withheld_and_no_gap() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "closed").mkdir(mode=0)
        (Path(folder) / "open").mkdir()
        local = LocalProvider(Path(folder))
        with as_nobody():
            found = local.scan(ROOT)
            assert set(found.entries) == {"open"}
            assert set(found.withheld) == {"closed"}
            with pytest.raises(Denied):
                local.scan(parse("closed"))


def test_a_root_that_is_another_folder_in_the_end_is_an_error(
    local: LocalProvider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(local, "a/x")
    to_open = os.open

    def leave(place: Path, how: int) -> int:
        if place.name == "a":
            root.rename(root.parent / "gone")
            root.mkdir()
        return to_open(place, how)

    monkeypatch.setattr(os, "open", leave)
    with pytest.raises(NotFound):
        local.scan(ROOT)


def test_what_vanishes_while_it_is_listed_is_not_there(
    local: LocalProvider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(local, "a/x")
    put(local, "b")
    to_open = os.open

    def leave(place: Path, how: int) -> int:
        if place.name == "a":
            (place / "x").unlink()
            place.rmdir()
        return to_open(place, how)

    monkeypatch.setattr(os, "open", leave)
    assert names(local) == {"b"}


def test_another_name_of_a_file_changes_nothing(local: LocalProvider, root: Path) -> None:
    put(local, "x")
    entry = local.stat(parse("x"))
    os.link(root / "x", root.parent / "kept")
    assert b"".join(local.read(entry)) == b"data"
    local.write(entry.path, BytesIO(b"newer"), size=5, modified=0, replaces=entry)
    assert (root.parent / "kept").read_bytes() == b"data"
    assert (root / "x").read_bytes() == b"newer"


def test_what_killed_writers_left_is_swept(local: LocalProvider, root: Path) -> None:
    (root / "a").mkdir()
    left = root / "a" / f".mirrorfs-{'0' * 16}.part"
    left.write_text("x")
    put(local, "a/x")
    seen = []

    class Looking(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            seen.append(local.sweep())
            return super().read(size)

    local.write(parse("a/y"), Looking(b"mine"), size=4, modified=0)
    assert seen[0] == 1
    assert sum(seen) == 1
    assert on_disk(root / "a") == ["x", "y"]


def test_what_killed_writers_left_beside_a_file_is_swept(local: LocalProvider, root: Path) -> None:
    name = f".mirrorfs-{'0' * 16}.part"
    (root / "a/b").mkdir(parents=True)
    for folder in ("", "a", "a/b"):
        (root / folder / name).write_text("x")

    assert local.sweep_beside(parse("a/new")) == 1

    assert [(root / folder / name).exists() for folder in ("", "a", "a/b")] == [True, False, True]
    assert local.sweep_beside(parse("none/new")) == 0
    assert local.sweep_beside(parse("new")) == 1
    assert on_disk(root) == ["a"]


def test_a_file_is_given_another_time(local: LocalProvider, root: Path) -> None:
    put(local, "x")
    old = local.stat(parse("x"))
    touched = local.touch(old, 7_000_000_003)
    assert touched == local.stat(parse("x"))
    assert touched.modified == 7_000_000_003
    with pytest.raises(Changed):
        local.touch(old, 8)


def test_two_writers_of_one_name(local: LocalProvider, root: Path) -> None:
    class Sneaking(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            (root / "x").write_bytes(b"the other one")
            return super().read(size)

    with pytest.raises(AlreadyExists):
        local.write(parse("x"), Sneaking(b"mine"), size=4, modified=0)
    assert (root / "x").read_bytes() == b"the other one"
    assert on_disk(root) == ["x"]


def test_a_file_system_that_cannot_rename_without_replacing(
    local: LocalProvider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1

    monkeypatch.setattr(renaming, "_LIBC", SimpleNamespace(renameat2=refuse))
    put(local, "a", b"1")
    put(local, "b", b"2")
    local.rename(local.stat(parse("a")), parse("c/a"))
    assert names(local) == {"b", "c", "c/a"}
    with pytest.raises(AlreadyExists):
        local.rename(local.stat(parse("b")), parse("c/a"))
    assert (root / "c" / "a").read_bytes() == b"1"
    old = local.stat(parse("b"))
    local.write(parse("b"), BytesIO(b"33"), size=2, modified=0, replaces=old)
    with pytest.raises(Changed):
        local.remove(old)
    local.remove(local.stat(parse("b")))
    assert on_disk(root) == ["c"]


def test_a_file_system_that_takes_any_rename_for_a_plain_one(
    local: LocalProvider, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(_one: int, source: bytes, _two: int, target: bytes, _how: int) -> int:
        Path(os.fsdecode(source)).rename(os.fsdecode(target))
        return 0

    monkeypatch.setattr(renaming, "_LIBC", SimpleNamespace(renameat2=rename))
    put(local, "a", b"1")
    old = local.stat(parse("a"))
    new = local.write(parse("a"), BytesIO(b"22"), size=2, modified=0, replaces=old)
    assert new == local.stat(parse("a"))
    with pytest.raises(Changed):
        local.remove(old)
    local.remove(local.rename(new, parse("b")))
    assert on_disk(root) == []


def test_a_time_that_no_database_holds_is_withheld(local: LocalProvider, root: Path) -> None:
    (root / "folder").mkdir()
    for name in ("late", "folder/fine"):
        (root / name).write_text(name)
    for place in (root / "late", root / "folder"):
        os.utime(place, (10**10, 10**10))
    assert (root / "late").stat().st_mtime_ns > 2**63, "the disk keeps no such time"
    found = local.scan(ROOT)
    assert set(found.entries) == {"folder", "folder/fine"}
    assert found.entries[parse("folder")].modified < 2**63
    assert set(found.withheld) == {"late"}
