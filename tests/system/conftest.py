import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs import control
from mirrorfs.mount import unmount
from tests.system.service import FolderService

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    """Return what the kernel lists, in its order."""
    return [path.name for path in folder.iterdir()]


class Drive:
    """A mountpoint, a cache and a service; whatever happens it is unmounted in the end."""

    def __init__(self, scratch: Path, library: str) -> None:
        self.library = library
        self.scratch = scratch
        self.cache = scratch / "cache"
        self.mountpoint = scratch / "drive"
        self.mountpoint.mkdir()
        (scratch / "service").mkdir()
        self.service = FolderService(scratch / "service")

    def command(self, **options: Any) -> list[str]:
        chosen = {
            "mountpoint": str(self.mountpoint),
            "cache_dir": str(self.cache),
            "library": self.library,
            "refresh": 3600,
            **options,
        }
        where = str(self.service.root)
        return [sys.executable, "-m", "tests.system.drive", where, json.dumps(chosen)]

    def try_mount(self, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(**options),
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=30,
        )

    def mount(self, **options: Any) -> Path:
        run = self.try_mount(**options)
        assert run.returncode == 0, run.stderr
        return self.mountpoint

    def unmount(self) -> None:
        unmount(self.mountpoint)

    def ask(self, verb: str, about: str = "") -> dict[str, Any]:
        return control.ask(self.mountpoint, verb, about)

    def pid(self) -> int:
        pid = self.ask("hello")["pid"]
        assert isinstance(pid, int)
        return pid

    def log(self) -> str:
        return (self.cache / "mirrorfs.log").read_text()

    def put(self, path: str, body: bytes, modified: int = 1_600_000_000) -> bytes:
        where = self.service.root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(body)
        os.utime(where, (modified, modified))
        return body


@pytest.fixture(params=["mfusepy"])
def drive(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    scratch = Path(tempfile.mkdtemp(prefix="mfs-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(scratch))
    made = Drive(scratch, request.param)
    yield made
    for _ in range(3):
        done = ["fusermount3", "-u", "-z", "-q", str(made.mountpoint)]
        if subprocess.run(done, capture_output=True, check=False).returncode:
            break
    shutil.rmtree(scratch, ignore_errors=True)


both = pytest.mark.parametrize("drive", ["mfusepy", "fusepy"], indirect=True)
"""Runs a test with each FUSE library."""
