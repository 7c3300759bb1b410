"""A command at a terminal of its own, as a person has one: typed to, and read from."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_PATIENCE = 20.0


class Terminal:
    """Runs ``mirrorfs`` with ``args``; ``shown`` is all that was on the screen.

    ``module`` is another program to run.
    """

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *args: str, module: str = "mirrorfs"
    ) -> None:
        self.shown = ""
        self._read_to = 0
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            command = [sys.executable, "-m", module, *args]
            os.execve(sys.executable, command, dict(environment))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._end)

    def expect(self, pattern: str) -> re.Match[str]:
        """Return the next place on the screen that matches."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            match = re.compile(pattern).search(self.shown, self._read_to)
            if match:
                self._read_to = match.end()
                return match
            assert self._read(deadline), f"{pattern!r} does not come after:\n{self.shown}"

    def type(self, line: str) -> None:
        os.write(self._end, line.encode() + b"\n")

    def press(self, keys: bytes) -> None:
        os.write(self._end, keys)

    def ends(self) -> int:
        """Wait for the end; return the exit status."""
        deadline = time.monotonic() + _PATIENCE
        while self._read(deadline):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, deadline: float) -> bool:
        """Read on; false at the end, or when it takes too long."""
        if not select.select([self._end], [], [], max(deadline - time.monotonic(), 0))[0]:
            return False
        try:
            data = os.read(self._end, 4096)
        except OSError:
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
