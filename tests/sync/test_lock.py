import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mirrorfs.core.clock import SystemClock
from sync.errors import PairBusy, StateFailed
from sync.lock import locked

HOLDING = """
import sys
from pathlib import Path
from mirrorfs.core.clock import SystemClock
from sync.lock import locked
with locked(Path(sys.argv[1]), SystemClock()):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLDING, str(path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_holder_is_named_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state" / "pair.lock"
    with hold(path) as holder:
        with pytest.raises(PairBusy, match=f"process {holder.pid} on"), locked(path, SystemClock()):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with locked(path, SystemClock()):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert path.read_text() == ""


def test_another_machine_is_believed_for_a_while(tmp_path: Path) -> None:
    path, clock = tmp_path / "pair.lock", SystemClock()
    left = json.dumps({"pid": 7, "host": "elsewhere", "since": clock.now() - 600})
    path.write_text(left)
    for longest in (0.0, 3600.0):
        with pytest.raises(PairBusy, match="process 7 on elsewhere"), locked(path, clock, longest):
            pass
        assert path.read_text() == left
    with locked(path, clock, longest=60.0):
        assert "elsewhere" not in path.read_text()


def test_a_disk_that_takes_nothing_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "pair.lock").symlink_to("/dev/full")
    with (
        pytest.raises(StateFailed, match="cannot be written"),
        locked(tmp_path / "pair.lock", SystemClock()),
    ):
        pass
