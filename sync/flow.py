"""Work for an executor that was given from outside, a few pieces at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from itertools import takewhile
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def flow(
    executor: Executor, work: Callable[[T], R], items: Iterable[T], window: int
) -> Iterator[R]:
    """Yield what ``work`` returns for each of ``items``, as it comes; see :func:`flow_of_many`."""
    return flow_of_many(executor, lambda item: (work(item),), items, window)


def flow_of_many(
    executor: Executor, work: Callable[[T], Iterable[R]], items: Iterable[T], window: int
) -> Iterator[R]:
    """Yield what ``work`` yields for each of ``items``, once all of that is there.

    At most ``window`` pieces are under way; who is done with one takes the next one at once.
    When this generator ends, or ``work`` raises, nothing more is begun, not even the rest of
    a piece, and what is under way is waited for.
    """
    results: SimpleQueue[list[R] | Future[None]] = SimpleQueue()
    rest, taking, is_over = iter(items), threading.Lock(), threading.Event()

    def work_on() -> None:
        while not is_over.is_set():
            with taking:
                taken = [*_first(rest)]
            if not taken:
                return
            results.put([*takewhile(lambda _: not is_over.is_set(), work(taken[0]))])

    hands: list[Future[None]] = []
    try:
        for _ in range(window):
            hands.append(executor.submit(work_on))
            hands[-1].add_done_callback(results.put)
        left = len(hands)
        while left:
            one = results.get()
            if isinstance(one, Future):
                left -= 1
                one.result()
            else:
                yield from one
    finally:
        is_over.set()
        wait(hands)


def _first(rest: Iterator[T]) -> Iterator[T]:
    """Yield the next one of ``rest``, if there is one."""
    for one in rest:
        yield one
        return
