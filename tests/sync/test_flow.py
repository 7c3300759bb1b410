import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sync.flow import flow, flow_of_many

PATIENCE = 5.0


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_all_is_done_once(executor: ThreadPoolExecutor, count: int) -> None:
    assert sorted(flow(executor, lambda n: n * n, range(count), 4)) == [n * n for n in range(count)]


def test_so_many_are_under_way_and_no_more(executor: ThreadPoolExecutor) -> None:
    together, lock, under_way, most = threading.Barrier(3), threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait(PATIENCE)
        with lock:
            under_way -= 1
        together.wait(PATIENCE)

    assert len(list(flow(executor, work, range(12), 3))) == 12
    assert most == 3


def test_nobody_waits_for_who_reads(executor: ThreadPoolExecutor) -> None:
    all_done = threading.Event()

    def work(number: int) -> int:
        if number == 19:
            all_done.set()
        return number

    results = flow(executor, work, range(20), 1)
    assert next(results) == 0
    assert all_done.wait(PATIENCE)
    assert list(results) == list(range(1, 20))


def test_an_error_ends_it_when_what_is_under_way_is_done(executor: ThreadPoolExecutor) -> None:
    other_began, ended = threading.Event(), []

    def work(number: int) -> None:
        if number == 0:
            assert other_began.wait(PATIENCE)
            raise ValueError("no")
        other_began.set()
        time.sleep(0.05)
        ended.append(number)

    with pytest.raises(ValueError, match="no"):
        list(flow(executor, work, range(100), 2))
    assert ended[0] == 1
    assert len(ended) < 50


def test_items_that_fail_end_it(executor: ThreadPoolExecutor) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        list(flow(executor, lambda n: n, items(), 2))


def test_who_stops_reading_waits_for_what_is_under_way(executor: ThreadPoolExecutor) -> None:
    stopping, taken, ended = threading.Event(), [], []

    def work(number: int) -> int:
        taken.append(number)
        if number:
            assert stopping.wait(PATIENCE)
        ended.append(number)
        return number

    results = flow(executor, work, range(100), 2)
    assert next(results) == 0
    threading.Timer(0.05, stopping.set).start()
    results.close()  # type: ignore[attr-defined]
    assert sorted(taken) == sorted(ended)
    assert len(ended) <= 3


def test_what_a_piece_comes_to_is_handed_over_together(executor: ThreadPoolExecutor) -> None:
    found = list(flow_of_many(executor, range, [3, 0, 20, 1], 2))
    assert sorted(found) == sorted([*range(3), *range(20), 0])
    start = found.index(19) - 19
    assert found[start : start + 20] == [*range(20)]


def test_an_error_ends_the_rest_of_a_piece(executor: ThreadPoolExecutor) -> None:
    began, ended, failed = threading.Event(), [], threading.Event()

    def work(number: int) -> Iterator[int]:
        if number == 0:
            assert began.wait(PATIENCE)
            failed.set()
            raise ValueError("no")
        for part in range(100):
            began.set()
            assert failed.wait(PATIENCE)
            time.sleep(0.01)
            ended.append(part)
            yield part

    with pytest.raises(ValueError, match="no"):
        list(flow_of_many(executor, work, range(2), 2))
    assert 0 < len(ended) < 100
