"""Two sides for tests: folders of this machine, trees in memory, and doors to their insides."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.core.provider import Target
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.engine import run_bisync, run_oneway
from sync.execute import Effort
from sync.model import Report, Result
from sync.oneway import Rules
from sync.options import Options, Run
from sync.pace import Halt
from sync.plan import Wishes
from sync.state import State
from sync.watching import Silent


def local(root: Path) -> End:
    root.mkdir(parents=True, exist_ok=True)
    return End(LocalProvider(root), str(root), f"local:{root}")


def memory(name: str, provider: MemoryProvider | None = None) -> End:
    return End(provider or MemoryProvider(), f"{name}:", f"memory-{name}:")


def put(target: Target, path: str, data: bytes, replaces: Entry | None = None) -> Entry:
    body = BytesIO(data)
    return target.write(
        parse(path), body, size=len(data), modified=1_600_000_000_000_000_000, replaces=replaces
    )


def edit(target: Target, path: str, data: bytes) -> Entry:
    return put(target, path, data, target.stat(parse(path)))


def content(target: Target, path: str) -> bytes:
    return b"".join(target.read(target.stat(parse(path))))


def tree(target: Target) -> dict[str, bytes]:
    """Return path → bytes of all files; folders that hold nothing are ``path/`` → empty."""
    found = target.scan(ROOT).entries
    files = {
        str(path): b"".join(target.read(one)) for path, one in found.items() if not one.is_folder
    }
    folders = {
        f"{path}/": b""
        for path, one in found.items()
        if one.is_folder and not any(other.startswith(f"{path}/") for other in found)
    }
    return files | folders


def left_over(root: Path) -> list[Path]:
    """Return temporary files, however they are called."""
    return [one for one in root.rglob("*") if "part" in one.suffix]


class Noting(Silent):
    """Remembers what was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.waits: list[tuple[str, float]] = []
        self.bytes = 0

    def sent(self, action: object, size: int) -> None:
        self.bytes += size

    def noted(self, text: str) -> None:
        self.notes.append(text)

    def waiting(self, reason: str, until: float) -> None:
        self.waits.append((reason, until))


def state_of(tmp_path: Path) -> State:
    return State(tmp_path / "state")


def bisync(one: End, two: End, state: State, **changes: Any) -> Report:
    """Do one run as a command does; ``changes`` are options, ``told`` who watches, ``clock``."""
    wishes = changes.pop("wishes", None) or Wishes()
    with running(state, changes) as (options, run):
        return run_bisync(Pair(one, two), options, run, wishes)


def oneway(one: End, two: End, state: State, rules: Rules, **changes: Any) -> Report:
    """Do one run of copy, sync or move; see :func:`bisync`."""
    with running(state, changes) as (options, run):
        return run_oneway("sync", Pair(one, two), options, run, rules)


@contextmanager
def running(state: State, changes: dict[str, Any]) -> Iterator[tuple[Options, Run]]:
    told = changes.pop("told", None) or Silent()
    halt = changes.pop("halt", None) or Halt()
    clock = changes.pop("clock", None) or SystemClock()
    options = Options(state, effort=changes.pop("effort", Effort(pause=0.001)), **changes)
    with ThreadPoolExecutor(4) as executor:
        yield options, Run(executor, clock, told, halt)


def results(report: Report) -> set[Result]:
    return {outcome.result for outcome in report.outcomes}
