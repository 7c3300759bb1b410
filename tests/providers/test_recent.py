"""What a search does not show yet, known to all processes of this machine."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.cloudinary import Settings
from mirrorfs.providers import cloudinary
from mirrorfs.providers.cloudinary.notebook import Notebook
from mirrorfs.providers.cloudinary.provider import CloudinaryProvider
from tests.providers.cloud import PATIENCE, Cloud, run


@pytest.fixture(params=["dynamic", "fixed"])
def lagging(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """An account whose search shows nothing new as long as a test lasts."""
    with run(Settings(folder_mode=request.param, search_lag=3600.0)) as cloud:
        yield cloud


def opened(cloud: Cloud, notes: Path) -> CloudinaryProvider:
    """Open the account as another process of this machine does."""
    return cloudinary.open(cloud.credentials, SystemClock(), PATIENCE, "", notes)


def seen(cloud: Cloud, notes: Path) -> dict[str, bytes]:
    target = opened(cloud, notes)
    found = target.scan(ROOT).entries
    return {path: b"".join(target.read(one)) for path, one in found.items() if not one.is_folder}


def test_the_next_process_sees_what_this_one_wrote(lagging: Cloud, tmp_path: Path) -> None:
    notes = tmp_path / "cache/notes.jsonl"
    lagging.provider = opened(lagging, notes)
    first, second = lagging.put("a/1.txt", b"first"), lagging.put("a/2.txt", b"second")
    lagging.put("3.txt", b"third")
    assert seen(lagging, notes) == {"a/1.txt": b"first", "a/2.txt": b"second", "3.txt": b"third"}
    other = opened(lagging, notes)
    lagging.put("a/1.txt", b"first, edited", replaces=first)
    lagging.provider.remove(second)
    lagging.provider.rename(lagging.provider.stat(parse("3.txt")), parse("b/3.txt"))
    wanted = {"a/1.txt": b"first, edited", "b/3.txt": b"third"}
    assert seen(lagging, notes) == wanted
    assert {path for path, one in other.scan(ROOT).entries.items() if not one.is_folder} == set(
        wanted
    )
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600


def test_notes_are_told_once_and_only_while_they_count(tmp_path: Path) -> None:
    mine, theirs = Notebook(tmp_path / "new/notes"), Notebook(tmp_path / "new/notes")
    assert theirs.news(0) == []
    for number in range(3):
        mine.add({"folder": str(number), "until": 10.0 + number}, 0)
    assert [note["folder"] for note in theirs.news(10.5)] == ["1", "2"]
    assert theirs.news(0) == []
    mine.add({"folder": "3", "until": 20.0}, 11)
    assert [note["folder"] for note in theirs.news(11)] == ["3"]


def test_a_notebook_does_not_grow_for_ever_and_damage_is_left_out(tmp_path: Path) -> None:
    place = tmp_path / "notes"
    place.write_bytes(
        b'{"until": 1}\n{"folder": "old", "until": 99}\nx\n[]\n{}\n\xff\n' + b" " * (5 << 20)
    )
    book = Notebook(place)
    assert [note["folder"] for note in Notebook(place).news(50)] == ["old"]
    book.add({"folder": "new", "until": 99}, 50)
    assert place.stat().st_size < 100
    assert [note["folder"] for note in book.news(50)] == ["old", "new"]


def test_a_notebook_that_cannot_be_written_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    book = Notebook(tmp_path / "file/notes")
    book.add({"folder": "a", "until": 99}, 0)
    assert book.news(0) == []
