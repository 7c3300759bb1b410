"""A mount from the command line, against the emulator, from start to end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server
from tests.cli.conftest import Shell, upload


def test_background_mount(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    assert (point / "a/b/one.txt").read_bytes() == b"first"
    assert sorted(path.name for path in point.iterdir()) == ["a", "three.txt"]
    shell.must("unmount", point)
    assert not list(point.iterdir())


def test_only_a_folder(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:a", point)
    assert (point / "b/one.txt").read_bytes() == b"first"
    shell.must("unmount", point)


def test_folder_that_is_not_there(shell: Shell, account: Server, point: Path) -> None:
    run = shell.run("mount", "cloudinary:nope", point)
    assert run.returncode == 3, run.stderr
    assert "nope" in run.stderr


def test_globs(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point, "--exclude", "b/", "--exclude", "three*")
    assert [path.name for path in point.rglob("*")] == ["a", "two.txt"]


def test_status(shell: Shell, account: Server, point: Path) -> None:
    assert shell.must("status").strip() == "Nothing is mounted."
    shell.must("mount", "cloudinary:", point)
    (mounted,) = json.loads(shell.must("status", "--json"))
    (status,) = mounted["remotes"]
    assert status["tree"]["files"] == 3
    assert 0 < status["usage"]["calls"] <= 5
    assert status["usage"]["remaining"] < status["usage"]["limit"]
    assert "3 files, 2 folders" in shell.must("status", point)


def test_refresh_shows_what_is_new(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    assert not (point / "a/new.txt").exists()
    upload(account, "a", "new.txt", b"new")
    assert "1 changed" in shell.must("refresh", point)
    assert (point / "a/new.txt").read_bytes() == b"new"


def test_refresh_of_everything(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    upload(account, "a", "new.txt", b"new")
    assert "1 changed" in shell.must("refresh", "--full", point)
    assert (point / "a/new.txt").read_bytes() == b"new"
    assert "nothing changed" in shell.must("refresh", "--full", point)


def test_cache_commands_while_mounted_and_after(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    (point / "three.txt").read_bytes()
    assert ", 1 file\n" in shell.must("cache", "info")
    assert " 1 block whole" in shell.must("cache", "verify")
    shell.must("unmount", point)
    assert ", 1 file\n" in shell.must("cache", "info")
    shell.must("cache", "clear")
    assert " 0 files" in shell.must("cache", "info")


def test_damage_found_by_verify_is_status_1(
    shell: Shell, account: Server, point: Path, tmp_path: Path
) -> None:
    shell.must("mount", "cloudinary:", point)
    (point / "three.txt").read_bytes()
    shell.must("unmount", point)
    (block,) = (tmp_path / "cache").rglob("*.block")
    block.write_bytes(block.read_bytes()[:-1] + b"X")
    run = shell.run("cache", "verify")
    assert run.returncode == 1
    assert "1 damaged and dropped" in run.stdout


@pytest.mark.parametrize("mask", ["77777", "40000", "1000", "-22", "999", "rwx", ""])
def test_a_mask_that_is_none(shell: Shell, point: Path, mask: str) -> None:
    run = shell.run("mount", "cloudinary:", point, "--umask", mask)
    assert run.returncode == 2
    said = f"Invalid value for '--umask': {mask!r} is not a mask; write 022, an octal number"
    assert said in run.stderr


@pytest.mark.parametrize("option", ["--uid", "--gid"])
@pytest.mark.parametrize("number", [-1, 2**32 - 1, 10**11])
def test_an_owner_who_cannot_be(shell: Shell, point: Path, option: str, number: int) -> None:
    run = shell.run("mount", "cloudinary:", point, option, str(number))
    assert run.returncode == 2
    assert f"Invalid value for '{option}': {number} is not in the range" in run.stderr


def test_the_last_owner_there_is(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point, "--uid", str(2**32 - 2), "--gid", "0")
    assert (point / "three.txt").stat().st_uid == 2**32 - 2
    assert (point / "three.txt").stat().st_gid == 0


@pytest.mark.parametrize("way", [[], ["-f"]])
@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("nope/x.log", "cannot be written: No such file or directory."),
        ("three.txt/x.log", "cannot be written: Not a directory."),
        ("mount/x.log", "is inside the mountpoint, which hides it."),
        ("mount/../mount/deep/x.log", "is inside the mountpoint, which hides it."),
    ],
)
def test_a_log_file_that_cannot_be(
    shell: Shell, account: Server, point: Path, log: str, why: str, way: list[str]
) -> None:
    (shell.folder / "three.txt").touch()
    run = shell.run("mount", "cloudinary:", point, "--log-file", log, *way)
    assert run.returncode == 2
    named = os.path.normpath(shell.folder / log)
    assert run.stderr == (
        f"mirrorfs: The log file {named} {why} Name another one with --log-file.\n"
    )
    assert not list(point.iterdir())


def test_second_mount_of_one_account(
    shell: Shell, account: Server, point: Path, tmp_path: Path
) -> None:
    shell.must("mount", "cloudinary:", point)
    other = tmp_path / "other"
    other.mkdir()
    run = shell.run("mount", "cloudinary:", other)
    assert run.returncode == 13
    assert "--cache-dir" in run.stderr
    shell.must("mount", "cloudinary:", other, "--cache-dir", tmp_path / "second")
    assert (other / "three.txt").read_bytes() == b"third"
    shell.must("unmount", other)


def test_offline_after_a_look(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    (point / "three.txt").read_bytes()
    shell.must("unmount", point)
    account.stop()
    shell.must("mount", "cloudinary:", point, "--offline")
    assert (point / "three.txt").read_bytes() == b"third"
    assert (point / "a/two.txt").stat().st_size == 6
    with pytest.raises(OSError, match="Input/output error"):
        (point / "a/two.txt").read_bytes()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_foreground_ends_cleanly(
    shell: Shell, account: Server, point: Path, sent: signal.Signals
) -> None:
    command = [sys.executable, "-m", "mirrorfs", "mount", "-f", "cloudinary:", point]
    with subprocess.Popen(command, env=shell.environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while not os.path.ismount(point) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (point / "three.txt").read_bytes() == b"third"
        process.send_signal(sent)
        assert process.wait(20) == 0
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()
    assert not os.path.ismount(point)


def test_named_remote(shell: Shell, account: Server, point: Path) -> None:
    del shell.environment["CLOUDINARY_URL"]
    shell.must(
        "config", "set", "family", "--cloud-name=demo", "--api-key=key",
        "--api-secret=a-very-secret-word", f"--upload-prefix={account.url}",
    )  # fmt: skip
    shell.must("mount", "family:", point)
    assert (point / "three.txt").read_bytes() == b"third"


def test_doctor(shell: Shell, account: Server) -> None:
    said = shell.must("doctor", "cloudinary:")
    assert "✓ cloudinary: demo answers, 1 folder and 1 file at its top; " in said
    assert "libfuse" in said
    assert "a-very-secret-word" not in said


def test_doctor_with_a_wrong_secret(shell: Shell, account: Server) -> None:
    shell.environment["CLOUDINARY_URL"] = account.cloudinary_url.replace("very", "fairly")
    run = shell.run("doctor", "cloudinary:")
    assert run.returncode == 1
    assert "✗ cloudinary: " in run.stdout


def test_doctor_without_an_account_names_the_remote_once(shell: Shell) -> None:
    run = shell.run("doctor", "cloudinary:")
    assert run.returncode == 1
    assert "✗ cloudinary: CLOUDINARY_CLOUD_NAME is not set" in run.stdout


def test_prometheus_may_ask_a_mount(shell: Shell, account: Server, point: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shell.must("mount", "--metrics", str(port), "cloudinary:", point)
    assert (point / "a/two.txt").read_bytes() == b"second"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        told = answer.read().decode()
    assert 'mirrorfs_tree_files{remote="cloudinary:",name=""} 3' in told
    assert 'mirrorfs_tree_bytes{remote="cloudinary:",name=""} 16' in told
    assert "mirrorfs_api_calls_total{" in told
    assert "mirrorfs_cache_limit_bytes{" in told
    assert "secret" not in told
    shell.must("unmount", point)
