"""A plan of which somebody declined a part."""

from __future__ import annotations

from mirrorfs.core.entry import folder
from sync.model import Action, Copy, Plan, Remove, Side
from sync.review import reviewed
from tests.sync import runs


def removal(path: str) -> Remove:
    return Remove(Side.TWO, runs.file(path), runs.path(path))


FOLDERS = tuple(Remove(Side.TWO, folder(runs.path(name)), None) for name in ("d/e", "d", "x"))
PLAN = Plan((runs.NEW, runs.CHANGED, removal("d/e/1"), removal("x/2"), *FOLDERS), skips=())


def test_only_what_is_lost_is_asked_about() -> None:
    asked: list[Action] = []

    assert reviewed(PLAN, lambda action: asked.append(action) is None) == PLAN
    assert asked == [runs.CHANGED, removal("d/e/1"), removal("x/2")]


def test_what_is_declined_stays_with_the_folders_around_it() -> None:
    found = reviewed(PLAN, lambda action: action == removal("x/2"))

    assert found.actions == (runs.NEW, removal("x/2"), FOLDERS[2])
    assert [(skip.path, skip.side, skip.error) for skip in found.skips] == [
        ("b.jpg", Side.ONE, False),
        ("d/e/1", Side.TWO, False),
    ]


def test_a_replacement_is_told_by_what_it_replaces() -> None:
    copy = Copy(Side.TWO, runs.file("a"), runs.path("b"), runs.file("b"), runs.path("a"))

    assert reviewed(Plan((copy,)), lambda _: False).skips[0].path == "b"
