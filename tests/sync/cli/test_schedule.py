import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from sync.timetable import Timetable
from tests.sync.cli.conftest import Shell

DAY = 86400


def listed(shell: Shell) -> list[dict[str, object]]:
    found = json.loads(shell.must("schedule", "list", "--json"))
    assert isinstance(found, list)
    return found


def test_a_schedule_that_is_due_is_run_once(shell: Shell) -> None:
    shell.environment["TZ"] = "UTC"
    (shell.folder / "a.jpg").write_bytes(b"12345")
    said = shell.must("schedule", "add", "nightly", "0 3 * * *", "--", "lsf", "--format", "ps", ".")
    assert "runs next at" in said
    (one,) = listed(shell)
    assert one["args"] == ["lsf", "--format", "ps", "."]
    shell.must("schedule", "run", "--once")
    assert listed(shell) == [one]  # not due
    timetable = Timetable(shell.folder / "home/state/mirrorsync/schedules.sqlite")
    (added,) = timetable.all()
    timetable.update(added, replace(added, considered=added.considered - 3 * DAY))
    timetable.close()
    before = time.time()
    shell.must("schedule", "run", "--once")
    (one,) = listed(shell)
    started = one["started"]
    assert isinstance(started, float)
    assert before <= started <= time.time()
    assert one["next_run"] == (started - 3 * 3600) // DAY * DAY + DAY + 3 * 3600
    shell.must("schedule", "run", "--once")
    assert listed(shell) == [one]  # what was missed is made up once
    text = shell.must("schedule", "list")
    assert "nightly  0 3 * * *  lsf --format ps ." in text
    assert "status 0" in text
    shell.must("schedule", "remove", "nightly")
    assert listed(shell) == []


def test_a_time_to_come_is_shown_and_nothing_is_run_or_used_up(shell: Shell) -> None:
    shell.environment["TZ"] = "UTC"
    shell.must("schedule", "add", "nightly", "0 3 1 1 *", "--", "mkdir", "made")
    shell.must("schedule", "add", "later", "0 4 1 1 *", "--", "mkdir", "made")
    before = listed(shell)
    year = time.gmtime().tm_year + 1
    said = shell.must("schedule", "run", "--once", "--now", f"{year}-01-01T02:59:59")
    assert said == "Nothing would be run.\n"
    said = shell.must("schedule", "run", "--once", "--now", f"{year}-01-01T03:00:00")
    (line,) = said.splitlines()
    assert line.startswith(f"nightly  due {year}-01-01 03:00")
    assert line.endswith("  mkdir made")
    assert listed(shell) == before
    assert not (shell.folder / "made").exists()


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
