"""Watches and schedules whose network, quota or machine fails them half way."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mirrorfs.cli.output import moment
from mirrorfs.emulators.cloudinary import Server, Settings
from sync.timetable import Timetable
from tests.sync.cli.cable import Cable, Fate
from tests.sync.cli.conftest import Shell
from tests.sync.cli.scene import Scene, ask, uploads

SIZE = 4 << 20
LISTS = "/(folders|resources)/"


class Account:
    """An emulator that is a process of its own, and keeps what it holds when it is killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._data = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (sys.executable, "-m", "mirrorfs", "emulate", "cloudinary")
        where = ("--port", str(self.port), "--data", str(self._data))
        self._process = subprocess.Popen(
            [*command, *where, "--api-secret", "a-very-secret-word"],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        assert self._process.stdout.readline().startswith(b"CLOUDINARY_URL=")

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.communicate()


def address(port: int) -> str:
    return f"cloudinary://key:a-very-secret-word@demo?upload_prefix=http://127.0.0.1:{port}"


def refuse(url: str, reset: float, after: int = 0) -> None:
    """Have the service say of its lists that the quota is used up until ``reset``."""
    action = {"rate_limit": {"reset": reset}}
    rule = {"match": {"path_regex": LISTS}, "action": action, "times": None, "after": after}
    ask(url, "faults", "POST", rule)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    account = Account(tmp_path / "account")
    account.start()
    yield account
    account.kill()


@pytest.fixture
def cable(account: Account, shell: Shell) -> Iterator[Cable]:
    with Cable(account.port) as cable:
        shell.environment["CLOUDINARY_URL"] = address(cable.port)
        yield cable


@pytest.fixture
def scene(shell: Shell) -> Scene:
    return Scene(shell)


@pytest.mark.parametrize(
    ("fate", "received"),
    [
        (lambda sent, answers: sent > SIZE // 2, 1),
        (lambda sent, answers: sent > SIZE and answers, 2),  # the second one is what is there
    ],
    ids=["half way", "before the answer"],
)
def test_a_connection_that_is_cut_in_an_upload(
    scene: Scene, account: Account, cable: Cable, fate: Fate, received: int
) -> None:
    body = os.urandom(SIZE)
    with scene.watching("pictures", "cloudinary:"):
        cut = cable.cut_once(fate)
        (scene.root / "large.bin").write_bytes(body)
        scene.wait(scene.said("→ new       large.bin"))
        assert cut.is_set()
        scene.wait(lambda: scene.status()["queue"] == 0)
    assert uploads(account.url).count(200) == received
    assert scene.far() == ["large.bin"]
    scene.shell.must("copy", "cloudinary:", "back")
    assert (scene.shell.folder / "back/large.bin").read_bytes() == body


def test_a_service_that_is_gone_in_an_upload_and_back(
    scene: Scene, account: Account, cable: Cable
) -> None:
    body = os.urandom(SIZE)
    (scene.root / "before.bin").write_bytes(b"before")
    with scene.watching("pictures", "cloudinary:"):

        def dies(sent: int, answers: bool) -> bool:
            if sent > SIZE // 2:
                account.kill()
                return True
            return False

        gone = cable.cut_once(dies)
        (scene.root / "large.bin").write_bytes(body)
        assert gone.wait(20)
        account.start()
        scene.wait(scene.said("→ new       large.bin"))
    assert uploads(account.url) == [200]
    assert sorted(scene.far()) == ["before.bin", "large.bin"]
    scene.shell.must("copy", "cloudinary:", "back")
    assert (scene.shell.folder / "back/large.bin").read_bytes() == body


def test_a_quota_that_is_used_up_in_a_burst_is_waited_for(
    scene: Scene, account: Account, cable: Cable
) -> None:
    names = {f"{folder}/{number}.txt" for folder in "abc" for number in range(20)}
    with scene.watching("pictures", "cloudinary:"):
        reset = float(math.ceil(time.time()) + 6)
        refuse(account.url, reset, after=3)
        for name in sorted(names):
            (scene.root / name).parent.mkdir(exist_ok=True)
            (scene.root / name).write_text(name)
        scene.wait(lambda: scene.status()["retry_at"])
        retry_at = is_soon_after(reset, scene.status()["retry_at"])
        shown = scene.shell.must("watch", "--status")
        assert f"  retry  {moment(retry_at)}\n" in shown
        assert "  error  " in shown
        asked = len(ask(account.url, "journal"))
        time.sleep(max(0.0, reset - 0.5 - time.time()))
        assert len(ask(account.url, "journal")) == asked
        ask(account.url, "faults", "DELETE")
        scene.wait(lambda: scene.status()["left"] == scene.status()["queue"] == 0)
        scene.wait(lambda: not scene.status()["error"])
    assert uploads(account.url) == [200] * len(names)
    assert set(scene.far()) == names


def test_a_real_limit_is_shown_with_its_reset_and_nothing_more_is_asked(scene: Scene) -> None:
    settings = Settings(cloud_name="demo", api_secret="a-very-secret-word", hourly_limit=30)
    with Server(settings) as server:
        scene.shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        with scene.watching("pictures", "cloudinary:", "--transfers", "1"):
            for number in range(40):
                (scene.root / f"{number}").mkdir()
                (scene.root / f"{number}" / "a.txt").write_text(f"{number}")
            scene.wait(lambda: scene.status()["retry_at"])
            asked = ask(server.url, "journal")
            assert all(one["status"] == 200 for one in asked)  # it knows, and asks not in vain
            retry_at = scene.status()["retry_at"]
            is_soon_after(time.time() // 3600 * 3600 + 3600, retry_at)
            (told,) = scene.all_states()
            assert told["state"]["calls_left"] == 0
            shown = scene.shell.must("watch", "--status")
            assert "  quota  0 calls left\n" in shown
            assert "All 30 calls of this period are used up." in shown
            (scene.root / "late.txt").write_text("late")
            scene.wait(lambda: scene.status()["queue"])
            assert ask(server.url, "journal") == asked


def test_a_schedule_that_used_the_quota_up_goes_on_at_its_reset_after_a_reboot(
    shell: Shell, account: Account
) -> None:
    shell.environment["CLOUDINARY_URL"] = address(account.port)
    names = {f"{number}.txt" for number in range(30)}
    shell.fill("pictures", {name: name for name in names})
    shell.must("schedule", "add", "hourly", "0 * * * *", "--", "copy", "pictures", "cloudinary:x")
    make_due(shell)
    reset = float(math.ceil(time.time()) + 6)
    refuse(account.url, reset, after=1)
    with keeping(shell) as process:
        until(lambda: listed(shell)["status"] == 11)
        resume_at = is_soon_after(reset, listed(shell)["resume_at"])
        assert listed(shell)["next_run"] == resume_at
        assert f"next   {moment(resume_at)}, going on" in shell.must("schedule", "list")
        process.kill()
        process.wait()
    with keeping(shell):
        asked = len(ask(account.url, "journal"))
        time.sleep(max(0.0, reset - 0.5 - time.time()))
        assert len(ask(account.url, "journal")) == asked
        ask(account.url, "faults", "DELETE")
        until(lambda: listed(shell)["status"] == 0)
    assert float(listed(shell)["started"]) >= reset
    assert float(listed(shell)["next_run"]) > reset
    assert uploads(account.url) == [200] * len(names)
    assert set(shell.must("lsf", "cloudinary:x").splitlines()) == names


def test_a_schedule_that_was_killed_in_its_run_is_taken_up_when_it_is_kept_again(
    shell: Shell, account: Account
) -> None:
    shell.environment["CLOUDINARY_URL"] = address(account.port)
    names = {f"{number}.txt" for number in range(8)}
    shell.fill("pictures", {name: name for name in names})
    shell.must("schedule", "add", "hourly", "0 * * * *", "--", "copy", "pictures", "cloudinary:x")
    make_due(shell)
    rule = {"match": {"path_regex": "/upload$"}, "action": {"delay_seconds": 60}, "after": 4}
    ask(account.url, "faults", "POST", {**rule, "times": None})
    with keeping(shell) as process:
        until(lambda: uploads(account.url).count(200) >= 4)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert listed(shell)["resume_at"]
    ask(account.url, "faults", "DELETE")
    with keeping(shell):
        until(lambda: listed(shell)["status"] == 0)
    assert uploads(account.url).count(200) == len(names)
    assert set(shell.must("lsf", "cloudinary:x").splitlines()) == names


def is_soon_after(reset: float, told: object) -> float:
    """Check a time made from the service's, whose clock tells whole seconds, and rounded up."""
    assert isinstance(told, float)
    assert reset <= told <= reset + 2
    return told


def make_due(shell: Shell) -> None:
    """Have the schedule be due now, as after a machine slept."""
    timetable = Timetable(shell.folder / "home/state/mirrorsync/schedules.sqlite")
    (added,) = timetable.all()
    timetable.remove(added.name)
    timetable.add(type(added)(added.name, added.cron, added.args, added.folder, 1e9))
    timetable.close()


@contextmanager
def keeping(shell: Shell) -> Iterator[subprocess.Popen[bytes]]:
    """Have a process of its own run the schedules meanwhile, and all that it begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sync", "schedule", "run"],
        cwd=Path(__file__).parents[3],
        env=shell.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    finally:
        process.kill()
        process.wait()


def listed(shell: Shell) -> dict[str, Any]:
    (found,) = json.loads(shell.done("schedule", "list", "--json"))
    assert isinstance(found, dict)
    return found


def until(is_so: Callable[[], object], patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)
