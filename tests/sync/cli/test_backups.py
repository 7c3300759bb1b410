"""``--backup-dir`` and ``--suffix``: what is lost goes there, and where it may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from tests.sync.cli.conftest import Shell

ONE = {"x": "newer", "keep": "k", "sub/s": "s"}
TWO = {"x": "old", "keep": "k", "gone": "g", "sub/s": "s"}


@pytest.fixture
def sides(shell: Shell) -> Shell:
    shell.fill("one", ONE)
    shell.fill("two", TWO)
    return shell


def everything(folder: Path, *names: str) -> dict[str, str]:
    """Return all files below some folders of ``folder``."""
    files = (one for name in names for one in (folder / name).rglob("*") if one.is_file())
    return {one.relative_to(folder).as_posix(): one.read_text() for one in files}


@pytest.mark.parametrize(
    "command",
    [
        "sync one two --backup-dir back",
        "copy one two --backup-dir back",
        "move one two --backup-dir back",
        "sync one two --backup-dir back --suffix .bak",
        "sync one two --backup-dir two/old --exclude /old/**",
        "sync one two --backup-dir two/old --exclude old/**",
        "sync one two --backup-dir two/old/deep --exclude /old/**",
        "sync one two --backup-dir one/old --exclude /old/**",
        "sync one two --backup-dir two/old --filter=-_/old/",
        "copyto one/x two/x --backup-dir two/old",
        "copyto one/x two/x --backup-dir one/old",
        "copyto one/x two/x --backup-dir .",
        "copy one/x two --backup-dir two/old",
        "moveto one/x two/x --backup-dir two/old",
        "copy one/x two --backup-dir two --suffix .bak",
    ],
)
def test_what_is_lost_is_kept_where_rclone_keeps_it(sides: Shell, command: str) -> None:
    args = [word.replace("_", " ") for word in command.split()]
    theirs = Shell(sides.folder / "theirs", sides.environment)
    theirs.fill("one", ONE)
    theirs.fill("two", TWO)

    sides.done(*args)
    assert theirs.rclone(*args).returncode == 0

    held = everything(sides.folder, "one", "two", "back")
    assert held == everything(theirs.folder, "one", "two", "back")
    assert ((sides.folder / "x").exists(), "old" in held.values()) in {(True, False), (False, True)}
    assert (sides.folder / "x").exists() == (theirs.folder / "x").exists()
    trashed = {line.split()[-1] for line in sides.done("trash", "list").splitlines()}
    moved = {"one/keep", "one/sub/s"}  # a move keeps what both sides had, and backs up no source
    assert trashed == (moved if args[0] == "move" else set())


@pytest.mark.parametrize(
    "command",
    [
        "sync one two --backup-dir two/old",
        "sync one two --backup-dir one/old",
        "sync one two --backup-dir two",
        "sync one two --backup-dir one",
        "sync one two --backup-dir two --suffix .bak",
        "sync one/sub two --backup-dir one",
        "sync one two/sub --backup-dir two",
        "copy one two --backup-dir two/old",
        "move one two --backup-dir one/old",
        "copyto one two --backup-dir one/old",
        "sync one two --backup-dir two/old --exclude *.tmp",
        "sync one two --backup-dir two/old --exclude /old/*",
        "sync one two --backup-dir two/old --include x",
        "sync one two --backup-dir two/old --max-depth 1",
        "sync one two --backup-dir two/old/deep --max-depth 1",
        "copyto one/x two/x --backup-dir two",
        "copyto one/x two/x --backup-dir one",
        "copy one/x two --backup-dir two",
        "bisync one two --backup-dir1 one/old",
        "bisync one two --backup-dir1 two/old",
        "bisync one two --backup-dir2 one/old",
        "bisync one two --backup-dir two/old",
        "bisync one two --backup-dir one",
    ],
)
def test_what_overlaps_is_refused_where_rclone_refuses_it(sides: Shell, command: str) -> None:
    before = everything(sides.folder, "one", "two")

    ours = sides.here(*command.split())

    assert ours.status == 2
    assert "overlap" in ours.err
    assert ours.err.startswith("mirrorsync: --backup-dir")
    assert everything(sides.folder, "one", "two") == before
    first = ["--resync"] if command.startswith("bisync") else []
    assert sides.rclone(*command.split(), *first).returncode == 7


@pytest.mark.parametrize(
    "command",
    ["sync link two --backup-dir one/old", "sync one two --backup-dir link/old",
     "sync one two --backup-dir two/../one/old", "sync one two --backup-dir ."],
)  # fmt: skip
def test_another_name_of_a_side_is_that_side_and_what_holds_both_overlaps(
    sides: Shell, command: str
) -> None:
    (sides.folder / "link").symlink_to("one")

    done = sides.here(*command.split())

    assert done.status == 2
    assert "overlap" in done.err
    assert sides.held("two") == TWO


def test_what_a_filter_leaves_out_stays_a_backup_in_the_next_run(sides: Shell) -> None:
    args = ("sync", "one", "two", "--backup-dir", "two/old", "--exclude", "/old/**")
    sides.done(*args)
    sides.fill("one", {"x": "third"})

    sides.done(*args)

    assert everything(sides.folder / "two", "old") == {
        "old/x": "old", "old/gone": "g", "old/x (2)": "newer",
    }  # fmt: skip
    assert not (sides.folder / "one/old").exists()


def test_a_backup_is_on_the_same_disk_or_account(sides: Shell) -> None:
    with Server(Settings(cloud_name="demo", api_secret="a-secret")) as server:
        sides.environment["CLOUDINARY_URL"] = server.cloudinary_url
        for command in (
            "sync one cloudinary:two --backup-dir back",
            "sync one two --backup-dir cloudinary:back",
            "bisync one cloudinary:two --backup-dir back",
            "bisync one cloudinary:two --backup-dir1 cloudinary:back",
        ):
            done = sides.here(*command.split())
            assert done.status == 2
            assert "it has to be" in done.err
        for command in (
            "sync one cloudinary:two --backup-dir cloudinary:two/old",
            "sync one cloudinary:two/deep --backup-dir cloudinary:two",
        ):
            done = sides.here(*command.split())
            assert (done.status, "overlap" in done.err) == (2, True)
    assert sides.held("two") == TWO


def test_bisync_keeps_what_both_sides_lose_in_one_folder(sides: Shell) -> None:
    sides.fill("two", {"x": "newer"})
    sides.done("bisync", "one", "two")
    sides.fill("one", {"x": "by one"})
    sides.fill("two", {"keep": "by two"})

    sides.done("bisync", "one", "two", "--backup-dir", "back")

    assert sides.held("one") == sides.held("two")
    assert sides.held("back") == {"x": "newer", "keep": "k"}

    sides.fill("one", {"x": "again"})
    sides.fill("two", {"keep": "again"})
    sides.done("bisync", "one", "two", "--backup-dir", "back", "--backup-dir1", "back1")
    assert sides.held("back1") == {"keep": "by two"}
    assert sides.held("back") == {"x": "newer", "keep": "k", "x (2)": "by one"}
    assert sides.done("trash", "list") == ""


def test_bisync_may_keep_within_a_side_what_its_filters_leave_out(sides: Shell) -> None:
    (sides.folder / "rules").write_text("- /old/**\n")
    args = ("bisync", "one", "two", "--backup-dir1", "one/old", "--filters-file", "rules")
    sides.fill("two", {"x": "newer"})
    sides.done(*args)
    sides.fill("two", {"x": "by two"})

    sides.done(*args)
    sides.done(*args)

    assert sides.held("one")["x"] == "by two"
    assert everything(sides.folder / "one", "old") == {"old/x": "newer"}
    assert not (sides.folder / "two/old").exists()


@pytest.mark.parametrize("verb", ["copy", "sync", "move", "bisync"])
def test_a_suffix_alone_keeps_the_old_version_beside_the_new(sides: Shell, verb: str) -> None:
    sides.fill("two", {"x": "newer"})
    sides.done(verb.replace("move", "copy"), "one", "two", "--suffix", ".bak")
    sides.fill("one", {"x": "third"})

    sides.done(verb, "one", "two", "--suffix", ".bak")

    held = sides.held("two")
    assert (held["x"], held["x.bak"]) == ("third", "newer")
    assert "x.bak" not in sides.held("one")


def test_the_place_of_a_backup_alone_makes_nothing(sides: Shell) -> None:
    sides.done("copy", "one", "three", "--backup-dir", "back")

    assert sides.held("three") == ONE
    assert not (sides.folder / "back").exists()
