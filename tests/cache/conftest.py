import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.limits import Limits

Opener = Callable[..., BlockStore]
Disk = Callable[[str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blocks"


@pytest.fixture
def opened(folder: Path) -> Iterator[Opener]:
    """Opens the store in ``folder``; called again it closes the one before (a restart)."""
    with ExitStack() as stack:

        def opener(max_bytes: int = 1 << 30, min_free_bytes: int = 0) -> BlockStore:
            stack.close()
            store = BlockStore(folder, Limits(max_bytes, min_free_bytes))
            stack.callback(store.close)
            return store

        yield opener


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mounts a small disk of its own, with the options given."""
    with ExitStack() as stack:

        def mounted(options: str) -> Path:
            point = tmp_path / "disk"
            point.mkdir()
            mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", point]
            if subprocess.run(mount, check=False, capture_output=True).returncode:
                pytest.skip("mounting a disk needs root")
            stack.callback(subprocess.run, ["umount", "-l", point], check=True)
            return point

        yield mounted
