"""Where files are in the end is as it is with rclone, whatever flags the command has."""

from __future__ import annotations

import json
import os

import pytest

from tests.sync.cli.conftest import Shell

OLD, NEW = 1_577_836_800, 1_609_459_200
SIDES = {
    "one": {"same": ("s", OLD), "x": ("newer", NEW), "y": ("oldd", OLD), "d/new": ("n", OLD)},
    "two": {"same": ("s", OLD), "x": ("old", OLD), "y": ("newest", NEW)},
}
FLAGS = [
    "", "--immutable", "--size-only", "--checksum", "--create-empty-src-dirs", "--ignore-times",
    "--suffix .bak", "--backup-dir back", "--dry-run", "--include x", "--error-on-no-transfer",
    "--max-depth 1", "--min-age 1d",
]  # fmt: skip
SPARING = ["--ignore-existing", "--update"]
EACH = [(verb, flag) for verb in ("copy", "sync", "move") for flag in FLAGS]
EACH += [(verb, flag) for verb in ("copy", "sync") for flag in SPARING]


def laid_out(shell: Shell) -> Shell:
    """Let both sides differ in every way."""
    for side, files in SIDES.items():
        for name, (body, moment) in files.items():
            shell.fill(side, {name: body})
            os.utime(shell.folder / side / name, (moment, moment))
    (shell.folder / "one/empty/deeper").mkdir(parents=True)
    return shell


def tree(shell: Shell) -> dict[str, str | None]:
    """Return what is on both sides and in the backup: files with their bodies, and folders."""
    places = (one for name in ("one", "two", "back") for one in (shell.folder / name).rglob("*"))
    return {
        one.relative_to(shell.folder).as_posix(): one.read_text() if one.is_file() else None
        for one in places
    }


@pytest.mark.parametrize(("verb", "flags"), EACH)
def test_both_sides_end_as_with_rclone(shell: Shell, verb: str, flags: str) -> None:
    theirs = laid_out(Shell(shell.folder / "theirs", shell.environment))
    laid_out(shell)

    ours = shell.here(verb, "one", "two", *flags.split())

    assert ours.status == theirs.rclone(verb, "one", "two", *flags.split()).returncode
    assert tree(shell) == tree(theirs)


@pytest.mark.parametrize(
    ("flag", "left"),
    [("--ignore-existing", {"x": "newer", "y": "oldd"}), ("--update", {"y": "oldd"})],
)
def test_a_move_leaves_what_the_other_side_has_in_another_version(
    shell: Shell, flag: str, left: dict[str, str]
) -> None:
    laid_out(shell).done("move", "one", "two", flag)

    assert shell.held("one") == left
    theirs = laid_out(Shell(shell.folder / "theirs", shell.environment))
    theirs.rclone("move", "one", "two", flag)
    assert shell.held("two") == theirs.held("two")


@pytest.mark.parametrize("verb", ["copyto", "moveto"])
def test_a_rehearsal_of_one_file_does_nothing(shell: Shell, verb: str) -> None:
    laid_out(shell)
    before = tree(shell)

    out = shell.done(verb, "one/x", "two/y", "--dry-run")

    assert "→ changed   y" in out
    assert tree(shell) == before


@pytest.mark.parametrize("verb", ["copy", "sync", "move", "copyto", "moveto", "bisync"])
def test_lines_of_json_and_a_log_tell_of_each_file(shell: Shell, verb: str) -> None:
    laid_out(shell)

    lines = shell.done(verb, "one", "two", "--json").splitlines()
    told = [json.loads(line) for line in lines]
    shell.fill("one", {"later": "later"})
    shell.done(verb, "one", "two", "-v", "--log-file", "run.log")

    assert {line["path"] for line in told if line["event"] == "ended"} >= {"x", "d/new"}
    assert told[-1]["event"] == "report"
    assert "→ new       later  (5 B)" in (shell.folder / "run.log").read_text()


