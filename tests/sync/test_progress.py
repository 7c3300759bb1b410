"""How far a run is."""

from __future__ import annotations

from sync.model import Outcome, Result, Side
from sync.progress import Progress, outcome_line
from tests.sync import runs


class Time:
    """Goes on when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_before_there_is_a_plan_the_listing_is_told() -> None:
    time = Time()
    progress = Progress(time)
    progress.scanned(Side.ONE, 12)
    time.now += 3

    assert str(progress.figures()) == "Listing both sides: 12 in path1, 3.0s"


def test_rate_and_time_left_follow_the_bytes() -> None:
    time = Time()
    progress = Progress(time)
    progress.planned(runs.PLAN)
    progress.began(runs.BROKEN)
    for _ in range(10):
        time.now += 1
        progress.sent(runs.BROKEN, 1_000_000)

    found = progress.figures()

    assert found.total == 8
    assert found.size == 2048 + 1000 + 10**9 + 1000
    assert found.rate == 1_000_000
    assert found.left == (found.size - 10_000_000) / 1_000_000
    assert [(one.path, one.sent, one.size) for one in found.running] == [
        ("big.tif", 10_000_000, 10**9)
    ]


def test_an_old_rate_is_forgotten() -> None:
    time = Time()
    progress = Progress(time)
    progress.planned(runs.PLAN)
    for rate in (1000, 0):
        for _ in range(60):
            time.now += 1
            progress.sent(runs.NEW, rate)

    assert progress.figures().rate == 0
    assert progress.figures().left is None


def test_bytes_that_have_to_be_sent_again_are_taken_back() -> None:
    progress = Progress(Time())
    progress.planned(runs.PLAN)
    progress.began(runs.NEW)
    progress.sent(runs.NEW, 2000)
    progress.sent(runs.NEW, -2000)

    assert progress.figures().sent == 0
    assert progress.figures().running[0].sent == 0


def test_what_ended_is_counted() -> None:
    progress = Progress(Time())
    progress.planned(runs.PLAN)
    for outcome in runs.OUTCOMES:
        progress.began(outcome.action)
        progress.ended(outcome)

    found = progress.figures()

    assert (found.done, found.troubles, found.running) == (6, 1, ())
    assert "6 of 8 done" in str(found)
    assert "1 not done" in str(found)


def test_a_wait_is_told_while_it_lasts() -> None:
    time = Time()
    progress = Progress(time)
    progress.planned(runs.PLAN)
    progress.waiting("The quota is used up", time.now + 60)

    assert "The quota is used up" in str(progress.figures())
    time.now += 61
    assert "The quota is used up" not in str(progress.figures())


def test_a_line_for_each_end() -> None:
    assert outcome_line(runs.OUTCOMES[2]) == "→ new       a/new.jpg  (2 KiB)"
    assert outcome_line(runs.OUTCOMES[4]) == "big.tif: new failed: It is too <large>."
    assert "changed" in outcome_line(Outcome(runs.GONE, Result.CHANGED, "It is another now."))
