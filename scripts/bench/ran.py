"""A command that is run to its end: how long it took, and the most memory that it held."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.bench import processes
from scripts.bench.figure import Failed

_PATIENCE = 1800.0


@dataclass(frozen=True, slots=True)
class Ran:
    """``peak`` is the greatest resident set, in MiB; ``told`` the end of what it wrote."""

    seconds: float
    peak: float
    status: int
    told: str


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Ran:
    """Run a command, whatever its status; what it writes goes to ``log``."""
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        patience = threading.Timer(_PATIENCE, process.kill)
        patience.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            patience.cancel()
            processes.stop(process)
    told = log.read_text(errors="replace")[-300:].strip()
    return Ran(seconds, usage.ru_maxrss / 1024, process.returncode, told)


def check(ran: Ran, command: Sequence[str]) -> Ran:
    """Return ``ran``.

    Raises:
        Failed: it ended with another status than 0.
    """
    if ran.status:
        raise Failed(f"{' '.join(command[:2])} ended with {ran.status}: {ran.told}")
    return ran
