"""Commands run as a user runs them, and rclone beside them."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from mirrorfs.emulators import cloudinary, smugmug
from sync.cli import main

SMUGMUG = smugmug.Settings(
    nick="cmac", key="app-key-71", secret="app-secret-zq81", token="the-token-9c2",
    token_secret="token-secret-5d",
)  # fmt: skip
ACCOUNT = ("CLOUDINARY_", "SMUGMUG_", "CLOUD_NAME", "API_KEY", "API_SECRET", "MIRRORFS_")

ONE = {"a.txt": "a", "d/b.txt": "b", "same.txt": "same"}
TWO = {"c.txt": "c", "same.txt": "same"}


@dataclass(frozen=True)
class Done:
    """What a command that ran in this process left."""

    status: int
    out: str
    err: str


@dataclass
class Shell:
    """A working folder and an environment of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def sync(self, *args: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-c", "from sync.cli import main; main()"], args, text)

    def rclone(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        return self._run([str(Path(sys.executable).with_name("rclone"))], args, "")

    def here(self, *args: str | Path, text: str = "") -> Done:
        """Run a command in this process: quicker, and the same otherwise."""
        streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape") for _ in range(2)]
        given = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8")
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(sys, "argv", ["mirrorsync", *map(str, args)]),
            mock.patch.object(sys, "stdin", given),
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        for stream in streams:
            stream.flush()
        out, err = (stream.buffer.getvalue().decode() for stream in streams)
        return Done(int(ended.value.code or 0), out, err)

    def done(self, *args: str | Path, status: int = 0) -> str:
        """Run a command in this process that ends with ``status``; return its output."""
        ended = self.here(*args)
        assert ended.status == status, ended
        return ended.out

    def fill(self, folder: str, files: dict[str, str]) -> Path:
        """Write files of text below a folder, which is made too."""
        place = self.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(body)
        return place

    def held(self, folder: str) -> dict[str, str]:
        """Return the files below a folder, by path, as text."""
        place = self.folder / folder
        files = (one for one in place.rglob("*") if one.is_file())
        return {one.relative_to(place).as_posix(): one.read_text() for one in files}

    def must(self, *args: str | Path, status: int = 0) -> str:
        done = self.sync(*args)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout

    def _run(
        self, program: list[str], args: tuple[str | Path, ...], text: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, *map(str, args)],
            cwd=self.folder,
            env=self.environment,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=60,
            check=False,
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ACCOUNT)}
    return Shell(
        tmp_path,
        environment
        | {
            "HOME": str(tmp_path / "home"),
            "MIRRORFS_CONFIG": str(tmp_path / "config.toml"),
            "RCLONE_CONFIG": os.devnull,
            "XDG_CACHE_HOME": str(tmp_path / "home/cache"),
            "XDG_STATE_HOME": str(tmp_path / "home/state"),
        },
    )


@pytest.fixture
def pair(shell: Shell) -> Shell:
    """Two folders, filled with ``ONE`` and ``TWO``, that were brought in line."""
    shell.fill("one", ONE)
    shell.fill("two", TWO)
    shell.done("bisync", "one", "two")
    return shell


@pytest.fixture(params=["cloudinary", "smugmug"])
def cloud(request: pytest.FixtureRequest, shell: Shell) -> Iterator[str]:
    """An empty account in the environment, as the remote that is named after its service."""
    if request.param == "cloudinary":
        with cloudinary.Server(
            cloudinary.Settings(cloud_name="demo", api_secret="a-very-secret-word")
        ) as server:
            shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
            yield "cloudinary:"
    else:
        with smugmug.Server(SMUGMUG) as server:
            pairs = (pair.split("=", 1) for pair in server.environment.split())
            shell.environment.update(pairs)
            yield "smugmug:"


def draw(place: Path, colour: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), colour).save(place, quality=90)


def pictures(folder: Path) -> dict[str, bytes]:
    """Return what a folder of this machine holds, by path."""
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }
