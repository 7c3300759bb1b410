"""The whole of it: the command line, a mount, and SmugMug's protocol on real sockets."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs import control
from mirrorfs.core.paths import ROOT
from mirrorfs.emulators.smugmug import add_quirks
from mirrorfs.emulators.smugmug.truth import tell_truth
from tests.providers.smugmug.account import Account, serving
from tests.system.conftest import names


class Gallery:
    """An account and a drive on it."""

    def __init__(self, account: Account, scratch: Path) -> None:
        self.account = account
        self.scratch = scratch
        self.mountpoint = scratch / "drive"
        self.mountpoint.mkdir()

    def mount(self, remote: str = "smugmug:", **environment: str) -> Path:
        command = [sys.executable, "-m", "mirrorfs", "mount", remote, str(self.mountpoint)]
        server = self.account.server
        known = dict(pair.split("=", 1) for pair in server.environment.split())
        config = {"MIRRORFS_CONFIG": str(self.scratch / "config.toml")}
        run = subprocess.run(
            [*command, "--cache-dir", str(self.scratch / "cache")],
            env={**os.environ, **known, **config, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return self.mountpoint

    def ask(self, verb: str) -> dict[str, Any]:
        return control.ask(self.mountpoint, verb)

    def media(self) -> list[str]:
        entries = self.account.server.service.journal.entries()
        return [one["path"] for one in entries if one["path"].startswith("/photos/")]


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    scratch = Path(tempfile.mkdtemp(prefix="mfs-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(scratch))
    with serving() as account:
        made = Gallery(account, scratch)
        yield made
        unmount = ["fusermount3", "-uzq", str(made.mountpoint)]
        subprocess.run(unmount, capture_output=True, check=False)
    shutil.rmtree(scratch, ignore_errors=True)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_odd_account_is_a_drive(gallery: Gallery) -> None:
    add_quirks(gallery.account.state, "demo")
    expected = gallery.account.open().scan(ROOT).entries
    found = digests(gallery.mount())
    assert found.keys() == {path for path, entry in expected.items() if not entry.is_folder}
    for path, entry in expected.items():
        if entry.digest:
            assert found[path] == entry.digest.value


def test_a_backup_of_an_odd_account_is_what_the_service_holds(gallery: Gallery) -> None:
    state = gallery.account.state
    add_quirks(state, "demo")
    own = {
        album.album_key
        for album in state.albums("demo")
        if state.node(album.node_id).type == "System Album"
    }
    backup = gallery.scratch / "backup"
    command = ["rsync", "-a", "--checksum", f"{gallery.mount()}/", f"{backup}/"]
    subprocess.run(command, check=True, timeout=60)
    given = [one for one in tell_truth(state, "demo") if one.offer != "nothing"]
    wanted = Counter(one.md5 for one in given if one.album_key not in own)
    assert len(given) > wanted.total() > 50
    assert Counter(digests(backup).values()) == wanted


def test_what_changes_shows_after_a_refresh_and_costs_little(gallery: Gallery) -> None:
    account = gallery.account
    for number in range(30):
        account.photo(account.album("Days", account.folder(f"Folder {number}")), "a.jpg")
    album = account.album("Now")
    old = account.photo(album, "a.jpg", b"one" * 1000)
    mounted = gallery.mount()
    assert (mounted / "Now/a.jpg").read_bytes() == b"one" * 1000
    account.later()
    account.photo(album, "b.jpg", b"two" * 1000)
    account.state.replace_image(old.image_key, b"three" * 1000)
    account.state.remove_node(account.state.tree.children(account.root)[0].node_id)
    before = len(account.calls)
    gallery.ask("refresh")
    assert len(account.calls) - before <= 15
    assert names(mounted / "Now") == ["a.jpg", "b.jpg"]
    assert (mounted / "Now/a.jpg").read_bytes() == b"three" * 1000
    assert (mounted / "Now/b.jpg").read_bytes() == b"two" * 1000
    assert "Folder 0" not in names(mounted)
    before = len(account.calls)
    gallery.ask("refresh")
    assert len(account.calls) - before == 2


def test_a_picture_in_two_albums_is_fetched_once(gallery: Gallery) -> None:
    account = gallery.account
    home, guest = account.album("Home"), account.album("Guest")
    image = account.photo(home, "a.jpg", os.urandom(5000))
    account.state.collect_image(image.image_key, guest.album_key or "")
    mounted = gallery.mount()
    assert (mounted / "Home/a.jpg").read_bytes() == (mounted / "Guest/a.jpg").read_bytes()
    assert len(gallery.media()) == 1


def test_somebodys_public_account_with_a_key_alone(gallery: Gallery) -> None:
    account = gallery.account
    account.photo(account.album("Shown"), "a.jpg", b"shown")
    account.photo(account.album("Mine", privacy="Private"), "a.jpg", b"mine")
    nobody = {"SMUGMUG_TOKEN": "", "SMUGMUG_TOKEN_SECRET": ""}
    assert digests(gallery.mount("smugmug:@demo", **nobody)).keys() == {"Shown/a.jpg"}
