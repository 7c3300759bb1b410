"""Filters choose the same files for each command that takes them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import pytest

from tests.sync.cli.conftest import Shell

FILES = {
    "a.txt": "a" * 100, "b.JPG": "b" * 2000, "d/c.txt": "c" * 10, "d/e/f.tmp": "f" * 100,
    "private/g.txt": "g" * 100, "private/.nosync": "",
}  # fmt: skip
OLD = "d/c.txt"
LISTS = {"patterns": "# what\n*.txt\n", "rules": "- *.txt\n+ *\n", "names": "a.txt\nd/e/f.tmp\n"}

CHOICES: list[tuple[str, set[str]]] = [
    ("--include *.txt", {"a.txt", "d/c.txt", "private/g.txt"}),
    ("--include-from patterns", {"a.txt", "d/c.txt", "private/g.txt"}),
    ("--exclude *.txt", {"b.JPG", "d/e/f.tmp", "private/.nosync"}),
    ("--exclude-from patterns", {"b.JPG", "d/e/f.tmp", "private/.nosync"}),
    ("--filter -_/d/ --filter -_/private/", {"a.txt", "b.JPG"}),
    ("--filter-from rules", {"b.JPG", "d/e/f.tmp", "private/.nosync"}),
    ("--files-from names", {"a.txt", "d/e/f.tmp"}),
    ("--files-from-raw names", {"a.txt", "d/e/f.tmp"}),
    ("--files-from0 nuls", {"a.txt", "d/e/f.tmp"}),
    ("--exclude-if-present .nosync", {"a.txt", "b.JPG", "d/c.txt", "d/e/f.tmp"}),
    ("--min-size 100b", {"a.txt", "b.JPG", "d/e/f.tmp", "private/g.txt"}),
    ("--max-size 1k", FILES.keys() - {"b.JPG"}),
    ("--min-age 1d", {OLD}),
    ("--max-age 1d", FILES.keys() - {OLD}),
    ("--max-age 2020-01-01", FILES.keys() - {OLD}),
    ("--max-depth 1", {"a.txt", "b.JPG"}),
    ("--max-depth 2", FILES.keys() - {"d/e/f.tmp"}),
    ("--include *.jpg --ignore-case", {"b.JPG"}),
]


@pytest.fixture
def source(shell: Shell) -> Shell:
    shell.fill("one", FILES)
    shell.fill("two", {})
    os.utime(shell.folder / "one" / OLD, (1_500_000_000, 1_500_000_000))
    for name, text in LISTS.items():
        (shell.folder / name).write_text(text)
    (shell.folder / "nuls").write_text("a.txt\0d/e/f.tmp\0")
    return shell


def _copied(verb: str) -> Callable[[Shell, list[str]], set[str]]:
    def chosen(shell: Shell, flags: list[str]) -> set[str]:
        shell.done(verb, "one", "two", *flags)
        went = shell.held("two").keys()
        assert shell.held("one").keys() == FILES.keys() - (
            went if verb in {"move", "moveto"} else set()
        )
        return set(went)

    return chosen


def _status(shell: Shell, flags: list[str]) -> set[str]:
    lines = shell.done("status", "one", "two", *flags).splitlines()
    return {line.split()[2] for line in lines if line.split()[1] == "new"}


def _check(shell: Shell, flags: list[str]) -> set[str]:
    return set(shell.here("check", "one", "two", "--missing-on-dst", "-", *flags).out.splitlines())


def _lsf(shell: Shell, flags: list[str]) -> set[str]:
    listed = shell.done("lsf", "one", "--files-only", "--recursive", *flags)
    return set(listed.splitlines())


def _ls(shell: Shell, flags: list[str]) -> set[str]:
    return {line.split()[-1] for line in shell.done("ls", "one", *flags).splitlines()}


def _lsl(shell: Shell, flags: list[str]) -> set[str]:
    return {line.split()[-1] for line in shell.done("lsl", "one", *flags).splitlines()}


def _lsjson(shell: Shell, flags: list[str]) -> set[str]:
    items = json.loads(shell.done("lsjson", "one", "--files-only", "--recursive", *flags))
    return {item["Path"] for item in items}


WAYS: dict[str, Callable[[Shell, list[str]], set[str]]] = {
    "copy": _copied("copy"), "sync": _copied("sync"), "move": _copied("move"),
    "copyto": _copied("copyto"), "moveto": _copied("moveto"), "bisync": _copied("bisync"),
    "status": _status, "check": _check, "ls": _ls, "lsl": _lsl, "lsf": _lsf, "lsjson": _lsjson,
}  # fmt: skip


@pytest.mark.parametrize(("flags", "names"), CHOICES, ids=[flags for flags, _ in CHOICES])
@pytest.mark.parametrize("verb", WAYS)
def test_the_same_files_take_part_whatever_the_command(
    source: Shell, verb: str, flags: str, names: set[str]
) -> None:
    words = [word.replace("_", " ") for word in flags.split()]

    assert WAYS[verb](source, words) == set(names)


@pytest.mark.parametrize(("flags", "names"), CHOICES, ids=[flags for flags, _ in CHOICES])
def test_sizes_and_cats_are_of_the_files_that_take_part(
    source: Shell, flags: str, names: set[str]
) -> None:
    words = [word.replace("_", " ") for word in flags.split()]

    told = json.loads(source.done("size", "one", "--json", *words))
    text = source.done("cat", "one", *words)

    assert told["count"] == len(names)
    assert told["bytes"] == sum(len(FILES[name]) for name in names)
    assert sorted(text) == sorted("".join(FILES[name] for name in names))


@pytest.mark.parametrize("verb", ["sync", "bisync"])
@pytest.mark.parametrize(("flags", "names"), CHOICES, ids=[flags for flags, _ in CHOICES])
def test_what_is_left_out_is_neither_deleted_nor_replaced(
    source: Shell, verb: str, flags: str, names: set[str]
) -> None:
    words = [word.replace("_", " ") for word in flags.split()]
    others = {name: FILES[name].upper() for name in FILES.keys() - names}
    source.fill("two", others)
    if OLD in others:
        os.utime(source.folder / "two" / OLD, (1_500_000_000, 1_500_000_000))

    source.done(verb, "one", "two", *words)

    assert source.held("two") == others | {name: FILES[name] for name in names}
    assert source.held("one") == FILES


@pytest.mark.parametrize(
    ("name", "why"), [("none", "No such file or directory"), ("odd", "it is no text in UTF-8")]
)
def test_a_list_that_cannot_be_read_is_named_with_the_reason(
    shell: Shell, name: str, why: str
) -> None:
    (shell.folder / "odd").write_bytes(b"\xff")
    done = shell.sync("ls", ".", "--files-from", name)
    assert done.returncode == 2
    assert done.stderr == f"mirrorsync: {name} cannot be read: {why}.\n"
