"""What the service has taken on and does later: films to make, work that was asked for."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

Job = Callable[[], None]


class Agenda:
    """Jobs by the moment they are due, in Unix seconds."""

    def __init__(self) -> None:
        self._jobs: list[tuple[float, int, Job]] = []
        self._count = itertools.count()

    def add(self, moment: float, job: Job) -> None:
        """Take a job on."""
        heapq.heappush(self._jobs, (moment, next(self._count), job))

    def run(self, now: float) -> None:
        """Do what is due, in the order it is due."""
        while self._jobs and self._jobs[0][0] <= now:
            heapq.heappop(self._jobs)[2]()
