"""``bisync``: what is refused, and what is kept of what would be lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.sync.cli.conftest import ONE, TWO, Shell


def test_of_a_conflict_both_versions_stay(pair: Shell) -> None:
    pair.fill("one", {"a.txt": "mine"})
    pair.fill("two", {"a.txt": "yours"})

    done = pair.here("bisync", "one", "two", "--report", "run.json")
    held = pair.held("one")

    assert done.status == 0
    assert held == pair.held("two")
    assert held["a.txt"] == "yours"
    assert "mine" in held.values()
    assert [c["path"] for c in json.loads((pair.folder / "run.json").read_text())["conflicts"]] == [
        "a.txt"
    ]


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (("--conflict-loser", "num", "--conflict-suffix", "old"), {"a.txt", "a.old1.txt"}),
        (("--conflict-loser", "pathname"), {"a.txt", "a.pathname.txt"}),
        (("--conflict-resolve", "path1", "--conflict-loser", "delete"), {"a.txt"}),
        (("--conflict-suffix", "lost"), set()),
    ],
)
def test_conflicts_end_as_asked(pair: Shell, flags: tuple[str, ...], names: set[str]) -> None:
    pair.fill("one", {"a.txt": "mine"})
    pair.fill("two", {"a.txt": "yours"})

    pair.done("bisync", "one", "two", *flags)
    found = {name for name in pair.held("one") if name.startswith("a")}

    assert pair.held("one") == pair.held("two")
    assert len(found) == max(len(names), 1 if names == {"a.txt"} else 2)
    if "path1" in flags:
        assert pair.held("two")["a.txt"] == "mine"
        listed = pair.here("trash", "list")
        assert "a.txt" in listed.out
        assert listed.err == "1 file, 5 B\n"
    if "lost" in flags:
        assert any("lost" in name for name in found)


@pytest.mark.parametrize(("mode", "kept"), [("path1", "one!"), ("larger", "second"), ("older", "")])
def test_a_first_run_may_prefer_one_version(shell: Shell, mode: str, kept: str) -> None:
    shell.fill("one", {"f": "one!"})
    shell.fill("two", {"f": "second"})
    os.utime(shell.folder / "two/f", (1, 1))

    shell.done("bisync", "one", "two", "--resync", "--resync-mode", mode)

    assert shell.held("one") == shell.held("two") == {"f": kept or "second"}
    assert shell.here("bisync", "one", "two", "--resync-mode", mode).status == 2


def test_backup_folders_keep_what_is_lost(pair: Shell) -> None:
    pair.fill("two", {"a.txt": "edited"})
    (pair.folder / "one/c.txt").unlink()

    pair.done("bisync", "one", "two", "--backup-dir1", "old1", "--backup-dir2", "old2")

    assert pair.held("old1") == {"a.txt": "a"}
    assert pair.held("old2") == {"c.txt": "c"}
    assert pair.done("trash", "list") == ""


def test_a_backup_folder_within_a_side_is_refused(pair: Shell) -> None:
    done = pair.here("bisync", "one", "two", "--backup-dir1", "one/old")

    assert done.status == 2
    assert "overlap" in done.err


def test_overlapping_sides_are_refused(pair: Shell) -> None:
    done = pair.here("bisync", "one", "one/d")

    assert done.status == 2
    assert "overlap" in done.err


def test_one_run_at_a_time(pair: Shell) -> None:
    (lock,) = (pair.folder / "home/state").rglob("*.lock")
    holder = "import fcntl,sys,time; f=open(sys.argv[1]); fcntl.flock(f,2); print(1,flush=True)"
    held = subprocess.Popen(
        [sys.executable, "-c", f"{holder}; time.sleep(60)", lock], stdout=subprocess.PIPE
    )
    try:
        assert held.stdout
        held.stdout.readline()
        done = pair.here("bisync", "one", "two")
    finally:
        held.kill()
        held.wait()

    assert done.status == 7
    assert "being synchronised" in done.err


def test_what_looks_like_a_mistake_is_refused_with_the_way_out(pair: Shell) -> None:
    for name in ("a.txt", "c.txt", "d/b.txt"):
        (pair.folder / "one" / name).unlink()

    refused = pair.here("bisync", "one", "two")
    assert refused.status == 7
    assert "3 of 4 files would be deleted on path2" in refused.err
    assert "--force" in refused.err
    assert len(pair.held("two")) == 4
    assert "would be refused" in pair.here("bisync", "one", "two", "-n").err
    pair.done("bisync", "one", "two", "--max-delete", "80")
    assert pair.held("two") == {"same.txt": "same"}


def test_an_empty_side_is_refused_and_can_be_forced(pair: Shell) -> None:
    for name in ONE | TWO:
        (pair.folder / "two" / name).unlink()

    assert pair.here("bisync", "one", "two").status == 7
    pair.done("bisync", "one", "two", "--force")
    assert pair.held("one") == {}


def test_a_check_file_has_to_be_on_both_sides(pair: Shell) -> None:
    flags = ("--check-access", "--check-filename", "HERE")
    assert pair.here("bisync", "one", "two", *flags).status == 7
    pair.fill("one", {"HERE": ""})
    pair.fill("two", {"HERE": ""})
    pair.done("bisync", "one", "two", *flags)
    (pair.folder / "two/HERE").unlink()
    assert "HERE" in pair.here("bisync", "one", "two", *flags).err
