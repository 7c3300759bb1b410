import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mirrorfs.core.errors import Unavailable
from mirrorfs.vfs.flights import Flights


def test_all_share_one_call() -> None:
    flights: Flights[str, int] = Flights()
    calls: list[int] = []
    inside, go = threading.Event(), threading.Event()

    def call() -> int:
        calls.append(1)
        inside.set()
        go.wait(5)
        return 7

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(flights.share, "a", call)
        inside.wait(5)
        others = [pool.submit(flights.share, "a", call) for _ in range(7)]
        go.set()
        assert {future.result(5) for future in (first, *others)} == {7}
    assert len(calls) <= 2


def test_an_error_reaches_who_waits_and_is_not_kept() -> None:
    flights: Flights[str, int] = Flights()

    def fail() -> int:
        raise Unavailable("down")

    with pytest.raises(Unavailable):
        flights.share("a", fail)
    assert flights.share("a", lambda: 1) == 1
