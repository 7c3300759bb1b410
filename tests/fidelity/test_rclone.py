"""rclone's Cloudinary backend works with the emulator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.emulators.cloudinary.picture import sample_picture
from mirrorfs.emulators.connect import front

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REMOTE = ":cloudinary,cloud_name=demo,api_key=key,api_secret=secret:"
FILES = {
    "a b.txt": b"hello",
    "pic.png": sample_picture(),
    "sub/R&D 100%.txt": b"x" * 1000,
    "sub/deep/bin.dat": bytes(range(256)) * 2000,
}


@dataclass(frozen=True)
class Rclone:
    program: str
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, "--config", os.devnull, "--retries", "1", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def rclone() -> Iterator[Rclone]:
    beside = Path(sys.executable).parent / "rclone"
    program = str(beside) if beside.exists() else shutil.which("rclone")
    if program is None:
        pytest.skip("rclone is not installed")
    with Server(Settings(hourly_limit=2000)) as server, front(server) as environment:
        yield Rclone(program, environment)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    for name, body in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_empty_account(rclone: Rclone) -> None:
    assert rclone.run("lsf", "-R", REMOTE) == ""


def test_copy_there_and_back(rclone: Rclone, source: Path, tmp_path: Path) -> None:
    rclone.run("copy", str(source), REMOTE + "up")
    listed = rclone.run("lsf", "-R", "--files-only", REMOTE + "up").splitlines()
    assert sorted(listed) == sorted(FILES)
    assert rclone.run("cat", REMOTE + "up/a b.txt") == "hello"
    assert rclone.run("cat", "--offset", "1", "--count", "3", REMOTE + "up/a b.txt") == "ell"
    rclone.run("copy", REMOTE + "up", str(tmp_path / "down"))
    assert _contents(tmp_path / "down") == FILES
    rclone.run("check", "--download", str(source), REMOTE + "up")


def test_sync_and_remove(rclone: Rclone, source: Path) -> None:
    rclone.run("sync", str(source), REMOTE + "up")
    (source / "a b.txt").write_bytes(b"longer than before")
    shutil.rmtree(source / "sub" / "deep")
    (source / "new.txt").write_bytes(b"new")
    rclone.run("sync", str(source), REMOTE + "up")
    listed = rclone.run("lsf", "-R", "--files-only", REMOTE + "up").splitlines()
    assert sorted(listed) == ["a b.txt", "new.txt", "pic.png", "sub/R&D 100%.txt"]
    assert rclone.run("cat", REMOTE + "up/a b.txt") == "longer than before"
    rclone.run("mkdir", REMOTE + "empty")
    rclone.run("rmdir", REMOTE + "empty")
    assert rclone.run("lsf", REMOTE).splitlines() == ["up/"]
    rclone.run("purge", REMOTE + "up")
    assert rclone.run("lsf", "-R", REMOTE) == ""
