"""The whole of it: the command line, a mount, and Cloudinary's protocol on real sockets."""

import base64
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs import control
from mirrorfs.core.errors import MirrorError
from mirrorfs.emulators.cloudinary import Server, Settings
from tests.system.conftest import names

FOREVER = None


class Cloud:
    """An account, a drive on it, and the doors of the emulator."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.mountpoint = scratch / "drive"
        self.mountpoint.mkdir()
        self.server = Server(Settings(data=scratch / "account")).start()
        port = int(self.server.url.rpartition(":")[2])
        self.settings = dataclasses.replace(self.server.settings, port=port)

    def seed(self, files: dict[str, bytes], **more: Any) -> None:
        items = [
            {
                "path": path,
                "public_id": path,
                "base64": base64.b64encode(body).decode(),
                "uploaded_at": int(time.time()),
                **more,
            }
            for path, body in files.items()
        ]
        self._post("seed", items)

    def fault(self, path: str, times: int | None, after: int = 0, **action: Any) -> None:
        rule = {"match": {"path_regex": path}, "times": times, "after": after, "action": action}
        self._post("faults", rule)

    def heal(self) -> None:
        url = f"{self.server.url}/_emulator/faults"
        urllib.request.urlopen(urllib.request.Request(url, method="DELETE")).close()

    def restart(self) -> None:
        self.server = Server(self.settings).start()

    def mount(self, *options: str) -> Path:
        cache = str(self.scratch / "cache")
        command = [sys.executable, "-m", "mirrorfs", "mount", "cloudinary:", str(self.mountpoint)]
        environment = {
            **os.environ,
            "CLOUDINARY_URL": self.server.cloudinary_url,
            "MIRRORFS_CONFIG": str(self.scratch / "config.toml"),
        }
        run = subprocess.run(
            [*command, "--cache-dir", cache, *options],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return self.mountpoint

    def ask(self, verb: str) -> dict[str, Any]:
        return control.ask(self.mountpoint, verb)

    def _post(self, door: str, body: object) -> None:
        url = f"{self.server.url}/_emulator/{door}"
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        urllib.request.urlopen(request).close()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    scratch = Path(tempfile.mkdtemp(prefix="mfs-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(scratch))
    made = Cloud(scratch)
    yield made
    subprocess.run(["fusermount3", "-uzq", str(made.mountpoint)], capture_output=True, check=False)
    made.server.stop()
    shutil.rmtree(scratch, ignore_errors=True)


def test_a_whole_account_costs_a_handful_of_calls(cloud: Cloud, tmp_path: Path) -> None:
    files = {f"album {n % 40}/{n:04}.txt": os.urandom(2000 + n) for n in range(1200)}
    cloud.seed(files)
    mounted = cloud.mount()
    subprocess.run(["cp", "-r", mounted, tmp_path / "copy"], check=True, timeout=60)
    copied = {
        path.relative_to(tmp_path / "copy").as_posix(): path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file()
    }
    assert copied == files
    assert cloud.ask("status")["remotes"][0]["usage"]["calls"] <= 8


def test_the_service_is_killed_and_comes_back(cloud: Cloud) -> None:
    bodies = {f"a/{n}.txt": os.urandom(3 << 20) for n in range(3)}
    cloud.seed(bodies)
    mounted = cloud.mount()
    assert (mounted / "a/0.txt").read_bytes() == bodies["a/0.txt"]
    cloud.server.stop()
    assert (mounted / "a/0.txt").read_bytes() == bodies["a/0.txt"]
    with pytest.raises(OSError, match="Input/output"):
        (mounted / "a/1.txt").read_bytes()
    with pytest.raises(MirrorError):
        cloud.ask("refresh")
    assert names(mounted / "a") == ["0.txt", "1.txt", "2.txt"]
    cloud.restart()
    assert (mounted / "a/1.txt").read_bytes() == bodies["a/1.txt"]
    assert (mounted / "a/2.txt").read_bytes() == bodies["a/2.txt"]


@pytest.mark.parametrize(
    "action", [{"corrupt_bytes": 3}, {"truncate_body_to": 1000}, {"drop_connection": True}]
)
@pytest.mark.parametrize("size", [300_000, 9 << 20])
def test_damage_on_the_way_never_arrives(cloud: Cloud, action: dict[str, Any], size: int) -> None:
    body = os.urandom(size)
    cloud.seed({"f.bin": body})
    mounted = cloud.mount()
    cloud.fault("/raw/upload/", 1, **action)
    try:
        read = (mounted / "f.bin").read_bytes()
    except OSError:
        read = (mounted / "f.bin").read_bytes()
    assert read == body


def test_a_listing_that_fails_on_its_second_page_leaves_the_old_tree(cloud: Cloud) -> None:
    cloud.seed({f"a/{n:04}.txt": b"%d" % n for n in range(1100)})
    mounted = cloud.mount()
    assert len(names(mounted / "a")) == 1100
    cloud.seed({f"b/{n:04}.txt": b"%d" % n for n in range(600)})
    cloud.fault("/v1_1/", FOREVER, after=2, status=500)
    with pytest.raises(MirrorError):
        cloud.ask("refresh")
    assert names(mounted) == ["a"]
    assert len(names(mounted / "a")) == 1100
    assert cloud.ask("status")["remotes"][0]["tree"]["error"]
    cloud.heal()
    cloud.ask("refresh")
    assert len(names(mounted / "b")) == 600


def test_another_content_of_the_same_size_shows(cloud: Cloud) -> None:
    cloud.seed({"a/f.txt": b"1" * 5000, "a/g.txt": b"g"})
    mounted = cloud.mount()
    assert (mounted / "a/f.txt").read_bytes() == b"1" * 5000
    time.sleep(1.1)
    cloud.seed({"a/f.txt": b"2" * 5000})
    assert cloud.ask("refresh")["changed"] >= 1
    assert (mounted / "a/f.txt").read_bytes() == b"2" * 5000


def test_a_used_up_quota_is_waited_for(cloud: Cloud) -> None:
    cloud.seed({"a/f.txt": b"f"})
    mounted = cloud.mount()
    reset = int(time.time()) + 1800
    cloud.fault("/v1_1/", FOREVER, rate_limit={"reset": reset, "limit": 500})
    for _ in range(3):
        with pytest.raises(MirrorError):
            cloud.ask("refresh")
    assert cloud.ask("status")["remotes"][0]["tree"]["retry_at"] >= reset - 1
    assert (mounted / "a/f.txt").read_bytes() == b"f"
