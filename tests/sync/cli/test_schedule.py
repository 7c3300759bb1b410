import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.sync.cli.conftest import Shell


def listed(shell: Shell) -> list[dict[str, object]]:
    found = json.loads(shell.must("schedule", "list", "--json"))
    assert isinstance(found, list)
    return found


def test_a_schedule_fires_at_its_instants(shell: Shell) -> None:
    shell.environment["TZ"] = "UTC"
    (shell.folder / "a.jpg").write_bytes(b"12345")
    said = shell.must("schedule", "add", "nightly", "0 3 * * *", "--", "lsf", "--format", "ps", ".")
    assert "runs next at" in said
    (one,) = listed(shell)
    assert one["args"] == ["lsf", "--format", "ps", "."]
    shell.must("schedule", "run", "--once", "--now", "2030-01-01T02:59:59")
    (one,) = listed(shell)
    assert one["started"] == 1893466799.0  # made up for all that was missed until then
    shell.must("schedule", "run", "--once", "--now", "2030-01-01T02:59:59")
    shell.must("schedule", "run", "--once", "--now", "2030-01-01T03:00:00")
    (one,) = listed(shell)
    assert one["started"] == 1893466800.0
    assert one["next_run"] == 1893466800.0 + 86400
    text = shell.must("schedule", "list")
    assert "nightly  0 3 * * *  lsf --format ps ." in text
    assert "status 0" in text
    shell.must("schedule", "remove", "nightly")
    assert listed(shell) == []


def test_mistakes_are_said_at_once(shell: Shell) -> None:
    for wrong in (
        ("bad/name", "@daily", "ls", "."),
        ("name", "every day", "ls", "."),
        ("name", "@daily", "fly", "."),
    ):
        assert shell.sync("schedule", "add", *wrong).returncode == 2
    assert shell.sync("schedule", "run", "--now", "2030-01-01T03:00").returncode == 2
    wrong = shell.sync("schedule", "run", "--once", "--now", "soon")
    assert wrong.returncode == 2
    assert wrong.stderr.endswith("'soon' is no time. Write it as 2026-11-21T03:00.\n")
    assert shell.sync("schedule", "remove", "none").returncode == 3


def test_one_process_runs_them_and_ends_on_a_signal(shell: Shell) -> None:
    program = [sys.executable, "-m", "sync", "schedule", "run"]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        program,
        cwd=root,
        env={**shell.environment, "NOTIFY_SOCKET": ""},
        stderr=subprocess.PIPE,
        text=True,
    )
    lock = shell.folder / "home/state/mirrorsync/schedules.lock"
    try:
        until = time.monotonic() + 20
        while not (lock.exists() and lock.read_text()):
            assert time.monotonic() < until
            time.sleep(0.02)
        said = shell.sync("schedule", "run", "--once")
        assert said.returncode == 7
        assert f"The schedules are being run by process {process.pid}" in said.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
    assert shell.sync("schedule", "run", "--once").returncode == 0
