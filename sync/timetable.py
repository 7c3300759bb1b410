"""The schedules of a user: what is to be run when, and how the last run went. One SQLite file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mirrorfs.core.errors import AlreadyExists, NotFound
from sync.database import Database

_SCHEMA = "CREATE TABLE schedules (name TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Schedule:
    """``args`` of ``mirrorsync`` that are run in ``folder`` whenever ``cron`` says so.

    Times are in seconds since the epoch (UTC), 0 for never. ``considered`` is until when the
    times of ``cron`` were heeded. ``resume_at`` is when a run that did not end is taken up
    again: it was killed, or met the limit of the hour. ``status`` is that of the last run.
    """

    name: str
    cron: str
    args: tuple[str, ...]
    folder: str
    considered: float
    started: float = 0.0
    ended: float = 0.0
    status: int | None = None
    error: str = ""
    resume_at: float = 0.0


class Timetable:
    """All schedules, also while other processes change them.

    Raises:
        StateFailed: the file cannot be used; every method raises this when the disk fails.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA, _VERSION)

    def all(self) -> list[Schedule]:
        """Return all schedules by name."""
        rows = self._database.read("SELECT body FROM schedules ORDER BY name")
        return [_schedule(json.loads(body)) for (body,) in rows]

    def add(self, schedule: Schedule) -> None:
        """Add a schedule.

        Raises:
            AlreadyExists: there is one of that name.
        """
        with self._database.transaction():
            if self._database.read("SELECT 1 FROM schedules WHERE name = ?", (schedule.name,)):
                raise AlreadyExists(
                    f"There is a schedule {schedule.name!r} already.",
                    f"Remove it first: mirrorsync schedule remove {schedule.name}",
                )
            row = (schedule.name, _body(schedule))
            self._database.write("INSERT INTO schedules VALUES (?, ?)", [row])

    def update(self, before: Schedule, after: Schedule) -> None:
        """Write a schedule anew; one that was removed or changed meanwhile stays as it is."""
        row = (_body(after), before.name, _body(before))
        self._database.write("UPDATE schedules SET body = ? WHERE name = ? AND body = ?", [row])

    def remove(self, name: str) -> None:
        """Remove a schedule.

        Raises:
            NotFound: there is none of that name.
        """
        with self._database.transaction():
            if not self._database.read("SELECT 1 FROM schedules WHERE name = ?", (name,)):
                raise NotFound(f"There is no schedule {name!r}.")
            self._database.write("DELETE FROM schedules WHERE name = ?", [(name,)])

    def close(self) -> None:
        """Give the file back."""
        self._database.close()


def _body(schedule: Schedule) -> str:
    return json.dumps(asdict(schedule))


def _schedule(body: dict[str, Any]) -> Schedule:
    return Schedule(**{**body, "args": tuple(body["args"])})
