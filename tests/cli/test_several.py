"""Several accounts in one mount, from the command line, each with an emulator of its own."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from tests.cli.conftest import Shell, upload


@pytest.fixture
def friend(shell: Shell, account: Server) -> Iterator[Server]:
    """A second account, with the same names in it, as the remote ``friend:``."""
    with Server(Settings(cloud_name="demo", api_secret="a-very-secret-word")) as server:
        upload(server, "a/b", "one.txt", b"the friend's")
        upload(server, "a", "only here.txt", b"more")
        config = shell.folder / "config.toml"
        config.write_text(
            f'[remotes.friend]\ntype = "cloudinary"\nurl = "{server.cloudinary_url}"\n'
        )
        config.chmod(0o600)
        yield server


def _status(shell: Shell) -> list[dict[str, Any]]:
    (mounted,) = json.loads(shell.must("status", "--json"))
    found: list[dict[str, Any]] = mounted["remotes"]
    return found


def test_each_account_in_its_folder(
    shell: Shell, account: Server, friend: Server, point: Path
) -> None:
    shell.must("mount", "cloudinary:=Mine", "friend:a=Ihre Bilder", point)
    assert sorted(path.name for path in point.iterdir()) == ["Ihre Bilder", "Mine"]
    assert (point / "Mine/a/b/one.txt").read_bytes() == b"first"
    assert (point / "Ihre Bilder/b/one.txt").read_bytes() == b"the friend's"
    inodes = [path.stat().st_ino for path in point.rglob("*")]
    assert len(set(inodes)) == len(inodes) == 10
    assert point.stat().st_nlink == 4
    assert os.statvfs(point).f_files == 10
    with pytest.raises(OSError, match="Read-only"):
        (point / "new").mkdir()


def test_the_verbs_tell_of_each(shell: Shell, account: Server, friend: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:=Mine", "friend:=Friend", point)
    assert [one["name"] for one in _status(shell)] == ["Mine", "Friend"]
    assert [one["tree"]["files"] for one in _status(shell)] == [3, 2]
    shown = shell.must("status")
    assert "Mine/  cloudinary:" in shown
    assert "Friend/  friend:" in shown
    upload(friend, "a", "new.txt", b"new")
    refreshed = shell.must("refresh", point).splitlines()
    assert "cloudinary:=Mine: nothing changed" in refreshed[0]
    assert "friend:=Friend: 1 changed" in refreshed[1]
    assert (point / "Friend/a/new.txt").read_bytes() == b"new"
    assert len(shell.must("cache", "info").splitlines()) == 2
    shell.must("cache", "verify")
    shell.must("cache", "clear")
    assert all(not one["cache"]["blocks"] for one in _status(shell))
    assert shell.must("refresh", "--full").count("nothing changed") == 2


def test_the_others_are_served_when_one_dies(
    shell: Shell, account: Server, friend: Server, point: Path, tmp_path: Path
) -> None:
    shell.must("mount", "cloudinary:=Mine", "friend:=Friend", point)
    assert (point / "Friend/a/b/one.txt").read_bytes() == b"the friend's"
    friend.stop()
    copied = subprocess.run(
        ["cp", "-r", point / "Mine", tmp_path / "copy"], capture_output=True, check=False
    )
    assert copied.returncode == 0, copied.stderr
    assert (point / "Friend/a/b/one.txt").read_bytes() == b"the friend's"
    assert (point / "Friend/a/only here.txt").stat().st_size == 4
    with pytest.raises(OSError, match="Input/output"):
        (point / "Friend/a/only here.txt").read_bytes()
    upload(account, "a", "new.txt", b"new")
    refreshed = shell.run("refresh", point)
    assert refreshed.returncode == 5
    assert "cloudinary:=Mine: 1 changed" in refreshed.stdout
    assert f"mirrorfs: {point} friend:=Friend: " in refreshed.stderr
    assert "cannot be reached" in refreshed.stderr
    assert (point / "Mine/a/new.txt").read_bytes() == b"new"
    assert "error  " in shell.must("status")


def test_one_that_is_down_at_the_start_comes_later(
    shell: Shell, account: Server, friend: Server, point: Path
) -> None:
    port = int(friend.url.rpartition(":")[2])
    friend.stop()
    shell.must("mount", "cloudinary:=Mine", "friend:=Friend", point)
    assert (point / "Mine/three.txt").read_bytes() == b"third"
    assert (point / "Friend").is_dir()
    with pytest.raises(OSError, match="Input/output"):
        list((point / "Friend").iterdir())
    assert [bool(one["tree"]["error"]) for one in _status(shell)] == [False, True]
    known = Settings(cloud_name="demo", api_secret="a-very-secret-word", port=port)
    with Server(known) as again:
        upload(again, "a", "back.txt", b"back")
        shell.must("refresh", point)
        assert (point / "Friend/a/back.txt").read_bytes() == b"back"


def test_wrong_credentials_are_an_error_at_the_start(
    shell: Shell, account: Server, friend: Server, point: Path
) -> None:
    config = shell.folder / "config.toml"
    config.write_text(config.read_text().replace("a-very-secret-word", "not-the-word"))
    run = shell.run("mount", "cloudinary:=Mine", "friend:=Friend", point)
    assert run.returncode == 7, run.stderr
    assert shell.must("status").strip() == "Nothing is mounted."


def test_two_folders_of_one_account_share_its_cache(
    shell: Shell, account: Server, point: Path
) -> None:
    shell.must("mount", "cloudinary:a=A", "cloudinary:a/b=B", point)
    assert (point / "A/b/one.txt").read_bytes() == (point / "B/one.txt").read_bytes() == b"first"
    assert (point / "A/b/one.txt").stat().st_ino != (point / "B/one.txt").stat().st_ino
    assert len(shell.must("cache", "info").splitlines()) == 1


@pytest.mark.parametrize(
    ("remotes", "cause"),
    [
        (["cloudinary:", "friend:=F"], "no folder to be shown as"),
        (["cloudinary:=Same", "friend:=same"], "Two remotes"),
        (["cloudinary:=A", "cloudinary:=B"], "given twice"),
        (["cloudinary:=a/b", "friend:=F"], "cannot name a folder"),
        (["cloudinary:=..", "friend:=F"], "cannot name a folder"),
        (["cloudinary:=", "friend:=F"], "without a name"),
    ],
)
def test_names_that_make_no_sense(
    shell: Shell, account: Server, friend: Server, point: Path, remotes: list[str], cause: str
) -> None:
    run = shell.run("mount", *remotes, point)
    assert run.returncode == 2, run.stderr
    assert cause in run.stderr
