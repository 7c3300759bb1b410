"""How watches are, in files that others can read while they go on, and after they ended."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mirrorfs import mountpoint
from mirrorfs.settings import Watched
from sync.vigil import State

_log = logging.getLogger(__name__)


class Diary:
    """Writes the state of one watch to ``path``, readable to this user alone.

    Of the queue only whether there is one is worth a write.
    """

    def __init__(self, path: Path, watched: Watched) -> None:
        self._path = path
        self._watched = watched
        self._written: State | None = None

    def write(self, state: State) -> None:
        """Write ``state`` if it tells something new; a full disk is no reason to stop."""
        telling = replace(state, queue=min(state.queue, 1))
        if telling == self._written:
            return
        self._written = telling
        text = json.dumps({**asdict(self._watched), "pid": os.getpid(), "state": asdict(state)})
        new = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
            new.replace(self._path)
        except OSError as error:
            _log.warning("%s cannot be written: %s.", self._path, error.strerror)


def diaries(folder: Path) -> list[dict[str, Any]]:
    """Return the diaries of all watches; ``pid`` is 0 for one that is not running."""
    found = []
    for path in sorted(folder.glob("*.json")):
        told = json.loads(path.read_text("utf-8"))
        found.append({**told, "pid": told["pid"] if mountpoint.is_running(told["pid"]) else 0})
    return found
