"""Sizes, spans, ages and moments as rclone writes and reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mirrorfs.core.errors import Misuse
from sync.moments import digits_of, json_moment, moment_text
from sync.units import count_text, parse_age, parse_size, parse_span, size_text, span_text


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("10", 10240), ("0", 0), ("10b", 10), ("10B", 10), ("1k", 1024), ("1.5M", 1_572_864),
        ("2GiB", 2 * 1024**3), ("1KB", 1024), (".5k", 512), ("1T", 1024**4), ("off", None),
    ],
)  # fmt: skip
def test_sizes_are_in_kib_unless_they_say(text: str, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90), ("1.5h", 5400), ("1h30m", 5400), ("2d", 172_800), ("1w", 604_800),
        ("1M", 2_592_000), ("1y", 31_536_000), ("100ms", 0.1), ("0", 0), ("OFF", None),
    ],
)  # fmt: skip
def test_spans_have_units(text: str, seconds: float | None) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "big", "1x", "-5", "1 k b", "h"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match="not a size"):
        parse_size(text)
    with pytest.raises(Misuse, match="not a length of time"):
        parse_span(text)


def test_an_age_may_be_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    assert parse_age("2024-05-01", 1_714_521_600.0 + 60) == 60
    assert parse_age("2024-05-01T00:00:30", 1_714_521_600.0 + 60) == 30
    assert parse_age("2d", 0) == 172_800
    with pytest.raises(Misuse):
        parse_age("2024-99-01", 0)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (1023, "1023 B"), (2048, "2 KiB"), (1536, "1.500 KiB"), (3 << 40, "3 TiB")],
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


def test_numbers_and_spans_for_people() -> None:
    assert [count_text(n) for n in (999, 1235, 2000, 1_500_000)] == [
        "999",
        "1.235k",
        "2k",
        "1.500M",
    ]
    assert [span_text(s) for s in (0.34, 42, 192, 3840)] == ["0.3s", "42s", "3m12s", "1h4m"]


@pytest.fixture(autouse=True)
def _zone() -> Iterator[None]:
    """The zone that a test sets is given back."""
    yield
    time.tzset()


MOMENT = 1_600_000_000_123_456_789


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("RFC3339", "2020-09-13T17:56:40+05:30"),
        ("DateOnly", "2020-09-13"),
        ("unix", "1600000000"),
        ("unixnano", str(MOMENT)),
        ("max", "2020-09-13 17:56:40.123456789"),
        ("Jan 2, 2006 at 3:04pm (MST)", "Sep 13, 2020 at 5:56pm (IST)"),
        ("2006-01-02T15:04:05.999Z07:00", "2020-09-13T17:56:40.123+05:30"),
        ("Monday 02 January 06 -0700", "Sunday 13 September 20 +0530"),
    ],
)
def test_moments_follow_the_layouts_of_go(
    monkeypatch: pytest.MonkeyPatch, layout: str, text: str
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()

    assert moment_text(MOMENT, layout) == text


def test_a_moment_has_as_many_digits_as_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    assert [digits_of(step) for step in (1, 1000, 10**6, 10**9)] == [9, 6, 3, 0]
    assert json_moment(MOMENT, 10**6) == "2020-09-13T12:26:40.123Z"
    assert json_moment(MOMENT, 10**9) == "2020-09-13T12:26:40Z"
    assert json_moment(-1, 1) == "1969-12-31T23:59:59.999999999Z"
