"""Commands run as a user runs them, and rclone beside them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ACCOUNT = ("CLOUDINARY_", "SMUGMUG_", "CLOUD_NAME", "API_KEY", "API_SECRET", "MIRRORFS_")


@dataclass
class Shell:
    """A working folder and an environment of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def sync(self, *args: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-c", "from sync.cli import main; main()"], args, text)

    def rclone(self, *args: str | Path) -> subprocess.CompletedProcess[str]:
        return self._run(["rclone"], args, "")

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
