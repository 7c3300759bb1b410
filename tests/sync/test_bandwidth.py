"""``--bwlimit``: what rclone takes for a rate or a timetable, and which rate holds when."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from mirrorfs.core.errors import Misuse
from sync.bandwidth import Rate, parse_bandwidth
from sync.units import size_text

K, M = 1024, 1024**2


def rate(text: str, hour: int, minute: int = 0, day: int = 21) -> Rate:
    return parse_bandwidth(text).at(datetime(2026, 11, day, hour, minute))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10", Rate(10 * K, 10 * K)),
        ("1.5M", Rate(3 * M // 2, 3 * M // 2)),
        ("10M:100k", Rate(10 * M, 100 * K)),
        ("10M:off", Rate(10 * M, None)),
        ("off:100k", Rate(None, 100 * K)),
        ("off", Rate()),
        ("0", Rate()),
        ("08:00", Rate(8 * K, None)),
    ],
)
def test_one_rate_holds_at_any_time(text: str, expected: Rate) -> None:
    assert {rate(text, hour, day=day) for hour in range(24) for day in range(16, 23)} == {expected}


def test_a_day_has_times_of_its_own() -> None:
    text = "08:00,512k 19:00,10M:1M 23:00,off"

    assert rate(text, 7, 59) == Rate()
    assert rate(text, 8) == rate(text, 18, 59) == Rate(512 * K, 512 * K)
    assert rate(text, 19) == Rate(10 * M, M)
    assert rate(text, 23) == rate(text, 0) == Rate()


def test_a_week_has_times_of_its_own_and_wraps_around() -> None:
    text = "Mon-06:00,512 friday-18:00,off SUN-20:30,1M"

    assert rate(text, 5, 59, day=16) == rate(text, 23, day=22) == Rate(M, M)
    assert rate(text, 6, day=16) == rate(text, 17, 59, day=20) == Rate(512 * K, 512 * K)
    assert rate(text, 18, day=20) == rate(text, 20, 29, day=22) == Rate()


def test_a_named_day_stands_beside_what_holds_on_every_day() -> None:
    assert rate("00:00,6k Sat-01:00,5k", 2) == Rate(5 * K, 5 * K)
    assert rate("Sat-01:00,5k;00:00,6k", 2, day=22) == Rate(6 * K, 6 * K)
    assert rate("10:00,1k 10:00,2k", 11) == Rate(2 * K, 2 * K)


@pytest.mark.parametrize(
    "text",
    ["", " ", "fast", "8:00,1M", "24:00,1M", "10:60,1M", "Foo-01:00,1M", "1M 2M",
     "08:00,", "08:00,1M:2M:3M", "-5", "Mon-,1M", ","],
)  # fmt: skip
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        parse_bandwidth(text)


@pytest.mark.parametrize(
    "text",
    ["77k", "10M:100k", "off:100k", "00:00,5k", "00:00,5k:1M", "00:00,1k 00:01,2k 23:59,3k",
     "Mon-00:00,1k Tue-00:00,2k Wed-00:00,3k Thu-00:00,4k Fri-00:00,5k Sat-00:00,6k Sun-00:00,7k",
     "sunday-00:00,1k MONDAY-00:00,2k tue-00:00,3k"],
)  # fmt: skip
def test_the_rate_of_this_moment_is_rclones(tmp_path: Path, text: str) -> None:
    program = Path(sys.executable).with_name("rclone")
    (tmp_path / "one").mkdir()
    before = parse_bandwidth(text).at(datetime.now())
    told = subprocess.run(
        [program, "copy", "one", "two", "-v", "--bwlimit", text], cwd=tmp_path, text=True,
        capture_output=True, check=True, env=os.environ | {"RCLONE_CONFIG": os.devnull},
    ).stderr  # fmt: skip
    after = parse_bandwidth(text).at(datetime.now())

    found = re.search(r"bandwidth limiter at (\S+) Byte/s", told)
    assert found, told
    assert found[1] in {_as_rclone(before), _as_rclone(after)}


def _as_rclone(rate: Rate) -> str:
    up, down = ("off" if n is None else size_text(n)[:-1].replace(" ", "") for n in
                (rate.up, rate.down))  # fmt: skip
    return up if up == down else f"{up}:{down}"
