from __future__ import annotations

import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core.errors import Misuse
from sync import cron

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def times(text: str, begin: str, count: int) -> list[float]:
    found = [at(begin)]
    for _ in range(count):
        found.append(cron.after(text, found[-1], BERLIN))
    return found[1:]


def test_every_night_also_when_the_clocks_change() -> None:
    assert times("30 2 * * *", "2026-03-28T12:00+01:00", 2) == [
        at("2026-03-29T03:00+02:00"),  # there is no half past two
        at("2026-03-30T02:30+02:00"),
    ]
    assert times("30 2 * * *", "2026-10-24T12:00+02:00", 2) == [
        at("2026-10-25T02:30+02:00"),  # there are two of them
        at("2026-10-26T02:30+01:00"),
    ]


def test_every_half_hour_keeps_its_distance() -> None:
    found = times("*/30 * * * *", "2026-10-25T01:45+02:00", 5)
    assert [later - sooner for sooner, later in pairwise(found)] == [1800] * 4


@pytest.mark.parametrize("text", ["0 3 * * *", "@daily", "*/7 2,3 * * *", "15 2 * * 0", "@hourly"])
@given(moment=st.floats(1.7e9, 1.9e9))
def test_the_next_time_is_always_later(text: str, moment: float) -> None:
    found = cron.after(text, moment, BERLIN)
    assert moment < found
    assert found % 60 == 0
    assert cron.after(text, (moment + found) / 2, BERLIN) in {
        found,
        cron.after(text, found, BERLIN),
    }


@pytest.mark.parametrize("text", ["", "0 3 * *", "* * * * * *", "61 * * * *", "0 0 31 2 *", "x"])
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(Misuse):
        cron.check(text)


def test_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert cron.after("0 3 * * *", 0, cron.local_zone()) == 18 * 3600
    monkeypatch.setenv("TZ", "Nowhere/None")
    assert cron.local_zone() is datetime.UTC
    monkeypatch.delenv("TZ")
    now = datetime.datetime.now()
    assert now.astimezone(cron.local_zone()).utcoffset() == now.astimezone().utcoffset()