@pytest.mark.parametrize("verb", ["copy", "sync", "move", "copyto", "moveto", "bisync"])
def test_a_report_tells_what_came_of_each_file(shell: Shell, verb: str) -> None:
    laid_out(shell)

    shell.done(verb, "one", "two", "--report", "run.json")
    shell.fill("one", {"later.txt": "later"})
    shell.done(verb, "one", "two", "--report", "run.html")

    told = json.loads((shell.folder / "run.json").read_text())
    assert {one["path"] for one in told["actions"] if one["result"] == "done"} >= {"x", "d/new"}
    page = (shell.folder / "run.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "later.txt" in page


def test_said_twice_verbose_tells_of_what_is_only_written_down(shell: Shell) -> None:
    laid_out(shell)

    once = shell.here("copy", "one", "two", "--verbose")
    shell.fill("three", {"same": "s"})
    twice = shell.here("copy", "one", "three", "-v", "--verbose")

    assert "→ changed   x" in once.err
    assert "path1: " not in once.err
    assert "path1: 7 entries" in twice.err
    assert "= adopted   same" in twice.err


def test_status_as_json_is_a_report(shell: Shell) -> None:
    laid_out(shell)

    lines = shell.done("status", "one", "two", "--json").splitlines()
    told = [json.loads(line) for line in lines]

    assert [line["event"] for line in told] == ["scanned", "scanned", "planned", "report"]
    assert {one["path"] for one in told[-1]["conflicts"]} == {"x", "y"}


@pytest.mark.parametrize("verb", ["copy", "sync", "move", "bisync"])
def test_check_files_have_to_be_on_both_sides(shell: Shell, verb: str) -> None:
    laid_out(shell)
    flags = ("--check-access", "--check-filename", "HERE")
    shell.fill("one", {"HERE": ""})

    refused = shell.here(verb, "one", "two", *flags)
    assert refused.status == 7
    assert "HERE is missing on path2" in refused.err
    shell.fill("two", {"HERE": ""})
    shell.done(verb, "one", "two", *flags)

    assert shell.held("two")["d/new"] == "n"


def test_the_check_files_have_rclones_name_unless_another_is_given(shell: Shell) -> None:
    laid_out(shell)
    shell.fill("one", {"RCLONE_TEST": ""})
    shell.fill("two", {"RCLONE_TEST": ""})

    shell.done("sync", "one", "two", "--check-access", "--force")


@pytest.mark.parametrize(("limit", "status"), [("0", 7), ("1", 7), ("2", 0)])
def test_sync_deletes_no_more_files_than_it_may(shell: Shell, limit: str, status: int) -> None:
    laid_out(shell)
    shell.fill("two", {"gone": "g", "too": "t"})

    ended = shell.here("sync", "one", "two", "--max-delete", limit)

    assert ended.status == status
    assert ({"gone", "too"} <= shell.held("two").keys()) == (status == 7)


@pytest.mark.parametrize(("limit", "status"), [("0", 7), ("40", 7), ("60", 0)])
def test_bisync_deletes_no_more_per_cent_than_it_may(shell: Shell, limit: str, status: int) -> None:
    shell.fill("one", {str(n): str(n) for n in range(10)})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    for n in range(5):
        (shell.folder / "two" / str(n)).unlink()

    ended = shell.here("bisync", "one", "two", "--max-delete", limit)

    assert ended.status == status
    assert len(shell.held("one")) == (10 if status else 5)


def test_when_both_sides_are_verified_is_asked_for(shell: Shell) -> None:
    shell.fill("one", {"a": "a"})
    shell.fill("two", {})

    assert "0 differences" not in shell.here("bisync", "one", "two", "--check-sync", "false").err
    assert "0 differences" in shell.here("bisync", "one", "two", "--check-sync", "true").err
    shell.fill("two", {"a": "edited"})
    shell.done("bisync", "one", "two", "--check-sync", "only", status=1)
    assert shell.held("one") == {"a": "a"}
