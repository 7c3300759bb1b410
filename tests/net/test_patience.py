import pytest

from mirrorfs.core.errors import BadAnswer, RateLimited, Unavailable
from mirrorfs.net.patience import Patience, persist
from tests.core.fakes import FakeClock


class Failing:
    """Raises what it is given, one after the other, then returns."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_unavailable_is_tried_again_with_growing_pauses() -> None:
    clock, verb = FakeClock(), Failing(*[Unavailable("down")] * 3)
    assert persist(verb, Patience(tries=4, pause=1.0), clock) == "done"
    assert [round(pause - 0.001) for pause in clock.slept]
    for number, pause in enumerate(clock.slept):
        assert 0.5 * 2**number <= pause <= 2**number


def test_tries_are_counted() -> None:
    clock, verb = FakeClock(), Failing(*[Unavailable("down")] * 9)
    with pytest.raises(Unavailable):
        persist(verb, Patience(tries=2), clock)
    assert verb.calls == 2


def test_pauses_have_a_limit() -> None:
    clock = FakeClock()
    with pytest.raises(Unavailable):
        persist(Failing(*[Unavailable("")] * 20), Patience(tries=20, longest_pause=3.0), clock)
    assert max(clock.slept) <= 3.0


def test_other_errors_are_not_tried_again() -> None:
    verb = Failing(BadAnswer("html"))
    with pytest.raises(BadAnswer):
        persist(verb, Patience(), FakeClock())
    assert verb.calls == 1


def test_the_mount_does_not_wait_for_the_quota() -> None:
    clock, verb = FakeClock(), Failing(RateLimited("used up", 1_000_600.0))
    with pytest.raises(RateLimited):
        persist(verb, Patience(), clock)
    assert clock.slept == []


def test_a_command_waits_and_says_until_when() -> None:
    clock, told = FakeClock(1_000_000.0), list[float]()
    verb = Failing(RateLimited("used up", 1_000_600.0))
    assert persist(verb, Patience(notice=told.append), clock) == "done"
    assert told == [1_000_600.0]
    assert clock.now() >= 1_000_600.0


def test_no_wait_is_much_longer_than_an_hour() -> None:
    clock, told = FakeClock(1_000_000.0), list[float]()
    verb = Failing(RateLimited("used up", 1_900_000.0))
    assert persist(verb, Patience(notice=told.append), clock) == "done"
    assert told == [1_003_900.0]
    assert clock.now() == 1_003_900.0


def test_waiting_is_given_up_when_it_does_not_help() -> None:
    clock = FakeClock()
    verb = Failing(*[RateLimited("used up", 0.0)] * 20)
    with pytest.raises(RateLimited):
        persist(verb, Patience(notice=lambda _: None), clock)
    assert len(clock.slept) == 5
    assert min(clock.slept) >= 1.0
