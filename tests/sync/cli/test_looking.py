"""Listings are those that rclone writes, of the same folder."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.sync.cli.conftest import Shell

FILES = {
    "top.txt": b"top\n",
    "a/1.jpg": b"\xff\xd8 picture",
    "a/b/y,z.jpg": b"one, two",
    "a/b/deep.PNG": b"",
    'c/quo"te.bin': b"#" * 3000,
    ".hidden/f": b"h",
    "Ünï/ß ß.txt": b"long s",
}


@pytest.fixture
def folder(shell: Shell) -> Path:
    folder = shell.folder / "tree"
    for number, (name, data) in enumerate(FILES.items()):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        os.utime(place, ns=(0, 1_600_000_000_123_456_789 + number * 10**12))
    for number, place in enumerate(sorted(folder.rglob("*/"))):
        os.utime(place, ns=(0, 1_500_000_000_000_000_000 + number * 10**9))
    shell.environment["TZ"] = "Asia/Kolkata"
    return folder


def both(shell: Shell, *args: str) -> tuple[list[str], list[str]]:
    ours, theirs = shell.sync(*args), shell.rclone(*args)
    assert ours.returncode == theirs.returncode == 0, (ours.stderr, theirs.stderr)
    return sorted(ours.stdout.splitlines()), sorted(theirs.stdout.splitlines())


@pytest.mark.parametrize(
    "args",
    [
        "ls",
        "ls --max-depth 1",
        "ls --include *.jpg",
        "lsl",
        "lsl --max-size 1k",
        "lsf",
        "lsf -R",
        "lsf -R --format pstm",
        "lsf -R --format hp --separator | --files-only",
        "lsf -R --format ph --hash sha1 --csv --files-only",
        "lsf -R --format pth --csv",
        "lsf --max-depth 2",
        "lsf --recursive --max-depth 2",
        "lsf --max-depth 1",
        "lsf --dirs-only --dir-slash=false",
        "lsf -R --absolute --format t --time-format RFC3339",
        "lsf -R --format pt --time-format unixnano",
        "lsf -R --format pt --time-format max",
        "lsf -R --format i --files-only",
        "tree",
        "tree -a --dirsfirst",
        "tree --level 1",
        "tree --noreport --full-path",
        "tree -s",
        "tree --all --size",
        "tree --max-depth 2",
        "size",
        "size --json",
        "size --exclude c/**",
    ],
)
def test_a_listing_is_rclones(shell: Shell, folder: Path, args: str) -> None:
    verb, *flags = args.replace("--dir-slash=false", "--no-dir-slash").split()
    ours = shell.sync(verb, str(folder), *flags)
    verb, *flags = args.split()
    theirs = shell.rclone(verb, str(folder), *flags)

    assert (ours.returncode, theirs.returncode) == (0, 0), ours.stderr
    assert ours.stdout
    assert sorted(ours.stdout.splitlines()) == sorted(theirs.stdout.splitlines())


@pytest.mark.parametrize("flags", [(), ("-R",), ("--recursive",), ("--max-depth", "2")])
def test_folders_are_listed_as_rclone_lists_those_of_unknown_size(
    shell: Shell, folder: Path, flags: tuple[str, ...]
) -> None:
    ours, theirs = both(shell, "lsd", str(folder), *flags)

    assert sorted(line[12:] for line in ours) == sorted(line[12:] for line in theirs)
    assert all(line.startswith(" " * 10 + "-1 ") for line in ours)


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("-R",),
        ("-R", "--hash-type", "md5", "--hash-type", "sha256"),
        ("-R", "--files-only", "--no-modtime", "--no-mimetype"),
        ("--dirs-only",),
        ("--max-depth", "2"),
    ],
)
def test_json_is_rclones(shell: Shell, folder: Path, flags: tuple[str, ...]) -> None:
    found = []
    for run in (shell.sync, shell.rclone):
        items = json.loads(run("lsjson", str(folder), *flags).stdout)
        found.append(sorted(({**item, "Size": _size(item)} for item in items), key=str))

    assert found[0] == found[1] != []


def _size(item: dict[str, object]) -> object:
    return -1 if item["IsDir"] else item["Size"]


def test_json_of_one_thing_is_rclones(shell: Shell, folder: Path) -> None:
    for path in (folder / "top.txt", folder / "a"):
        ours, theirs = (
            json.loads(run("lsjson", "--stat", path).stdout) for run in (shell.sync, shell.rclone)
        )
        if ours["IsDir"]:
            del ours["ModTime"], theirs["ModTime"]  # rclone tells the time of asking
        assert ours == theirs


def test_json_tells_the_digest_that_is_known(shell: Shell, folder: Path) -> None:
    (item,) = json.loads(shell.must("lsjson", "--hash", folder / "top.txt"))

    assert item["Hashes"] == {"md5": hashlib.md5(FILES["top.txt"]).hexdigest()}


@pytest.mark.parametrize("verb", ["ls", "lsl", "lsf", "cat", "size", "tree"])
def test_a_file_is_a_listing_of_one(shell: Shell, folder: Path, verb: str) -> None:
    ours, theirs = both(shell, verb, str(folder / "a" / "1.jpg"))

    assert ours == theirs


@pytest.mark.parametrize(
    "flags",
    [
        "--include *.txt",
        "--head 3 --include top.txt",
        "--tail 3 --include top.txt",
        "--offset 2 --count 1 --include top.txt",
        "--offset -2 --include top.txt",
        "--discard",
    ],
)
def test_cat_writes_what_rclone_writes(shell: Shell, folder: Path, flags: str) -> None:
    ours, theirs = both(shell, "cat", str(folder), *flags.split())

    assert ours == theirs


def test_the_parts_of_cat_exclude_each_other(shell: Shell, folder: Path) -> None:
    done = shell.sync("cat", folder, "--head", "1", "--tail", "1")

    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_about_tells_the_disk(shell: Shell, folder: Path) -> None:
    ours = json.loads(shell.must("about", "--json", folder))
    theirs = json.loads(shell.rclone("about", "--json", folder).stdout)

    assert ours["total"] == theirs["total"]
    assert ours["free"] == pytest.approx(theirs["free"], rel=0.1)
    assert "Total:   " in shell.must("about", folder)
    assert f"Total:   {theirs['total']}\n" in shell.must("about", folder, "--full")


def test_what_is_not_there_is_said_in_one_sentence(shell: Shell) -> None:
    for verb in ("ls", "lsf", "lsjson", "tree", "size", "cat"):
        done = shell.sync(verb, "none")
        assert done.returncode == shell.rclone(verb, "none").returncode == 3
        assert done.stderr == "mirrorsync: none: there is no such file or folder.\n"


def test_a_colon_names_a_remote_unless_a_slash_comes_first(shell: Shell) -> None:
    (shell.folder / "a:b").write_text("colon")

    done = shell.sync("cat", "a:b")

    assert done.returncode == 2
    assert "There is no remote 'a'" in done.stderr
    assert "write './a:b'" in done.stderr
    assert shell.must("cat", "./a:b") == "colon"
    assert shell.must("cat", shell.folder / "a:b") == "colon"


def test_wrong_words_are_status_two(shell: Shell) -> None:
    for args in (["zork"], ["ls"], ["ls", "--zork", "."], ["ls", ".", "--max-size", "big"],
                 ["ls", ".", "--filter", "zork"], ["lsf", ".", "--format", "z"],
                 ["lsf", ".", "--csv", "--separator", ","], ["ls", ".", "--filter-from", "none"],
                 ["ls", ":x"], ["ls", ""]):  # fmt: skip
        done = shell.sync(*args)
        assert done.returncode == 2, args
        assert done.stderr


def test_rules_come_from_files_and_from_the_input(shell: Shell, folder: Path) -> None:
    rules = shell.folder / "rules"
    rules.write_text("# pictures\n+ *.jpg\n- *\n")
    names = shell.folder / "names"
    names.write_text("*.jpg\n")
    listed = shell.folder / "list"
    listed.write_bytes(b"top.txt\0a/1.jpg\0")

    jpgs = ["a/1.jpg", "a/b/y,z.jpg"]
    files = ("lsf", "-R", "--files-only", folder)
    assert shell.must(*files, "--filter-from", rules).splitlines() == jpgs
    assert shell.must(*files, "--include-from", names).splitlines() == jpgs
    assert not set(jpgs) & set(shell.must(*files, "--exclude-from", names).splitlines())
    assert shell.sync(*files, "--filter-from", "-", text=rules.read_text()).stdout.split() == jpgs
    assert shell.must(*files, "--files-from0", listed).splitlines() == ["a/1.jpg", "top.txt"]
    assert shell.must(*files, "--files-from-raw", names) == ""


def test_help_names_every_command(shell: Shell) -> None:
    text = shell.must("--help")

    for word in ("lsjson", "about", "Draw the tree."):
        assert word in text
