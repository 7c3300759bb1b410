"""``mirrorfs emulate smugmug``: what it prints leads to an account that stays."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from requests_oauthlib import OAuth1Session

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
