"""``manifest`` and ``trash``."""

from __future__ import annotations

import json

import pytest

from tests.sync.cli.conftest import Shell


@pytest.fixture
def pair(shell: Shell) -> Shell:
    shell.fill("one", {"a.txt": "a", "d/b.txt": "bb"})
    shell.fill("two", {})
    shell.done("bisync", "one", "two")
    return shell


def test_a_manifest_is_shown(pair: Shell) -> None:
    done = pair.here("manifest", "show", "one", "two")

    assert [line.split()[0::2] for line in done.out.splitlines()] == [
        ["1", "a.txt"], ["0", "d"], ["2", "d/b.txt"],
    ]  # fmt: skip
    assert "3 paths; the last run: ok" in done.err
    assert pair.here("manifest", "show", "two", "one").status == 0


def test_two_sides_that_never_met_have_none(pair: Shell) -> None:
    pair.fill("three", {})

    done = pair.here("manifest", "show", "one", "three")

    assert done.status == 3
    assert "no manifest yet" in done.err


def test_a_manifest_goes_out_and_comes_back(pair: Shell) -> None:
    before = pair.done("manifest", "show", "one", "two")
    pair.done("manifest", "export", "one", "two", "-o", "kept.jsonl")
    for place in (pair.folder / "home/state").rglob("*.sqlite*"):
        place.unlink()

    pair.done("manifest", "import", "kept.jsonl", "one", "two")

    assert pair.done("manifest", "show", "one", "two") == before
    assert pair.done("status", "one", "two") == "Both sides are alike.\n"
    (pair.folder / "one/a.txt").unlink()
    pair.done("bisync", "one", "two")
    assert pair.held("two") == {"d/b.txt": "bb"}


def test_what_is_no_manifest_of_these_two_is_refused_whole(pair: Shell) -> None:
    text = pair.done("manifest", "export", "one", "two")
    lines = text.splitlines()
    before = pair.done("manifest", "show", "one", "two")
    (pair.folder / "good").write_text(text)
    pair.fill("three", {})
    for bad in ("", "x", "[]", "{}", f"{lines[0]}\n{{}}", f"{lines[0]}\n{lines[1]}\nx"):
        (pair.folder / "bad").write_text(bad)
        assert pair.here("manifest", "import", "bad", "one", "two").status == 2

    (pair.folder / "bad").write_bytes(b"\xff\xfe\0")
    assert pair.here("manifest", "import", "bad", "one", "two").status == 2
    done = pair.here("manifest", "import", "good", "one", "three")

    assert done.status == 2
    assert "two" in done.err
    assert pair.here("manifest", "import", "good", "two", "one").status == 0
    assert pair.done("manifest", "show", "one", "two") == before


def test_verify_says_what_is_not_as_agreed(pair: Shell) -> None:
    assert pair.done("manifest", "verify", "one", "two") == ""

    pair.fill("two", {"a.txt": "edited"})
    (pair.folder / "one/d/b.txt").unlink()

    assert set(pair.done("manifest", "verify", "one", "two", status=1).splitlines()) == {
        "path1: deleted d/b.txt", "path2: edited a.txt",
    }  # fmt: skip


def test_what_is_in_the_trash_is_listed_and_comes_back(pair: Shell) -> None:
    (pair.folder / "one/a.txt").unlink()
    pair.done("bisync", "one", "two")

    (item,) = map(json.loads, pair.done("trash", "list", "--json").splitlines())
    assert (item["path"], item["size"], item["from"]) == ("a.txt", 1, "two/a.txt")
    assert pair.done("trash", "list", "*.jpg") == ""
    assert pair.done("trash", "restore", "a.*") == "a.txt is back.\n"
    assert pair.held("two")["a.txt"] == "a"

    again = pair.here("trash", "restore", "a.txt")
    assert again.status == 1
    assert "already" in again.err
    assert pair.done("trash", "restore", "a.txt", "--to", "one") == "a.txt is back.\n"
    assert pair.held("one")["a.txt"] == "a"
    assert pair.here("trash", "restore", "zork").status == 3
    assert pair.here("trash", "restore", "a.txt", "--run", "zork").status == 3


def test_the_trash_is_emptied(pair: Shell) -> None:
    (pair.folder / "one/a.txt").unlink()
    pair.done("bisync", "one", "two")

    assert "would be freed" in pair.done("trash", "empty", "-n")
    assert pair.done("trash", "empty", "--older-than", "1d") == "0 B freed.\n"
    assert "a.txt" in pair.done("trash", "list")
    pair.done("trash", "empty")
    assert pair.done("trash", "list") == ""


@pytest.mark.parametrize(
    "command", [["copy", "one/f.txt", "two"], ["copyto", "one/f.txt", "two/f.txt"]]
)
def test_a_file_that_was_a_side_of_its_own_is_restored(shell: Shell, command: list[str]) -> None:
    shell.fill("one", {"f.txt": "new"})
    shell.fill("two", {"f.txt": "old one"})
    shell.done(*command)
    assert shell.held("two") == {"f.txt": "new"}
    shell.done("trash", "restore", "f.txt", status=1)
    (shell.folder / "two/f.txt").unlink()

    shell.done("trash", "restore", "f.txt")

    assert shell.held("two") == {"f.txt": "old one"}


def test_a_file_that_was_moved_to_another_name_is_listed_and_restored_by_its_own(
    shell: Shell,
) -> None:
    shell.fill("one", {"mine.txt": "same"})
    shell.fill("two", {"theirs.txt": "same"})
    shell.done("moveto", "one/mine.txt", "two/theirs.txt")
    assert shell.held("one") == {}
    assert shell.done("trash", "list").split()[-1] == "one/mine.txt"

    shell.done("trash", "restore", "mine.txt")

    assert shell.held("one") == {"mine.txt": "same"}
