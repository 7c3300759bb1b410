"""Commands run as a user runs them: in a process, with a home and settings of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cloudinary.uploader
import pytest

from mirrorfs.emulators.cloudinary import Server, Settings

ACCOUNT = ("CLOUDINARY_", "SMUGMUG_", "CLOUD_NAME", "API_KEY", "API_SECRET")


@dataclass
class Shell:
    """A working folder and an environment to run ``mirrorfs`` in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *args: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mirrorfs", *map(str, args)],
            cwd=self.folder,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def must(self, *args: str | Path) -> str:
        run = self.run(*args)
        assert run.returncode == 0, run.stderr
        return run.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ACCOUNT)}
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment |= {
        "HOME": str(tmp_path),
        "MIRRORFS_CONFIG": str(tmp_path / "config.toml"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "XDG_RUNTIME_DIR": str(runtime),
    }
    return Shell(tmp_path, environment)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Settings(cloud_name="demo", api_secret="a-very-secret-word")) as server:
        yield server


def upload(server: Server, folder: str, name: str, body: bytes) -> None:
    cloudinary.uploader.upload(
        io.BytesIO(body),
        resource_type="raw",
        asset_folder=folder,
        display_name=name,
        cloud_name="demo",
        api_key="key",
        api_secret="a-very-secret-word",
        upload_prefix=server.url,
    )


@pytest.fixture
def account(shell: Shell, server: Server) -> Server:
    shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
    upload(server, "a/b", "one.txt", b"first")
    upload(server, "a", "two.txt", b"second")
    upload(server, "", "three.txt", b"third")
    return server


@pytest.fixture
def point(shell: Shell, tmp_path: Path) -> Iterator[Path]:
    point = tmp_path / "mount"
    point.mkdir()
    yield point
    subprocess.run(["fusermount3", "-uz", point], capture_output=True, check=False)
