from __future__ import annotations

from pathlib import Path

import pytest

from sync.expiry import WEEK, passed

NOW = 1_800_000_000.0
DAY = 86400.0
FAR = NOW + 70 * 365 * DAY


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "clock"


def looks(note: Path, *moments: float) -> list[float]:
    return [passed(note, moment) for moment in moments]


def test_the_first_look_believes_the_clock(note: Path) -> None:
    assert passed(note, NOW) == NOW


def test_time_goes_by(note: Path) -> None:
    days = [NOW + number * DAY for number in range(20)]
    told = looks(note, *days)
    assert told == sorted(told)
    assert told[7:] == days[7:]


def test_a_clock_far_ahead_is_not_believed_however_often_it_is_asked(note: Path) -> None:
    assert looks(note, NOW, FAR, FAR + 60, FAR + DAY) == [NOW] * 4
    assert looks(note, NOW + DAY, FAR, FAR + DAY) == [NOW + DAY] * 3


def test_a_clock_that_runs_on_for_a_week_is_believed(note: Path) -> None:
    assert looks(note, NOW, FAR, FAR + DAY, FAR + WEEK)[-1] == FAR + WEEK


def test_who_looks_once_a_month_is_a_month_behind(note: Path) -> None:
    months = [NOW + number * 30 * DAY for number in range(4)]
    assert looks(note, *months) == [NOW, *months[:3]]


def test_a_clock_that_was_far_ahead_at_first_is_set_right(note: Path) -> None:
    assert looks(note, FAR, NOW, FAR) == [FAR, NOW, NOW]


def test_a_clock_that_goes_back_a_little_goes_on(note: Path) -> None:
    assert looks(note, NOW, NOW - 5, NOW + DAY) == [NOW, NOW - 5, NOW - 5]
    assert looks(note, NOW + 6 * DAY, NOW + 12 * DAY)[-1] == NOW + 12 * DAY


@pytest.mark.parametrize("damage", [b"", b"1 2", b"\xff\xfe", b"a b c", b"nan nan nan"])
def test_a_damaged_note_says_that_nothing_is_certain(note: Path, damage: bytes) -> None:
    note.write_bytes(damage)
    assert looks(note, NOW, NOW + DAY) == [0.0, 0.0]
    assert passed(note, NOW + WEEK) == NOW + WEEK


def test_nothing_is_certain_where_nothing_can_be_remembered(tmp_path: Path) -> None:
    assert passed(tmp_path / "nowhere/clock", NOW) == 0.0
