from concurrent.futures import ThreadPoolExecutor

import pytest

from mirrorfs.core.errors import RateLimited
from mirrorfs.core.provider import Usage
from mirrorfs.net.quota import Allowance, Quota
from tests.core.fakes import FakeClock


def test_nothing_is_known_at_first() -> None:
    quota = Quota(FakeClock())
    quota.spend()
    assert quota.usage() == Usage(1)


def test_no_call_is_made_that_would_be_refused() -> None:
    clock = FakeClock()
    quota = Quota(clock)
    quota.note(Allowance(500, 0, clock.now() + 100))
    with pytest.raises(RateLimited) as caught:
        quota.spend()
    assert caught.value.retry_at == clock.now() + 100
    assert quota.usage() == Usage(0, 500, 0, clock.now() + 100)
    clock.sleep(101)
    quota.spend()
    assert quota.usage() == Usage(1, 500)


def test_answers_out_of_order() -> None:
    clock = FakeClock()
    quota, end = Quota(clock), clock.now() + 100
    for remaining in (9, 7, 8):
        quota.note(Allowance(10, remaining, end))
    assert quota.usage().remaining == 7
    quota.note(Allowance(10, 10, end + 3600))
    quota.note(Allowance(10, 1, end))
    assert quota.usage().remaining == 10


def test_a_refusal_counts_even_without_headers() -> None:
    clock = FakeClock()
    quota = Quota(clock)
    quota.exhaust(clock.now() + 50)
    with pytest.raises(RateLimited):
        quota.spend()


def test_answers_of_one_period_tick_apart() -> None:
    clock = FakeClock()
    quota, end = Quota(clock), clock.now() + 1000
    for remaining, tick in ((9, 0.0), (8, -0.9), (7, 0.4), (8, 0.9)):
        quota.note(Allowance(10, remaining, end + tick))
    assert quota.usage().remaining == 7


def test_a_clock_that_is_set_back_stops_no_calls() -> None:
    clock = FakeClock()
    quota = Quota(clock)
    quota.exhaust(clock.now() + 3000)
    clock.time -= 86_400
    quota.spend()
    quota.note(Allowance(10, 5, clock.now() + 3000))
    assert quota.usage().remaining == 5


def test_many_threads() -> None:
    quota = Quota(FakeClock())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: quota.spend(), range(1000)))
    assert quota.usage().calls == 1000


def test_a_service_need_not_say_how_many_calls_there_were() -> None:
    clock = FakeClock()
    quota = Quota(clock)
    quota.note(Allowance(None, 0, clock.now() + 100))
    with pytest.raises(RateLimited, match="All calls of this period"):
        quota.spend()
    assert quota.usage() == Usage(0, None, 0, clock.now() + 100)
