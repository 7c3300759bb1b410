"""What the service has taken on and does later: films to make, work that was asked for."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager

from mirrorfs.emulators.smugmug.moments import Clock

Job = Callable[[], None]


class Agenda:
    """Jobs by the moment they are due; every request to the service begins with ``run``."""

    def __init__(self, clock: Clock, lock: AbstractContextManager[object]) -> None:
        self._clock = clock
        self._lock = lock
        self._jobs: list[tuple[float, int, Job]] = []
        self._count = itertools.count()

    def add(self, seconds: float, job: Job) -> None:
        """Take a job on that is due once so much time has passed."""
        with self._lock:
            heapq.heappush(self._jobs, (self._clock() + seconds, next(self._count), job))

    def run(self) -> None:
        """Do what is due by now, in the order it is due."""
        with self._lock:
            while self._jobs and self._jobs[0][0] <= self._clock():
                heapq.heappop(self._jobs)[2]()

    def finish(self) -> None:
        """Do all that is left, due or not."""
        with self._lock:
            while self._jobs:
                heapq.heappop(self._jobs)[2]()
