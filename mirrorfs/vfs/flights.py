"""One call for all who want the same thing at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Flights(Generic[Key, Value]):
    """Calls under way by key. Thread-safe."""

    def __init__(self) -> None:
        self._under_way: dict[Key, Future[Value]] = {}
        self._lock = threading.Lock()

    def share(self, key: Key, call: Callable[[], Value]) -> Value:
        """Return what ``call`` returns, or what the call under way for ``key`` will return.

        An error is raised to all who wait for it; the next to ask calls anew.
        """
        with self._lock:
            flight = self._under_way.get(key)
            if leads := flight is None:
                flight = self._under_way[key] = Future()
        if leads:
            self._fly(key, flight, call)
        return flight.result()

    def _fly(self, key: Key, flight: Future[Value], call: Callable[[], Value]) -> None:
        try:
            result = call()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
        else:
            self._land(key)
            flight.set_result(result)

    def _land(self, key: Key) -> None:
        with self._lock:
            del self._under_way[key]
