"""How fast bytes go: all threads together, part by part, by the time of day."""

from __future__ import annotations

from datetime import datetime

import pytest

from sync.bandwidth import parse_bandwidth
from sync.model import Side
from sync.pace import Pace, at_once

ONE, TWO = Side.ONE, Side.TWO


class Clock:
    """Goes on only while somebody sleeps; begins on a Saturday at noon."""

    def __init__(self) -> None:
        self.began = self.time = datetime(2026, 11, 21, 12).timestamp()

    @property
    def elapsed(self) -> float:
        return self.time - self.began

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0)


def seconds(limit: str, *ways: tuple[Side, Side], remotes: frozenset[Side] = frozenset()) -> float:
    """Return how long 1000 bytes take on each of ``ways``, one after the other."""
    clock = Clock()
    pace = Pace(parse_bandwidth(limit), clock, remotes)
    for source, target in ways:
        assert sum(pace.between(source, target)(1000)) == 1000
    return clock.elapsed


def test_all_ways_share_the_rate() -> None:
    assert seconds("1000b", (ONE, TWO)) == pytest.approx(1.0)
    assert seconds("1000b", (ONE, TWO), (TWO, ONE)) == pytest.approx(2.0)
    assert seconds("off", (ONE, TWO)) == 0
    assert seconds("0", (ONE, TWO)) == 0


@pytest.mark.parametrize(
    ("limit", "up", "down"),
    [
        ("500b:100b", 2.0, 10.0),
        ("100b:500b", 10.0, 2.0),
        ("100b:off", 10.0, 0.0),
        ("off:100b", 0.0, 10.0),
        ("100b", 10.0, 10.0),
    ],
)
def test_what_goes_to_a_remote_goes_up_and_what_comes_from_it_down(
    limit: str, up: float, down: float
) -> None:
    cloud = frozenset({TWO})
    assert seconds(limit, (ONE, TWO), remotes=cloud) == pytest.approx(up)
    assert seconds(limit, (TWO, ONE), remotes=cloud) == pytest.approx(down)


def test_from_cloud_to_cloud_the_slower_of_both_counts() -> None:
    clouds = frozenset({ONE, TWO})
    assert seconds("500b:100b", (ONE, TWO), remotes=clouds) == pytest.approx(10.0)
    assert seconds("100b:off", (ONE, TWO), remotes=clouds) == pytest.approx(10.0)


def test_from_disk_to_disk_the_faster_counts_where_both_are_limited() -> None:
    assert seconds("500b:100b", (ONE, TWO)) == pytest.approx(2.0)
    assert seconds("100b:off", (ONE, TWO)) == 0


def test_bytes_are_told_of_part_by_part() -> None:
    clock = Clock()
    spend = Pace(parse_bandwidth("1000b"), clock, frozenset()).between(ONE, TWO)

    told = [(part, clock.elapsed) for part in spend(1000)]

    assert [part for part, _ in told] == [100] * 10
    assert [moment for _, moment in told] == pytest.approx([n / 10 for n in range(1, 11)])
    assert list(at_once(1000)) == [1000]


def test_the_rate_changes_with_the_time_of_day_while_a_file_is_on_its_way() -> None:
    clock = Clock()
    pace = Pace(parse_bandwidth("00:00,10b 12:01,1000b"), clock, frozenset())

    assert sum(pace.between(ONE, TWO)(1600)) == 1600

    assert clock.elapsed == pytest.approx(61, abs=0.2)
