"""``--conflict-resolve``, ``--conflict-loser``, ``--conflict-suffix`` and ``--resync-mode``."""

from __future__ import annotations

import os
import re

import pytest

from tests.sync.cli.conftest import Shell

OLDER, NEWER = 1_600_000_000, 1_700_000_000
SHORT, LONG = "short", "much longer"
BASE = {"f.txt": "agreed", "other": "o"}


def clash(shell: Shell, one: tuple[str, int], two: tuple[str, int]) -> None:
    """Let both sides have a version of one file: its body and its time."""
    for side, (body, moment) in (("one", one), ("two", two)):
        shell.fill(side, {"f.txt": body})
        os.utime(shell.folder / side / "f.txt", (moment, moment))


def trashed(shell: Shell) -> set[str]:
    """Return what is in the trash."""
    files = (shell.folder / "home/state/mirrorsync/trash").rglob("f.txt*")
    return {one.read_text() for one in files}


@pytest.fixture
def pair(shell: Shell) -> Shell:
    shell.fill("one", BASE)
    shell.fill("two", BASE)
    shell.done("bisync", "one", "two")
    return shell


@pytest.mark.parametrize(
    ("word", "one", "two", "winner"),
    [
        ("newer", (SHORT, NEWER), (LONG, OLDER), SHORT),
        ("newer", (SHORT, OLDER), (LONG, NEWER), LONG),
        ("older", (SHORT, NEWER), (LONG, OLDER), LONG),
        ("older", (SHORT, OLDER), (LONG, NEWER), SHORT),
        ("larger", (SHORT, NEWER), (LONG, OLDER), LONG),
        ("larger", (LONG, NEWER), (SHORT, OLDER), LONG),
        ("smaller", (SHORT, NEWER), (LONG, OLDER), SHORT),
        ("smaller", (LONG, NEWER), (SHORT, OLDER), SHORT),
        ("path1", (SHORT, NEWER), (LONG, OLDER), SHORT),
        ("path2", (SHORT, NEWER), (LONG, OLDER), LONG),
    ],
)
def test_who_wins_keeps_the_name(
    pair: Shell, word: str, one: tuple[str, int], two: tuple[str, int], winner: str
) -> None:
    clash(pair, one, two)
    loser = ({one[0], two[0]} - {winner}).pop()
    flags = ("--conflict-resolve", word, "--conflict-loser", "num")

    pair.done("bisync", "one", "two", *flags)

    kept = {"f.txt": winner, "f.conflict1.txt": loser, "other": "o"}
    assert pair.held("one") == pair.held("two") == kept

    clash(pair, (f"new {one[0]}", one[1] + 5), (f"new {two[0]}", two[1] + 5))
    pair.done("bisync", "one", "two", "--conflict-resolve", word, "--conflict-loser", "delete")
    assert pair.held("one") == pair.held("two") == kept | {"f.txt": f"new {winner}"}
    assert f"new {loser}" in trashed(pair)


@pytest.mark.parametrize("word", ["none", "newer", "older", "larger", "smaller"])
def test_where_nobody_wins_both_are_kept_also_when_the_loser_is_to_go(
    pair: Shell, word: str
) -> None:
    clash(pair, ("mine!", NEWER), ("yours", NEWER))

    pair.done("bisync", "one", "two", "--conflict-resolve", word, "--conflict-loser", "delete")

    assert pair.held("one") == pair.held("two")
    assert sorted(pair.held("one").values()) == ["mine!", "o", "yours"]


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ("--conflict-loser num", r"f\.conflict1\.txt"),
        ("--conflict-loser num --conflict-suffix lost", r"f\.lost1\.txt"),
        ("--conflict-loser num --conflict-suffix mine,yours", r"f\.mine1\.txt"),
        ("--conflict-loser num --conflict-suffix mine,yours --conflict-resolve path1",
         r"f\.yours1\.txt"),
        ("--conflict-loser pathname", r"f\.path1\.txt"),
        ("--conflict-loser pathname --conflict-resolve path1", r"f\.path2\.txt"),
        ("--conflict-loser aside", r"f \(conflict \S+ \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt"),
        ("--conflict-suffix lost", r"f \(lost \S+ \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\)\.txt"),
    ],
)  # fmt: skip
def test_the_loser_is_called_as_asked(pair: Shell, flags: str, name: str) -> None:
    clash(pair, (SHORT, NEWER), (LONG, OLDER))

    pair.done("bisync", "one", "two", *flags.split())

    assert pair.held("one") == pair.held("two")
    (made,) = pair.held("one").keys() - BASE.keys()
    assert re.fullmatch(name, made), made


def test_a_second_conflict_of_a_name_gets_the_next_number(pair: Shell) -> None:
    for number, turn in enumerate(("first", "second")):
        clash(pair, (f"mine, {turn}", NEWER + number), (f"yours, {turn}", NEWER + number))
        pair.done("bisync", "one", "two", "--conflict-loser", "num")

    assert pair.held("one") == pair.held("two")
    assert pair.held("one") == {
        "f.txt": "yours, second", "f.conflict1.txt": "mine, first",
        "f.conflict2.txt": "mine, second", "other": "o",
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["--conflict-resolve", "--conflict-loser", "--resync-mode"])
def test_a_word_that_is_not_known_is_refused(pair: Shell, flag: str) -> None:
    assert pair.here("bisync", "one", "two", flag, "whatever").status == 2


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("path1", SHORT), ("path2", LONG), ("newer", SHORT), ("older", LONG), ("larger", LONG),
     ("smaller", SHORT)],
)  # fmt: skip
def test_a_first_run_keeps_the_version_that_rclone_keeps(
    shell: Shell, mode: str, kept: str
) -> None:
    theirs = Shell(shell.folder / "theirs", shell.environment)
    for one in (shell, theirs):
        clash(one, (SHORT, NEWER), (LONG, OLDER))
        one.fill("one", {"only one": "1"})
        one.fill("two", {"only two": "2"})

    shell.done("bisync", "one", "two", "--resync", "--resync-mode", mode)
    theirs.rclone("bisync", "one", "two", "--resync", "--resync-mode", mode)

    assert shell.held("one") == shell.held("two") == theirs.held("one") == theirs.held("two")
    assert shell.held("one") == {"f.txt": kept, "only one": "1", "only two": "2"}
    assert trashed(shell) == {SHORT, LONG} - {kept}


def test_a_first_run_again_brings_back_what_one_side_lost(pair: Shell) -> None:
    (pair.folder / "one/f.txt").unlink()

    pair.done("bisync", "one", "two", "--resync")

    assert pair.held("one") == pair.held("two") == BASE
