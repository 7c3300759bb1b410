"""The quota is used up: wait with the time shown, or end with a status of its own."""

import re
import time
from pathlib import Path

import pytest
import requests

from mirrorfs.emulators.cloudinary import Server
from tests.cli.conftest import Shell


def use_up(server: Server, seconds: int, times: int | None) -> None:
    reset = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + seconds))
    body = {
        "error": {
            "message": "Rate Limit Exceeded. Limit of 500 api operations reached. "
            f"Try again on {reset} UTC"
        }
    }
    rule = {
        "match": {"path_regex": "/v1_1/"},
        "times": times,
        "action": {"status": 420, "body": body},
    }
    requests.post(f"{server.url}/_emulator/faults", json=rule, timeout=5).raise_for_status()


def test_told_not_to_wait(shell: Shell, account: Server, point: Path) -> None:
    use_up(account, 3000, None)
    run = shell.run("mount", "--no-wait", "cloudinary:", point)
    assert run.returncode == 11
    assert "Try again on" in run.stderr
    assert re.search(r"^The quota is there again at \S+ \(in 50 min\)\.$", run.stderr, re.MULTILINE)


def test_waits_with_the_time_shown(shell: Shell, account: Server, point: Path) -> None:
    use_up(account, 2, 1)
    run = shell.run("mount", "cloudinary:", point)
    assert run.returncode == 0, run.stderr
    (line,) = run.stderr.splitlines()
    assert re.fullmatch(
        rf"{point}: Waiting until \S+ \(in \d+ s\) for the quota; Ctrl-C ends\.", line
    )
    assert (point / "three.txt").read_bytes() == b"third"


def test_a_mount_serves_what_it_has(shell: Shell, account: Server, point: Path) -> None:
    shell.must("mount", "cloudinary:", point)
    use_up(account, 3000, None)
    run = shell.run("refresh", "--no-wait", point)
    assert run.returncode == 11
    assert (point / "three.txt").read_bytes() == b"third"
    assert "error" in shell.must("status", point)


@pytest.mark.parametrize("verb", ["mount", "refresh"])
def test_help_says_so(shell: Shell, verb: str) -> None:
    assert "--no-wait" in shell.must(verb, "--help")
