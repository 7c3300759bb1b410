"""One line a path."""

from __future__ import annotations

import pytest

from sync.model import Action, Conflict, Copy, Side
from sync.words import conflict_line, line_of, plain, plan_lines, skip_line
from tests.sync import runs


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (runs.NEW, "→ new       a/new.jpg  (2 KiB)"),
        (runs.CHANGED, "← changed   b.jpg  (1000 B)"),
        (runs.MOVED, "→ moved     c/now.jpg  (from old.jpg)"),
        (runs.GONE, "→ deleted   gone.jpg"),
        (runs.FOLDER, "→ folder    a"),
        (runs.TIMED, "← time      t.jpg"),
        (runs.KNOWN, "= adopted   same.jpg"),
        (runs.FORGOTTEN, "= forgotten never.jpg"),
    ],
)
def test_each_action_has_its_line(action: Action, line: str) -> None:
    assert str(line_of(action)) == line


def test_another_name_over_there_is_told() -> None:
    heic = Copy(Side.ONE, runs.file("a.jpg"), runs.path("a.heic"), None, runs.path("a.heic"))

    assert "from a.jpg" in str(line_of(heic))


def test_a_conflict_says_who_keeps_the_name() -> None:
    line = str(conflict_line(runs.CLASH))

    assert line.startswith("! conflict  p.jpg")
    assert "path2 keeps the name" in line
    assert "p (conflict).jpg" in line


def test_a_loser_that_goes_is_told() -> None:
    clash = Conflict(runs.path("p"), runs.file("p"), runs.file("p"), Side.ONE, None)

    assert "the other goes" in str(conflict_line(clash))


def test_no_name_reaches_the_terminal_as_a_command() -> None:
    assert "\x1b" not in str(skip_line(runs.SKIPPED))
    assert plain("a\x1b[2J\n\u202egpj.exe\udcff") == "a\\x1b[2J\\x0a\\x202egpj.exe\\xdcff"
    assert plain("Ünï 山.jpg") == "Ünï 山.jpg"


def test_bookkeeping_is_told_only_when_asked_for() -> None:
    few = [line.path for line in plan_lines(runs.PLAN)]
    all_ = [line.path for line in plan_lines(runs.PLAN, bookkeeping=True)]

    assert "same.jpg" not in few
    assert set(all_) - set(few) == {"same.jpg", "never.jpg"}
    assert few[-2:] == ["p.jpg", runs.SKIPPED.path]
