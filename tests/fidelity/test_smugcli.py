"""smugcli lists, makes, uploads, synchronizes and removes."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import md5
from typing import TYPE_CHECKING

import pytest
import requests
from PIL import Image

from mirrorfs.emulators.smugmug import Shape, fill_account
from mirrorfs.emulators.smugmug.truth import tell_truth

from .smugmug import NICK, Bench, bench, sign_in_smugcli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Bench]:
    sign_in_smugcli(tmp_path)
    with bench(tmp_path) as found:
        yield found


def _picture(color: str, format_: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (120, 80), color).save(target, format_)
    return target.getvalue()


def _film(moment: datetime) -> bytes:
    """Make a film that says when it was taken, in seconds since 1904."""
    seconds = int((moment - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds())
    header = struct.pack(">6I", 0, seconds, seconds, 1000, 5000, 0x10000) + bytes(72)
    header += struct.pack(">I", 2) + bytes(4)
    boxes = _box(b"moov", _box(b"mvhd", header[:100])) + _box(b"mdat", bytes(3000))
    return _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + boxes


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def _names(table: Bench, album: str) -> list[str]:
    return sorted(table.run("smugcli", "ls", album).splitlines())


def _browser(table: Bench) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"https": table.environment["HTTPS_PROXY"]}
    session.verify = table.environment["SSL_CERT_FILE"]
    return session


def test_signs_in(table: Bench) -> None:
    (table.home / ".smugcli").unlink()
    client = subprocess.Popen(
        [sys.executable, "-u", "-m", "smugcli", "login", "--key=key", "--secret=secret"],
        env={**table.variables, "BROWSER": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with client, _browser(table) as browser:
        address = next(line.split()[1] for line in client.stdout or () if line.startswith("Visit"))
        page = _until_listening(browser, address)
        assert page.url.endswith("&Access=Full&Permissions=Modify")
        token = page.url.partition("oauth_token=")[2].partition("&")[0]
        consent = {"consent": "yes", "oauth_token": token, "Access": "Full"}
        done = browser.post(page.url, {**consent, "Permissions": "Modify"})
        assert "Login successful" in done.text
        assert client.wait(20) == 0
    fill_account(table.server.state, NICK, Shape(folders=1, albums=0, photos=0))
    assert table.run("smugcli", "ls") == "Folder 000\n"


def _until_listening(browser: requests.Session, address: str) -> requests.Response:
    for _ in range(50):
        with suppress(requests.ConnectionError):
            return browser.get(address)
        time.sleep(0.02)
    raise AssertionError(address)


def test_lists(table: Bench) -> None:
    fill_account(table.server.state, NICK, Shape(folders=12, albums=13, photos=26))
    listed = table.run("smugcli", "ls").splitlines()
    assert sorted(listed) == ["Album 0000", *(f"Folder {number:03}" for number in range(12))]
    assert _names(table, "Folder 003/Album 0004") == ["IMG_00004.jpg", "IMG_00017.jpg"]
    told = json.loads(table.run("smugcli", "ls", "-l", "Album 0000"))
    sums = {one.md5 for one in tell_truth(table.server.state, NICK)}
    assert {one["ArchivedMD5"] for one in told} < sums
    assert len(told) == 2


def test_lists_pages(tmp_path: Path) -> None:
    sign_in_smugcli(tmp_path)
    with bench(tmp_path, largest_count=20) as table:
        fill_account(table.server.state, NICK, Shape(folders=0, albums=1, photos=50))
        names = table.run("smugcli", "ls", "Album 0000").splitlines()
    assert names == [f"IMG_{number:05}.jpg" for number in range(50)]


def test_makes_uploads_and_removes(table: Bench) -> None:
    _write(table.home, {"red.jpg": _picture("red"), "sky.png": _picture("blue", "PNG")})
    table.run("smugcli", "mkdir", "-p", "events/2020")
    table.run("smugcli", "mkalbum", "-p", "events/2020/the trip")
    table.run("smugcli", "upload", "red.jpg", "sky.png", "events/2020/the trip")
    assert _names(table, "events/2020/the trip") == ["red.jpg", "sky.png"]
    state = table.server.state
    sums = {one.file_name: one.md5 for one in tell_truth(state, NICK)}
    files = ("red.jpg", "sky.png")
    assert sums == {name: md5((table.home / name).read_bytes()).hexdigest() for name in files}
    assert state.albums(NICK)[0].sort_method == "Date Taken"
    table.run("smugcli", "rm", "-f", "events/2020/the trip/red.jpg")
    assert _names(table, "events/2020/the trip") == ["sky.png"]
    assert "is not empty" in table.run("smugcli", "rmdir", "events/2020/the trip")
    table.run("smugcli", "rm", "-f", "-r", "events/2020/the trip")
    table.run("smugcli", "rmdir", "-p", "events/2020")
    assert table.run("smugcli", "ls") == ""
    assert table.statuses() == {200, 201}


FILES = {
    "trip/one.jpg": _picture("red"),
    "trip/two.gif": _picture("green", "GIF"),
    "trip/day 2/three.png": _picture("blue", "PNG"),
    "home/clip.mov": _film(datetime(2020, 5, 17, 12, 30, tzinfo=UTC)),
    "home/camera.heic": struct.pack(">I", 24) + b"ftypheic" + bytes(12) + b"mif1heic",
}


def test_syncs_once(table: Bench) -> None:
    _write(table.home / "photos", FILES)
    table.run("smugcli", "sync", "-f", "photos/", "/")
    state = table.server.state
    found = {one.file_name: (one.offer, one.md5) for one in tell_truth(state, NICK)}
    for name in ("trip/one.jpg", "trip/two.gif", "trip/day 2/three.png"):
        assert found.pop(name.rpartition("/")[2]) == ("original", md5(FILES[name]).hexdigest())
    assert found.keys() == {"clip.mov", "camera.JPG"}
    assert found["clip.mov"][0] == "film"
    assert table.paths("POST").count("/upload/") == 5
    table.run("smugcli", "sync", "-f", "photos/", "/")
    assert table.paths("POST").count("/upload/") == 5


@pytest.mark.parametrize("options", [[], ["--in_place"]], ids=["anew", "in place"])
def test_syncs_changes(table: Bench, options: list[str]) -> None:
    _write(table.home / "photos", FILES)
    table.run("smugcli", "sync", "-f", "photos/", "/")
    state = table.server.state
    (before,) = (one for one in tell_truth(state, NICK) if one.file_name == "one.jpg")
    changed = _picture("yellow")
    _write(table.home / "photos", {"trip/one.jpg": changed})
    table.run("smugcli", "sync", "-f", *options, "photos/", "/")
    (after,) = (one for one in tell_truth(state, NICK) if one.file_name == "one.jpg")
    assert after.md5 == md5(changed).hexdigest()
    assert (after.image_key == before.image_key) == bool(options)
    assert state.image(after.image_key).serial == len(options)
    assert Counter(one.file_name for one in tell_truth(state, NICK)).total() == len(FILES)
