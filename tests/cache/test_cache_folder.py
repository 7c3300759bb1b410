import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mirrorfs.cache.folder import CacheFolder
from mirrorfs.core.errors import CacheBusy, Misuse, MountFailed
from tests.cache.conftest import Disk

OWNER = """
import sys
from pathlib import Path
from mirrorfs.cache.folder import CacheFolder

with CacheFolder(Path(sys.argv[1])):
    print("owned", flush=True)
    sys.stdin.read()
"""


def owner(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "owned\n"
    return process


def test_it_is_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "above" / "cache"
    path.mkdir(parents=True, mode=0o755)
    with CacheFolder(path) as folder:
        assert path.stat().st_mode & 0o777 == 0o700
        assert folder.blocks_path.stat().st_mode & 0o777 == 0o700
        assert folder.blocks_path == path / "blocks"
        assert folder.listings_path("cloudinary-demo") == path / "listings/cloudinary-demo.sqlite"
        assert (path / "lock").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["", "../a", "a/b", "a\0", "x" * 250])
def test_a_remote_key_must_be_a_name(tmp_path: Path, key: str) -> None:
    with CacheFolder(tmp_path) as folder, pytest.raises(Misuse):
        folder.listings_path(key)


def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    first = owner(tmp_path)
    with (
        pytest.raises(CacheBusy, match=rf"process {first.pid}\. .*--cache-dir"),
        CacheFolder(tmp_path),
    ):
        pass
    first.communicate("")
    with (
        CacheFolder(tmp_path),
        pytest.raises(CacheBusy, match=str(os.getpid())),
        CacheFolder(tmp_path),
    ):
        pass


def test_a_killed_owner_is_no_obstacle(tmp_path: Path) -> None:
    first = owner(tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert (tmp_path / "lock").read_text() == f"{first.pid}\n"
    with CacheFolder(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    first.communicate()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(Misuse, match=r"Not a directory.*--cache-dir"),
        CacheFolder(tmp_path / "file" / "cache"),
    ):
        pass


def test_a_disk_that_is_full_by_now_is_no_misuse(disk: Disk) -> None:
    path = disk("size=1m") / "cache"
    with CacheFolder(path):
        pass
    with (path / "listings" / "fill").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    with (
        pytest.raises(MountFailed, match=r"takes nothing: No space left on device\. Make room"),
        CacheFolder(path),
    ):
        pass
    (path / "listings" / "fill").unlink()
    with CacheFolder(path):
        assert (path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_disk_that_is_read_only_is_no_misuse(disk: Disk) -> None:
    with (
        pytest.raises(MountFailed, match="takes nothing: Read-only file system"),
        CacheFolder(disk("ro") / "cache"),
    ):
        pass
