"""Work for an executor that was given from outside, a few pieces at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def flow(
    executor: Executor, work: Callable[[T], R], items: Iterable[T], window: int
) -> Iterator[R]:
    """Yield what ``work`` returns for each of ``items``, as it comes.

    At most ``window`` pieces are under way; the next item is taken when one of them is done.
    What is under way when this generator ends, or when ``work`` raises, is waited for.
    """
    running: set[Future[R]] = set()
    try:
        for item in items:
            running.add(executor.submit(work, item))
            if len(running) >= window:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    yield one.result()
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
    finally:
        wait(running)
