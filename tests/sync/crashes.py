"""Runs that are killed at a step, and what must hold after the next one.

The steps are those that Python tells of before it asks the system (``sys.addaudithook``): each
file opened for writing, each rename, link, removal and folder made; each statement that changes a
database; each request that may change something at a service, before it goes and when its answer
has come; and each action that begins or has ended. What only asks is no step: it changes nothing.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from sync import trash
from sync.ends import End
from sync.execute import Effort
from sync.model import Action, Outcome, Report, Result
from sync.oneway import Rules
from sync.state import State
from sync.watching import Silent
from tests.sync.sides import bisync, left_over, oneway

EVENTS = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.utime", "os.truncate"}
ASKING = {"GET", "HEAD"}
READING = ("SELECT", "PRAGMA")
SYNC = Rules(deletes=True)


class Steps(Silent):
    """Counts steps, and kills the process at one of them."""

    def __init__(self, last: int) -> None:
        self.count = 0
        self._last = last

    def watch(self) -> None:
        """Count from now on in this process, for good."""
        sys.addaudithook(self._audit)
        put, get = HTTPConnection.putrequest, HTTPConnection.getresponse
        connect = sqlite3.connect

        def putrequest(line: HTTPConnection, method: str, *args: Any, **named: Any) -> None:
            line.changes = method not in ASKING  # type: ignore[attr-defined]
            if method not in ASKING:
                self.step()
            put(line, method, *args, **named)

        def getresponse(line: HTTPConnection) -> HTTPResponse:
            answer = get(line)
            if line.changes:  # type: ignore[attr-defined]
                self.step()
            return answer

        def connected(*args: Any, **named: Any) -> sqlite3.Connection:
            connection = connect(*args, **named)
            connection.set_trace_callback(self._trace)
            return connection

        HTTPConnection.putrequest = putrequest  # type: ignore[method-assign]
        HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]
        sqlite3.connect = connected  # type: ignore[assignment]

    def began(self, action: Action) -> None:
        self.step()

    def ended(self, outcome: Outcome) -> None:
        self.step()

    def step(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        writing = (
            event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if writing or event in EVENTS:
            self.step()

    def _trace(self, statement: str) -> None:
        if not statement.startswith(READING):
            self.step()


def killed_at(last: int, run: Callable[[Steps], object]) -> int | None:
    """Do a run in a child that is killed at a step; without one return how many there were."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            steps = Steps(last)
            steps.watch()
            run(steps)
            os.write(writing, str(steps.count).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0
    return int(told)


def kept(state: State) -> set[bytes]:
    """Return what is in the trash."""
    return {item.place.read_bytes() for item in trash.items(state.trash)}


@dataclass(frozen=True)
class Scene:
    """Two sides of which the second is far, and what is remembered of them.

    ``verb`` is ``bisync``, or ``up`` or ``down`` for a run by ``rules`` to or from the second side.
    """

    verb: str
    one: End
    far: Callable[[], End]
    """Opens the second side as another process does."""
    state: State
    rules: Rules = SYNC

    def ends(self) -> tuple[End, End]:
        """Return what is read and what is written, as another process opens them."""
        two = self.far()
        return (two, self.one) if self.verb == "down" else (self.one, two)

    def run(self, told: Steps | None = None) -> Report:
        """Run the command."""
        effort, (source, dest) = Effort(transfers=1, pause=0.001), self.ends()
        if self.verb == "bisync":
            return bisync(source, dest, self.state, told=told, effort=effort)
        return oneway(source, dest, self.state, self.rules, told=told, effort=effort)


Look = Callable[[End], dict[str, bytes]]
"""Returns what a side holds, as :func:`tests.sync.sides.tree` does."""


def check_killed(scene: Scene, last: int, look: Look) -> bool:
    """Kill a run at a step, have the next one go on, and look whether anything is lost or left.

    Return ``False`` when the run had fewer steps.
    """
    one, state = scene.one, scene.state

    def sides() -> tuple[dict[str, bytes], dict[str, bytes]]:
        return look(one), look(scene.far())

    def held() -> set[bytes]:
        return {data for side in sides() for path, data in side.items() if path[-1] != "/"}

    before = held()
    was_killed = killed_at(last, scene.run) is None
    assert before <= held() | kept(state), f"step {last}: the crash lost something"
    failed = [str(one) for one in scene.run().outcomes if one.result is not Result.DONE]
    assert not failed, f"step {last}: the next run says {failed}"
    here, there = sides()
    assert here == there, f"step {last}: {_differences(here, there)}"
    assert before <= held() | kept(state), f"step {last}: the next run lost something"
    more = scene.run().plan.actions
    assert more == (), f"step {last}: a further run does {more}"
    left = left_over(state.folder.parent)
    assert left == [], f"step {last}: {left} are left"
    return was_killed


def _differences(one: dict[str, bytes], other: dict[str, bytes]) -> str:
    differing = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    return f"{sorted(differing)} differ; {sorted(one)}, {sorted(other)}"
