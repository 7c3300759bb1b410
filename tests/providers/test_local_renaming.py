"""Another program saves a file between the last look at it and what is done then."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.core.errors import Changed
from mirrorfs.providers.local.renaming import Check, put_over, take_away


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "new").write_text("new")
    (tmp_path / "place").write_text("old")
    return tmp_path / "place"


def save(place: Path, text: str) -> None:
    """Save a file as programs do: beside it first, then in its place."""
    beside = place.with_name("beside")
    beside.write_text(text)
    beside.replace(place)


def knows(place: Path, *meanwhile: Callable[[], object]) -> Check:
    """Return what knows the file that is there now; after each look something happens."""
    known, events = place.stat(), iter(meanwhile)

    def check(found: os.stat_result) -> None:
        is_same = (found.st_ino, found.st_mode) == (known.st_ino, known.st_mode)
        next(events, lambda: None)()
        if not is_same:
            raise Changed("It is another one.")

    return check


def held(place: Path) -> dict[str, str]:
    return {one.name: one.read_text() for one in place.parent.iterdir()}


def test_it_is_put_over_what_is_meant(place: Path) -> None:
    put_over(place.with_name("new"), place, knows(place))
    assert place.read_text() == "new"


def test_what_is_not_meant_stays(place: Path) -> None:
    check = knows(place)
    save(place, "saved")
    with pytest.raises(Changed):
        put_over(place.with_name("new"), place, check)
    with pytest.raises(Changed):
        take_away(place, place.with_name("temporary"), check)
    assert held(place) == {"new": "new", "place": "saved"}


def test_what_is_saved_after_the_look_stays(place: Path) -> None:
    with pytest.raises(Changed):
        put_over(place.with_name("new"), place, knows(place, lambda: save(place, "saved")))
    assert held(place) == {"new": "new", "place": "saved"}


def test_what_is_saved_once_more_stays(place: Path) -> None:
    saves = (lambda: save(place, "saved"), lambda: save(place, "again"))
    with pytest.raises(Changed):
        put_over(place.with_name("new"), place, knows(place, *saves))
    assert place.read_text() == "again"


def test_what_is_removed_after_the_look_does_not_come_back(place: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put_over(place.with_name("new"), place, knows(place, place.unlink))
    with pytest.raises(FileNotFoundError):
        take_away(place, place.with_name("temporary"), lambda _: None)
    assert held(place) == {"new": "new"}


def test_a_folder_that_came_after_the_look_stays(place: Path) -> None:
    def become() -> None:
        place.unlink()
        place.mkdir()

    with pytest.raises(Changed):
        put_over(place.with_name("new"), place, knows(place, become))
    assert place.is_dir()
    assert place.with_name("new").read_text() == "new"


def test_it_is_taken_away(place: Path) -> None:
    take_away(place, place.with_name("temporary"), knows(place))
    assert held(place) == {"new": "new"}


def test_what_is_saved_after_the_look_is_not_removed(place: Path) -> None:
    check = knows(place, lambda: save(place, "saved"))
    with pytest.raises(Changed):
        take_away(place, place.with_name("temporary"), check)
    assert held(place) == {"new": "new", "place": "saved"}


def test_what_is_saved_once_more_is_not_removed(place: Path) -> None:
    saves = (lambda: save(place, "saved"), lambda: save(place, "again"))
    with pytest.raises(Changed):
        take_away(place, place.with_name("temporary"), knows(place, *saves))
    assert place.read_text() == "again"
