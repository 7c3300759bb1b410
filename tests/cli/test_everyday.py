"""What people do with the drive: copy, back up, archive, look at pictures, check a repository."""

import datetime
import filecmp
import io
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from mirrorfs.core import paths
from mirrorfs.core.provider import Target
from mirrorfs.demo import pictures
from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.remotes import open_remote
from mirrorfs.settings import Remote
from tests.cli.conftest import Shell


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a local folder with pictures, documents, and a git repository with history."""
    folder = tmp_path_factory.mktemp("album")
    for n in range(12):
        shot = pictures.Shot(datetime.datetime(2024, 6, 1, 8, n), 46.5, 8.0)
        place = folder / f"Pictures/Day {n // 5 + 1}/IMG_{n:04}.JPG"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pictures.photograph(n, shot))
    (folder / "notes, ünïcödé.txt").write_text("pack the tripod\n")
    repository = folder / "code"
    run("git", "init", "-q", repository)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for n in range(5):
        (repository / f"part {n}.txt").write_text(f"{n}\n" * 300)
        run("git", "add", ".", cwd=repository)
        run("git", *author, "commit", "-qm", f"part {n}", cwd=repository)
    return folder


def store(album: Path, target: Target) -> None:
    for file in sorted(album.rglob("*")):
        path = paths.parse(file.relative_to(album).as_posix())
        if file.is_dir():
            target.mkdir(path)
        elif file.stat().st_size:
            status = file.stat()
            with file.open("rb") as body:
                target.write(path, body, size=status.st_size, modified=status.st_mtime_ns)


@pytest.fixture(params=["dynamic", "fixed"], scope="module")
def account(request: pytest.FixtureRequest, album: Path) -> Iterator[Server]:
    settings = Settings(cloud_name="demo", folder_mode=request.param, hourly_limit=5000)
    with Server(settings) as server:
        remote = Remote("test", "cloudinary", "here", {"url": server.cloudinary_url}, {})
        target = open_remote(remote)
        store(album, target)
        target.close()
        yield server


@pytest.fixture
def drive(shell: Shell, account: Server, tmp_path: Path) -> Iterator[Path]:
    shell.environment["CLOUDINARY_URL"] = account.cloudinary_url
    point = tmp_path / "drive"
    point.mkdir()
    shell.must("mount", "cloudinary:", point)
    yield point
    subprocess.run(["fusermount3", "-uz", point], capture_output=True, check=False)


def same(left: Path, right: Path) -> None:
    """Both hold the same folders and the same bytes; what the account cannot hold is empty."""
    compared = filecmp.dircmp(left, right, ignore=[], hide=[])
    assert all((left / name).stat().st_size == 0 for name in compared.left_only)
    assert not compared.right_only
    _, differ, odd = filecmp.cmpfiles(left, right, compared.common_files, shallow=False)
    assert not differ
    assert not odd
    for name in compared.common_dirs:
        same(left / name, right / name)


def test_cp(album: Path, drive: Path, tmp_path: Path) -> None:
    run("cp", "-r", drive, tmp_path / "copy")
    same(album, tmp_path / "copy")


def test_rsync(album: Path, drive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    run("rsync", "-a", "--checksum", f"{drive}/", f"{copy}/")
    same(album, copy)
    picture = "Pictures/Day 1/IMG_0003.JPG"
    assert (copy / picture).stat().st_mtime_ns == (album / picture).stat().st_mtime_ns
    changes = run("rsync", "-a", "--checksum", "--itemize-changes", f"{drive}/", f"{copy}/")
    assert not changes


def test_tar(album: Path, drive: Path, tmp_path: Path) -> None:
    packed = tmp_path / "all.tar"
    run("tar", "-cf", packed, "-C", drive, ".")
    (tmp_path / "unpacked").mkdir()
    run("tar", "-xf", packed, "-C", tmp_path / "unpacked")
    same(album, tmp_path / "unpacked")


def test_git(drive: Path) -> None:
    trusted = ("git", "-c", "safe.directory=*")
    run(*trusted, "fsck", "--full", "--strict", cwd=drive / "code")
    assert run(*trusted, "log", "--oneline", cwd=drive / "code").count("\n") == 5
    assert not run(*trusted, "status", "--porcelain", cwd=drive / "code")


def test_a_picture(album: Path, drive: Path) -> None:
    place = "Pictures/Day 2/IMG_0007.JPG"
    with Image.open(drive / place) as seen, Image.open(album / place) as stored:
        assert seen.getexif().get_ifd(0x8769)[0x9003] == "2024:06:01 08:07:00"
        assert seen.tobytes() == stored.tobytes()


def test_eight_readers(album: Path, drive: Path) -> None:
    files = [path for path in sorted(album.rglob("*.JPG")) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        bodies = pool.map(lambda file: (drive / file.relative_to(album)).read_bytes(), files)
        assert all(body == file.read_bytes() for body, file in zip(bodies, files, strict=True))


def test_the_head_of_a_picture_is_enough(drive: Path) -> None:
    with (drive / "Pictures/Day 1/IMG_0000.JPG").open("rb") as file:
        assert Image.open(io.BytesIO(file.read(4096))).size == pictures.SIZE
