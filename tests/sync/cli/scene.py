"""A folder that is watched by a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.sync.cli.conftest import Shell


class Scene:
    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.root = shell.folder / "pictures"
        self.root.mkdir()
        self.log = shell.folder / "log"

    @contextmanager
    def watching(self, *args: str, status: int = 0) -> Iterator[subprocess.Popen[bytes]]:
        process = self.begin(*args)
        try:
            self.wait(lambda: self.has_begun(process))
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == status
        finally:
            process.kill()
            process.wait()

    def begin(self, *args: str) -> subprocess.Popen[bytes]:
        """Begin a watch that the caller ends."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", "from sync.cli import main; main()", "watch", *args],
                cwd=self.shell.folder,
                env=self.shell.environment,
                stderr=log,
            )

    def has_begun(self, process: subprocess.Popen[bytes]) -> bool:
        """Say whether this process has looked at everything, or tried to."""
        assert process.poll() is None, self.log.read_text()
        told = self.all_of(process.pid)
        return any(one["runs"] or one["error"] for one in told)

    def all_of(self, pid: int) -> list[dict[str, object]]:
        """Return what the watches of a process wrote of themselves."""
        files = (self.shell.folder / "home/state/mirrorsync/watch").glob("*.json")
        told = [json.loads(file.read_text()) for file in files]
        return [one["state"] for one in told if one["pid"] == pid]

    def all_states(self) -> list[dict[str, object]]:
        found = json.loads(self.shell.must("watch", "--status", "--json"))
        assert isinstance(found, list)
        return found

    def status(self) -> dict[str, object]:
        files = list((self.shell.folder / "home/state/mirrorsync/watch").glob("*.json"))
        if not files:
            return {"runs": 0, "error": ""}
        state = json.loads(files[0].read_text())["state"]
        assert isinstance(state, dict)
        return state

    def said(self, text: str) -> Callable[[], bool]:
        return lambda: text in self.log.read_text()

    def wait(self, is_so: Callable[[], object], patience: float = 60.0) -> None:
        end = time.monotonic() + patience
        while not is_so():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def far(self) -> list[str]:
        return self.shell.must("lsf", "-R", "--files-only", "cloudinary:").splitlines()


def ask(url: str, path: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_emulator/{path}", data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def uploads(url: str) -> list[int]:
    """Return the statuses of all uploads; 0 for one that was cut off."""
    asked = ask(url, "journal")
    return [one["status"] for one in asked if one["path"].endswith("/upload")]
