"""Work that is done after its request was answered: ``Async`` requests.

They are answered with 202 and the URI of a task; its ``Status`` becomes Completed or Failed. What
the URI looks like is not documented, clients take it from ``Response.Uri``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mirrorfs.emulators.smugmug.errors import ApiError

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.agenda import Job
    from mirrorfs.emulators.smugmug.state import State


@dataclass(frozen=True)
class Task:
    """One piece of work and how far it is."""

    task_id: str
    nick: str
    type: str
    added: float
    status: Literal["Pending", "Completed", "Failed"] = "Pending"
    problem: str = ""


class Tasks:
    """All work that was asked for."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._tasks: dict[str, Task] = {}

    def start(self, nick: str, type_: str, job: Job) -> Task:
        """Have a job done after the time the settings give."""
        task = Task(self._state.ids.key(10), nick, type_, self._state.clock())
        self._tasks[task.task_id] = task

        def run() -> None:
            try:
                job()
            except ApiError as error:
                self._tasks[task.task_id] = replace(task, status="Failed", problem=error.message)
            else:
                self._tasks[task.task_id] = replace(task, status="Completed")

        self._state.agenda.add(self._state.settings.task_time, run)
        return task

    def find(self, task_id: str) -> Task | None:
        """Look a task up."""
        return self._tasks.get(task_id)

    def of(self, nick: str) -> list[Task]:
        """Give a user's tasks, oldest first."""
        return [task for task in self._tasks.values() if task.nick == nick]
