"""``check`` finds what rclone finds, and writes it as rclone does."""

from __future__ import annotations

import json

import pytest

from tests.sync.cli.conftest import Shell


@pytest.fixture
def sides(shell: Shell) -> Shell:
    shell.fill("one", {"same": "s", "d/longer": "12", "bytes": "ab", "only1": "1", "x.tmp": "t"})
    shell.fill("two", {"same": "s", "d/longer": "123", "bytes": "ba", "d/only2": "2"})
    return shell


@pytest.mark.parametrize(
    "flags",
    [
        "--combined -",
        "--one-way --combined -",
        "--size-only --combined -",
        "--download --combined -",
        "--match -",
        "--differ -",
        "--missing-on-dst -",
        "--missing-on-src -",
        "--error -",
        "--exclude *.tmp --combined -",
    ],
)
def test_the_lists_are_rclones(sides: Shell, flags: str) -> None:
    ours = sides.here("check", "one", "two", *flags.split())
    theirs = sides.rclone("check", "one", "two", *flags.split())

    assert ours.status == theirs.returncode == 1
    assert sorted(ours.out.splitlines()) == sorted(theirs.stdout.splitlines())


def test_the_lists_go_to_files(sides: Shell) -> None:
    sides.done("check", "one", "two", "--combined", "all", "--differ", "differ", status=1)

    assert (sides.folder / "differ").read_text() == "bytes\nd/longer\n"
    assert "= same\n" in (sides.folder / "all").read_text()


def test_what_is_alike_is_status_nought(sides: Shell) -> None:
    done = sides.here("check", "one", "one")

    assert done.status == 0
    assert "0 differences found\n5 matching files\n" in done.err


def test_json_and_quiet(sides: Shell) -> None:
    lines = sides.done("check", "one", "two", "--json", "-q", status=1).splitlines()

    assert {json.loads(line)["event"] for line in lines} == {
        "match", "differ", "missing_on_dst", "missing_on_src",
    }  # fmt: skip


def test_nothing_is_changed_and_what_is_not_there_is_an_error(sides: Shell) -> None:
    before = sides.held("one"), sides.held("two")

    assert sides.here("check", "one", "two").status == 1
    assert sides.here("check", "one", "none").status == 3
    assert sides.here("check", "one", "two", "--combined", "none/x").status == 2
    assert (sides.held("one"), sides.held("two")) == before
    assert not (sides.folder / "none").exists()


def test_a_log_file_takes_what_is_said(sides: Shell) -> None:
    done = sides.here("check", "one", "two", "--log-file", "run.log", "-v")

    text = (sides.folder / "run.log").read_text()
    assert done.err == ""
    assert "* bytes: md5 differ" in text
    assert "= same" in text
    assert "matching files" in text


def test_what_is_no_file_is_passed_over_as_by_rclone(shell: Shell) -> None:
    shell.fill("one", {"a": "a"})
    shell.fill("two", {"a": "a"})
    (shell.folder / "one/link").symlink_to("a")

    ours = shell.here("check", "one", "two", "--combined", "-")
    theirs = shell.rclone("check", "one", "two", "--combined", "-")

    assert (ours.status, ours.out) == (theirs.returncode, theirs.stdout) == (0, "= a\n")


def test_what_cannot_be_compared_is_an_error(shell: Shell) -> None:
    shell.fill("one", {"a": "a", "b": "b"})
    shell.fill("two", {"a": "a"})
    (shell.folder / "two/b").symlink_to("a")

    done = shell.here("check", "one", "two", "--error", "errors", "--match", "matches")

    assert done.status == 1
    assert "! b: It is a symbolic link" in done.err
    assert (shell.folder / "errors").read_text() == "b\n"
    assert (shell.folder / "matches").read_text() == "a\n"


def test_what_nothing_proves_is_said(sides: Shell) -> None:
    assert "size only" not in sides.here("check", "one", "two").err
    told = sides.here("check", "one", "two", "--size-only").err
    assert "2 matching files\n2 of them by size only" in told
