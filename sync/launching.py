"""Begins ``mirrorsync`` in a process of its own, with its words in a file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sync.errors import StateFailed
from sync.timetable import Schedule

NO_WAIT = "MIRRORSYNC_NO_WAIT"
"""The variable by which a command ends when the quota is used up, instead of waiting."""

_PROGRAM = (sys.executable, "-m", "sync")
_LOG_BYTES = 1 << 20
_END_BYTES = 4096


class Launcher:
    """Begins runs; what each writes is appended to a file of ``logs``, named as its schedule."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs

    def __call__(self, schedule: Schedule) -> Process:
        """Begin a run.

        Raises:
            StateFailed: its folder or log cannot be opened.
        """
        path = self._logs / f"{schedule.name}.log"
        try:
            self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size > _LOG_BYTES:
                path.replace(path.with_suffix(".log.1"))
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                return Process(schedule, path, opened)
            finally:
                os.close(opened)
        except OSError as error:
            raise StateFailed(f"{schedule.name} cannot be begun: {error}.") from error


class Process:
    """A run that is under way (:class:`sync.schedule.Child`)."""

    def __init__(self, schedule: Schedule, log: Path, opened: int) -> None:
        self._log = log
        self._from = os.fstat(opened).st_size
        self._process = subprocess.Popen(
            [*_PROGRAM, *schedule.args],
            cwd=schedule.folder,
            env={**os.environ, NO_WAIT: "1"},
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=opened,
        )

    def status(self) -> int | None:
        """Return the exit status, or ``None``."""
        return self._process.poll()

    def said(self) -> str:
        """Return the end of what it wrote."""
        with self._log.open("rb") as file:
            file.seek(max(self._from, self._log.stat().st_size - _END_BYTES))
            return file.read().decode("utf-8", "replace")

    def end(self, patience: float) -> None:
        """End it, in the end by force."""
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
