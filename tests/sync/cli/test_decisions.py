"""Every row of the decision table, through the command line, both ways round."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync.model import Change
from sync.table import RULES
from tests.sync.cli.conftest import Shell

SAME, NEW, EDITED, TOUCHED, MOVED, DELETED, RETYPED = (
    Change.SAME, Change.NEW, Change.EDITED, Change.TOUCHED, Change.MOVED, Change.DELETED,
    Change.RETYPED,
)  # fmt: skip
OTHERS = {f"{n}.txt": str(n) for n in range(4)}
THEN = 1_600_000_000

CONFLICT = {"f": "by two", "f.conflict1": "by one"}
EXPECTED: dict[tuple[Change, Change], dict[str, str]] = {
    (SAME, SAME): {"f": "agreed"},
    (NEW, SAME): {"f": "by first"},
    (NEW, NEW): CONFLICT,
    (EDITED, SAME): {"f": "by first"},
    (EDITED, EDITED): CONFLICT,
    (TOUCHED, SAME): {"f": "agreed"},
    (TOUCHED, TOUCHED): {"f": "agreed"},
    (TOUCHED, EDITED): {"f": "by second"},
    (MOVED, SAME): {"moved by first": "agreed"},
    (MOVED, TOUCHED): {"moved by first": "agreed"},
    (MOVED, EDITED): {"moved by first": "by second"},
    (MOVED, MOVED): {"moved by two": "agreed"},
    (DELETED, SAME): {},
    (DELETED, TOUCHED): {},
    (DELETED, EDITED): {"f": "by second"},
    (DELETED, MOVED): {"moved by second": "agreed"},
    (DELETED, DELETED): {},
    (RETYPED, SAME): {"f/by first": "by first"},
    (RETYPED, TOUCHED): {"f/by first": "by first"},
    (RETYPED, EDITED): {"f/by first": "by first", "f.conflict1": "by second"},
    (RETYPED, MOVED): {"f/by first": "by first", "moved by second": "agreed"},
    (RETYPED, DELETED): {"f/by first": "by first"},
    (RETYPED, RETYPED): {"f/by first": "by first", "f/by second": "by second"},
}
"""What both sides hold in the end; path2 keeps the name of a conflict."""


def do(change: Change, side: Path) -> None:
    """Let something happen to the file ``f`` of a side."""
    file, by = side / "f", f"by {side.name}"
    match change:
        case Change.NEW | Change.EDITED:
            file.write_text(by)
        case Change.TOUCHED:
            os.utime(file, (THEN, THEN + len(by)))
        case Change.MOVED:
            file.rename(side / f"moved {by}")
        case Change.DELETED:
            file.unlink()
        case Change.RETYPED:
            file.unlink()
            file.mkdir()
            (file / by).write_text(by)


def named(held: dict[str, str], first: str, second: str) -> dict[str, str]:
    """Return files with the names of sides instead of ``first`` and ``second``."""
    names = {"first": first, "second": second}

    def told(text: str) -> str:
        return " ".join(names.get(word, word) for word in text.split(" "))

    return {told(path): told(body) for path, body in held.items()}


def bodies(shell: Shell) -> set[str]:
    """Return all that is anywhere: on both sides and in the trash."""
    places = (shell.folder / name for name in ("one", "two", "home/state/mirrorsync/trash"))
    files = (one for place in places for one in place.rglob("*") if one.is_file())
    return {one.read_text() for one in files if one.name != "run.json"}


def test_the_table_is_tested_whole() -> None:
    assert {(rule.first, rule.second) for rule in RULES} == EXPECTED.keys()


@pytest.mark.parametrize(("first", "second"), [("one", "two"), ("two", "one")])
@pytest.mark.parametrize("changes", EXPECTED, ids=lambda one: f"{one[0].value}-{one[1].value}")
def test_what_happened_on_both_sides_ends_as_the_table_says(
    shell: Shell, changes: tuple[Change, Change], first: str, second: str
) -> None:
    shell.fill("one", OTHERS if NEW in changes else OTHERS | {"f": "agreed"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    do(changes[0], shell.folder / first)
    do(changes[1], shell.folder / second)
    before = bodies(shell)

    ended = shell.here("bisync", "one", "two", "--conflict-loser", "num")

    expected = OTHERS | named(EXPECTED[changes], first, second)
    assert ended.status == 0, ended
    assert shell.held("one") == expected
    assert shell.held("two") == expected
    assert bodies(shell) == before
    assert shell.done("status", "one", "two") == "Both sides are alike.\n"
    assert shell.here("bisync", "one", "two", "--error-on-no-transfer").status == 9


@pytest.mark.parametrize("change", [NEW, EDITED])
def test_equal_bytes_are_no_conflict_and_are_not_sent(shell: Shell, change: Change) -> None:
    shell.fill("one", OTHERS if change is NEW else OTHERS | {"f": "agreed"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    for side in ("one", "two"):
        shell.fill(side, {"f": "the same"})

    ended = shell.here("bisync", "one", "two", "--error-on-no-transfer")

    assert ended.status == 9
    assert shell.held("one") == shell.held("two") == OTHERS | {"f": "the same"}


@pytest.mark.parametrize("side", ["one", "two"])
def test_a_time_alone_goes_over_without_its_bytes(shell: Shell, side: str) -> None:
    shell.fill("one", OTHERS | {"f": "agreed"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    os.utime(shell.folder / side / "f", (THEN, THEN))

    assert shell.here("bisync", "one", "two", "--error-on-no-transfer").status == 9

    assert {(shell.folder / name / "f").stat().st_mtime for name in ("one", "two")} == {THEN}


def test_of_two_times_each_side_keeps_its_own(shell: Shell) -> None:
    shell.fill("one", OTHERS | {"f": "agreed"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    os.utime(shell.folder / "one/f", (THEN, THEN))
    os.utime(shell.folder / "two/f", (THEN, THEN + 5))

    shell.done("bisync", "one", "two")

    times = [(shell.folder / name / "f").stat().st_mtime for name in ("one", "two")]
    assert times == [THEN, THEN + 5]
