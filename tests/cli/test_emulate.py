"""``mirrorfs emulate``: what it prints leads to an account that stays, else it says why not."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from requests_oauthlib import OAuth1Session

from mirrorfs.cli.commands import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Shell


@contextmanager
def _emulator(shell: Shell, *options: str) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "mirrorfs", "emulate", "smugmug", *options]
    process = subprocess.Popen(
        command, cwd=shell.folder, env=shell.environment, stdout=subprocess.PIPE, text=True
    )
    with process:
        line = process.stdout.readline() if process.stdout else ""
        yield dict(pair.split("=", 1) for pair in line.split())
        process.send_signal(signal.SIGINT)
        process.wait(20)


def _albums(variables: dict[str, str]) -> int:
    session = OAuth1Session(
        variables["SMUGMUG_API_KEY"],
        variables["SMUGMUG_API_SECRET"],
        variables["SMUGMUG_TOKEN"],
        variables["SMUGMUG_TOKEN_SECRET"],
    )
    url = f"{variables['SMUGMUG_URL']}/api/v2/user/kim!albums"
    answer = session.get(url, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    total: int = answer.json()["Response"]["Pages"]["Total"]
    return total


def test_smugmug_account_stays(shell: Shell) -> None:
    options = ("--nick", "kim", "--data", "kept", "--photos", "40")
    with _emulator(shell, *options) as variables:
        assert variables["SMUGMUG_URL"].startswith("http://127.0.0.1:")
        assert _albums(variables) == 3
    with _emulator(shell, *options, "--quirks") as variables:
        assert _albums(variables) == 3


@pytest.mark.parametrize("service", ["cloudinary", "smugmug"])
def test_a_port_that_is_taken(shell: Shell, service: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = shell.run("emulate", service, "--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"mirrorfs: Port {port} cannot be had: Address already in use. "
        "Leave --port out for a free one.\n"
    )


@pytest.mark.parametrize("service", ["cloudinary", "smugmug"])
def test_a_folder_that_cannot_be(shell: Shell, service: str) -> None:
    (shell.folder / "file").touch()
    done = shell.run("emulate", service, "--data", "file/account")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mirrorfs: file/account cannot hold an account: Not a directory. "
        "Name another folder with --data.\n"
    )


def test_a_key_without_its_certificate(shell: Shell) -> None:
    (shell.folder / "key.pem").touch()
    done = shell.run("emulate", "cloudinary", "--keyfile", "key.pem")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "mirrorfs: --keyfile is the key of a certificate. Name that with --certfile.\n"
    )


def test_a_certificate_that_is_none(shell: Shell) -> None:
    (shell.folder / "none.pem").write_text("none")
    done = shell.run("emulate", "cloudinary", "--certfile", "none.pem")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("mirrorfs: none.pem and its key cannot be used: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    ["cloudinary --port 65536", "cloudinary --delay -1", "cloudinary --hourly-limit -1",
     "cloudinary --search-lag -1", "smugmug --port -1", "smugmug --delay -1",
     "smugmug --processing-time -1", "smugmug --photos -1"],
)  # fmt: skip
def test_numbers_that_make_no_sense(options: str) -> None:
    done = CliRunner().invoke(cli, ["emulate", *options.split()])
    assert done.exit_code == 2
    assert "is not in the range" in done.stderr
