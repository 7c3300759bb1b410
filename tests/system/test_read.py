"""Programs that people use, on a real mount."""

import filecmp
import io
import os
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from tests.system.conftest import Drive, both, names
from tests.system.listing import Listing, numbers


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def _same(left: Path, right: Path) -> None:
    compared = filecmp.dircmp(left, right)
    assert not compared.left_only
    assert not compared.right_only
    _, different, errors = filecmp.cmpfiles(left, right, compared.common_files, shallow=False)
    assert not different
    assert not errors
    for name in compared.common_dirs:
        _same(left / name, right / name)


@pytest.fixture
def album(drive: Drive) -> Drive:
    for n in range(40):
        drive.put(f"Photos/2023/IMG_{n:04}.jpg", os.urandom(100_000 + n))
    drive.put("Photos/Ürlaub/日本 & more.png", os.urandom(3_000))
    drive.put("Photos/empty.txt", b"")
    drive.put("film.mp4", os.urandom(20 << 20))
    (drive.service.root / "nothing").mkdir()
    return drive


@both
def test_cp(album: Drive, tmp_path: Path) -> None:
    _run("cp", "-r", album.mount(), tmp_path / "copy")
    _same(tmp_path / "copy", album.service.root)
    assert len(album.service.calls("scan")) == 1


@both
def test_rsync(album: Drive, tmp_path: Path) -> None:
    mounted = album.mount()
    _run("rsync", "-a", f"{mounted}/", tmp_path / "copy")
    _same(tmp_path / "copy", album.service.root)
    again = _run("rsync", "-a", "--checksum", "--itemize-changes", f"{mounted}/", tmp_path / "copy")
    assert "f" not in again
    assert (tmp_path / "copy/film.mp4").stat().st_mtime == 1_600_000_000


def test_tar(album: Drive) -> None:
    packed = subprocess.run(
        ["tar", "cf", "-", "-C", album.mount(), "Photos"], capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        file = archive.extractfile("Photos/2023/IMG_0007.jpg")
        assert file
        assert file.read() == (album.service.root / "Photos/2023/IMG_0007.jpg").read_bytes()


def test_a_git_repository(drive: Drive, tmp_path: Path) -> None:
    original = tmp_path / "original"
    _run("git", "init", "-q", original)
    for n in range(30):
        (original / f"{n}.txt").write_text(f"{n}\n" * 500)
    _run("git", "add", ".", cwd=original)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    _run("git", *author, "commit", "-q", "-m", "all", cwd=original)
    _run("cp", "-rT", original, drive.service.root)
    mounted = drive.mount()
    _run("git", "-c", "safe.directory=*", "fsck", "--full", "--no-dangling", cwd=mounted)
    assert not _run("git", "-c", "safe.directory=*", "status", "--porcelain", cwd=mounted)


@both
def test_a_picture(drive: Drive) -> None:
    body = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 30, 30)).save(body, "JPEG")
    drive.put("red.jpg", body.getvalue())
    with Image.open(drive.mount() / "red.jpg") as picture:
        assert picture.size == (640, 480)
        picture.load()


@both
def test_eight_readers_at_once(album: Drive) -> None:
    album.service.set(delay=0.05)
    film = album.mount() / "film.mp4"
    with ThreadPoolExecutor(8) as pool:
        bodies = set(pool.map(lambda _: film.read_bytes(), range(8)))
    assert bodies == {(album.service.root / "film.mp4").read_bytes()}
    ranges = album.service.calls("read film.mp4")
    assert len(ranges) == len(set(ranges))


def test_the_head_of_a_film(album: Drive) -> None:
    with (album.mount() / "film.mp4").open("rb") as film:
        film.read(4096)
    assert album.service.calls("read") == [f"read film.mp4 0 {1 << 20}"]


@both
def test_what_is_said_of_a_file(album: Drive) -> None:
    file = album.mount() / "Photos/2023/IMG_0003.jpg"
    status = file.stat()
    assert (status.st_size, status.st_mtime, status.st_mode) == (100_003, 1_600_000_000, 0o100644)
    assert status.st_ino == next(e.inode() for e in os.scandir(file.parent) if e.name == file.name)
    assert os.getxattr(file, "user.mirrorfs.public_id") == b"Photos/2023/IMG_0003.jpg"
    assert {"user.mirrorfs.md5", "user.mirrorfs.url"} <= set(os.listxattr(file))
    with pytest.raises(OSError, match="No data"):
        os.getxattr(file, "user.other")
    assert os.statvfs(album.mountpoint).f_blocks * 4096 > 20 << 20
    assert sorted(names(album.mountpoint)) == ["Photos", "film.mp4", "nothing"]
    with pytest.raises(FileNotFoundError):
        (album.mountpoint / "nope/nope").stat()
    with pytest.raises(FileNotFoundError):
        (album.mountpoint / "\udcff\udcfe").stat()


def test_names_are_listed_in_one_order_and_cp_reads_ahead(drive: Drive, tmp_path: Path) -> None:
    for n in range(120):
        drive.put(f"a/{n:03}.jpg", os.urandom(5000))
    drive.service.set(delay=0.02)
    assert names(drive.mount() / "a") == [f"{n:03}.jpg" for n in range(120)]
    _run("cp", "-r", drive.mountpoint / "a", tmp_path)
    _same(tmp_path / "a", drive.service.root / "a")
    assert len(drive.service.calls("read")) == 120


@both
def test_a_folder_is_listed_with_itself_and_the_one_above(album: Drive) -> None:
    mounted = album.mount()
    told = {
        folder: numbers(mounted / folder) for folder in (".", "Photos", "Photos/2023", "nothing")
    }
    assert set(told["."]) == {".", "..", "Photos", "film.mp4", "nothing"}
    assert set(told["nothing"]) == {".", ".."}
    assert told["."]["."] == told["."][".."] == told["Photos"][".."] == told["nothing"][".."]
    assert told["Photos"]["."] == told["."]["Photos"] == told["Photos/2023"][".."]
    assert told["Photos/2023"]["."] == told["Photos"]["2023"]
    assert told["Photos"]["."] == (mounted / "Photos").stat().st_ino
    assert told["."]["."] == mounted.stat().st_ino
    assert _run("ls", "-aU", mounted / "nothing").split() == [".", ".."]


@both
def test_a_large_folder_is_listed_once_from_wherever_one_begins(drive: Drive) -> None:
    expected = [".", "..", *(f"a name of some length {n:05}" for n in range(2_000))]
    for name in expected[2:]:
        drive.put(f"many/{name}", b"")
    with Listing(drive.mount() / "many") as listing:
        found = list(listing)
        assert [seen.name for seen in found] == expected
        for place in (0, 1, 2, 777, 1_999):
            listing.seek(found[place].beyond)
            assert list(listing) == found[place + 1 :]
        listing.rewind()
        assert list(listing) == found
    assert _run("find", drive.mountpoint, "-type", "f").count("\n") == 2_000


def test_globs_and_ownership(album: Drive) -> None:
    mounted = (
        album.mount(include=["*.png", "*_000?.jpg"], uid=1234, gid=4321, umask=0o077) / "Photos"
    )
    assert sorted(names(mounted)) == ["2023", "Ürlaub"]
    assert len(names(mounted / "2023")) == 10
    status = (mounted / "2023").stat()
    assert (status.st_uid, status.st_gid, status.st_mode) == (1234, 4321, 0o40700)
