"""Commands run as a user runs them: in a process, with a home and settings of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings

ACCOUNT = ("CLOUDINARY_URL", "CLOUDINARY_CLOUD_NAME", "CLOUD_NAME", "API_KEY", "API_SECRET")


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
    environment = {k: v for k, v in os.environ.items() if k not in ACCOUNT}
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
