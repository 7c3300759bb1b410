"""``--ignore-case-sync`` and ``--fix-case``: names that differ in case alone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Shell, draw

ONE = {"Foo.jpg": "same", "Bar.jpg": "newer", "Dir/x": "x", "Dir/new": "n", "Dir/Deep/z": "z"}
TWO = {"foo.jpg": "same", "bar.jpg": "old", "dir/X": "x", "dir/deep/z": "z"}
SPELLED_BY_TWO = {
    "foo.jpg": "same", "bar.jpg": "newer", "dir/X": "x", "dir/new": "n", "dir/deep/z": "z",
}  # fmt: skip
IGNORES = "--ignore-case-sync"
FIXES = "--fix-case"


@pytest.fixture
def sides(shell: Shell) -> Shell:
    shell.fill("one", ONE)
    shell.fill("two", TWO)
    os.utime(shell.folder / "two/bar.jpg", (1_000_000_000, 1_000_000_000))
    return shell


def folders(place: Path) -> set[str]:
    return {one.relative_to(place).as_posix() for one in place.rglob("*") if one.is_dir()}


@pytest.mark.parametrize("verb", ["copy", "sync"])
def test_each_side_keeps_its_own_names_and_nothing_is_sent_for_them(
    sides: Shell, verb: str
) -> None:
    done = sides.here(verb, "one", "two", IGNORES, "-v")

    assert sides.held("one") == ONE
    assert sides.held("two") == SPELLED_BY_TWO
    assert sorted(re.findall(r"→ (\w+) +(\S+) ", done.err)) == [
        ("changed", "Bar.jpg"), ("new", "Dir/new"),
    ]  # fmt: skip
    again = sides.here(verb, "one", "two", IGNORES, "--error-on-no-transfer")
    assert again.status == 9


def test_without_it_they_are_names_of_their_own(sides: Shell) -> None:
    sides.done("copy", "one", "two")

    assert sides.held("two") == ONE | TWO


def test_what_only_the_other_side_has_is_still_deleted(sides: Shell) -> None:
    sides.fill("two", {"Extra": "e"})

    sides.done("sync", "one", "two", IGNORES)
    (sides.folder / "one/Foo.jpg").unlink()
    sides.done("sync", "one", "two", IGNORES)

    assert sides.held("two") == {k: v for k, v in SPELLED_BY_TWO.items() if k != "foo.jpg"}
    assert "two/Extra" in sides.done("trash", "list")


def test_a_move_leaves_by_its_own_names(sides: Shell) -> None:
    sides.done("move", "one", "two", IGNORES)

    assert sides.held("one") == {}
    assert sides.held("two") == SPELLED_BY_TWO


def test_what_is_replaced_goes_to_the_backup_by_its_own_name(sides: Shell) -> None:
    sides.done("sync", "one", "two", IGNORES, "--backup-dir", "back")

    assert sides.held("back") == {"bar.jpg": "old"}


def test_what_is_replaced_comes_back_from_the_trash_by_its_own_name(sides: Shell) -> None:
    sides.done("sync", "one", "two", IGNORES)
    (sides.folder / "two/bar.jpg").unlink()

    sides.done("trash", "restore", "bar.jpg")

    assert sides.held("two") == SPELLED_BY_TWO | {"bar.jpg": "old"}


@pytest.mark.parametrize("verb", ["sync", "copy"])
def test_names_are_fixed_after_those_of_the_first_side(sides: Shell, verb: str) -> None:
    dry = sides.done(verb, "one", "two", IGNORES, FIXES, "-n")
    assert sides.held("two") == TWO

    done = sides.here(verb, "one", "two", IGNORES, FIXES, "-v")

    assert done.status == 0
    assert sides.held("two") == ONE
    assert folders(sides.folder / "two") == {"Dir", "Dir/Deep"}
    moved = {line.split()[2] for line in dry.splitlines() if line.split()[1] == "moved"}
    assert moved == {"Foo.jpg", "Bar.jpg", "Dir/x", "Dir/Deep/z"}
    assert all(line in done.err for line in dry.splitlines() if line.split()[1] == "moved")
    assert done.err.count(" new ") == 1
    assert sides.here(verb, "one", "two", "--error-on-no-transfer").status == 9


def test_where_case_is_told_fixing_alone_does_nothing_as_in_rclone(sides: Shell) -> None:
    sides.done("copy", "one", "two", FIXES)
    theirs = Shell(sides.folder / "theirs", sides.environment)
    theirs.fill("one", ONE)
    theirs.fill("two", TWO)
    theirs.rclone("copy", "one", "two", FIXES)

    assert sides.held("two") == ONE | TWO == theirs.held("two")


def test_folders_that_hold_what_filters_leave_out_keep_their_names(sides: Shell) -> None:
    sides.fill("two", {"dir/t.tmp": "t"})

    sides.done("sync", "one", "two", IGNORES, FIXES, "--exclude", "*.tmp")

    assert sides.held("two") == {
        "Foo.jpg": "same", "Bar.jpg": "newer", "dir/x": "x", "dir/new": "n", "dir/Deep/z": "z",
        "dir/t.tmp": "t",
    }  # fmt: skip


def test_bisync_brings_edits_and_deletions_over_between_two_spellings(shell: Shell) -> None:
    names = {"Foo.jpg": "f", "Dir/x": "x", "1": "1", "2": "2", "3": "3"}
    shell.fill("one", names)
    shell.fill("two", {name.lower(): body for name, body in names.items()})
    shell.done("bisync", "one", "two", IGNORES)
    assert shell.held("one") == names

    shell.fill("one", {"Foo.jpg": "by one", "Dir/new": "n"})
    shell.fill("two", {"dir/x": "by two", "dir/other": "o"})
    shell.done("bisync", "one", "two", IGNORES)
    expected = names | {
        "Foo.jpg": "by one", "Dir/x": "by two", "Dir/new": "n", "Dir/other": "o",
    }  # fmt: skip
    assert shell.held("one") == expected
    assert shell.held("two") == {name.lower(): body for name, body in expected.items()}

    (shell.folder / "one/Foo.jpg").unlink()
    (shell.folder / "two/dir/x").unlink()
    shell.done("bisync", "one", "two", IGNORES)
    assert shell.held("one").keys() == expected.keys() - {"Foo.jpg", "Dir/x"}
    assert shell.held("two").keys() == {name.lower() for name in shell.held("one")}
    assert shell.done("status", "one", "two", IGNORES) == "Both sides are alike.\n"


def test_bisync_leaves_a_name_whose_case_alone_changed(shell: Shell) -> None:
    shell.fill("one", {"a": "a", "b": "b"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two", IGNORES)
    (shell.folder / "one/a").rename(shell.folder / "one/A")
    (shell.folder / "two/b").rename(shell.folder / "two/B")

    shell.done("bisync", "one", "two", IGNORES)

    assert shell.held("one").keys() == {"A", "b"}
    assert shell.held("two").keys() == {"a", "B"}
    shell.done("bisync", "one", "two", IGNORES, FIXES)
    assert shell.held("one").keys() == shell.held("two").keys() == {"A", "b"}


def test_another_spelling_is_no_difference_where_case_is_ignored(shell: Shell) -> None:
    shell.fill("one", {"Foo.jpg": "f", "Dir/x": "x"})
    shell.fill("two", {"foo.jpg": "f", "dir/y": "y"})
    for when in ("true", "only"):
        ran = shell.here("bisync", "one", "two", IGNORES, "--check-sync", when)
        assert (ran.status, "0 differences" in ran.err) == (0, True)
    shell.fill("two", {"dir/y": "edited"})

    told = shell.done("manifest", "verify", "one", "two", IGNORES, status=1)

    assert told == "path2: edited Dir/y\n"
    ran = shell.here("bisync", "one", "two", IGNORES, FIXES, "--check-sync", "true")
    assert (ran.status, "0 differences" in ran.err) == (0, True)


def test_bisync_keeps_both_versions_of_a_conflict_between_two_spellings(shell: Shell) -> None:
    shell.fill("one", {"Foo.jpg": "mine"})
    shell.fill("two", {"foo.jpg": "yours"})

    shell.done("bisync", "one", "two", IGNORES, "--conflict-loser", "num")

    assert shell.held("one") == {"Foo.jpg": "yours", "Foo.conflict1.jpg": "mine"}
    assert shell.held("two") == {"foo.jpg": "yours", "Foo.conflict1.jpg": "mine"}


def test_two_that_differ_in_case_alone_on_one_side_both_stay(shell: Shell) -> None:
    shell.fill("one", {"a": "small", "A": "large"})
    shell.fill("two", {"a": "small"})

    shell.done("bisync", "one", "two", IGNORES)

    assert shell.held("one") == shell.held("two") == {"a": "small", "A": "large"}


def test_check_finds_what_rclone_finds(sides: Shell) -> None:
    ours = sides.here("check", "one", "two", IGNORES, "--combined", "-")
    theirs = sides.rclone("check", "one", "two", IGNORES, "--combined", "-")

    assert ours.status == theirs.returncode == 1
    folded = [sorted(out.casefold().splitlines()) for out in (ours.out, theirs.stdout)]
    assert folded[0] == folded[1]
    assert sides.here("check", "one", "two").status == 1
    sides.done("sync", "one", "two", IGNORES)
    assert sides.here("check", "one", "two", IGNORES).status == 0


def test_names_of_a_cloud_that_differ_in_case_alone_are_one(shell: Shell, cloud: str) -> None:
    draw(shell.folder / "one/Trip/Red.jpg", "red")
    draw(shell.folder / "one/Trip/Blue.jpg", "blue")
    draw(shell.folder / "other/trip/RED.jpg", "red")
    draw(shell.folder / "other/trip/blue.jpg", "green")
    shell.done("copy", "one", f"{cloud}There")
    there = f"{cloud}There"

    shell.done("sync", "other", there, IGNORES)

    listed = set(shell.done("lsf", "-R", "--files-only", there).splitlines())
    assert listed == {"Trip/Red.jpg", "Trip/Blue.jpg"}
    assert shell.here("check", "other", there, IGNORES).status == 0
    again = shell.here("sync", "other", there, IGNORES, "--error-on-no-transfer")
    assert again.status == 9


def test_names_of_a_cloud_are_fixed_where_it_can_rename(shell: Shell, cloud: str) -> None:
    draw(shell.folder / "one/Trip/Red.jpg", "red")
    draw(shell.folder / "other/trip/RED.jpg", "red")
    there = f"{cloud}There"
    shell.done("copy", "one", there)

    fixed = shell.here("sync", "other", there, IGNORES, FIXES, "--error-on-no-transfer")

    listed = shell.done("lsf", "-R", "--files-only", there)
    if cloud == "smugmug:":
        assert (fixed.status, listed) == (1, "Trip/Red.jpg\n")
        assert "would differ from 'Red.jpg' by case only" in fixed.err
    else:
        assert (fixed.status, listed) == (9, "Trip/RED.jpg\n")
