"""Showing work that was asked for with ``Async``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug.answers import Answer, Body, Listing
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.moments import write_moment
from mirrorfs.emulators.smugmug.state import demand

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.tasks import Task


def read_task(call: Call) -> Answer:
    """Show one piece of work."""
    task = demand(call.state.tasks.find(call.ids["task"]))
    call.require_owner(task.nick)
    return Answer(_write(task))


def read_user_tasks(call: Call) -> Answer:
    """Show all work of a user."""
    user = call.state.user(call.ids["nick"])
    call.require_owner(user.nick)
    return Answer(Listing(call.state.tasks.of(user.nick), _write))


def _write(task: Task) -> Body:
    return Body(
        {
            "Type": task.type,
            "Status": task.status,
            "Message": task.problem,
            "DateAdded": write_moment(task.added),
            "Uri": CATALOG["Task"].uri(task.task_id),
        }
    )
