"""Filters mean what rclone's mean: the same trees, the same rules, the same files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.local import LocalProvider
from sync.filters import Filters, Wanted, rule_lines

TREE = (
    "5.jpg",
    "5.JPG",
    "a/1.jpg",
    "a/b/2.jpg",
    "a/b/c/3.png",
    "a/b/keep.txt",
    "x/a/4.jpg",
    "x/{q}.jpg",
    "x/[r].jpg",
    "x/a$",
    "x/a+b",
    "Ünï/ß.png",
    "d.jpg/inner.txt",
    "two words/f g.txt",
)


def rclone(folder: Path, *flags: str) -> set[str]:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("rclone")), "lsf", "-R", str(folder), *flags],
        capture_output=True,
        check=True,
        env=os.environ | {"RCLONE_CONFIG": os.devnull},
    )
    return set(done.stdout.decode().splitlines())


def ours(folder: Path, wanted: Wanted) -> set[str]:
    found = Filters(wanted, now=folder.stat().st_mtime).select(
        LocalProvider(folder).scan(RemotePath("")).entries
    )
    return {f"{path}/" if entry.is_folder else path for path, entry in found.items()}


def fill(folder: Path, names: tuple[str, ...]) -> Path:
    for number, name in enumerate(names):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"." * (number * 100))
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("tree"), TREE)


@pytest.mark.parametrize(
    "rules",
    [
        ("- *.jpg",),
        ("- /*.jpg",),
        ("+ *.jpg", "- *"),
        ("+ *.{jpg,png}", "- **"),
        ("+ a/*.jpg", "- *"),
        ("+ /a/**", "- *"),
        ("+ a/b/", "- *"),
        ("- a/",),
        ("- /a/b/**",),
        ("- a**",),
        ("- b/*",),
        ("+ **.png", "- *"),
        ("+ x/**.jpg", "- *"),
        ("- ?.jpg",),
        ("- [0-3].jpg",),
        ("- [^0-3].*",),
        ("- [[:digit:]].jpg",),
        ("- {{[0-9]+}}.jpg",),
        ("- {{(?i).*\\.jpg}}",),
        ("- {{a{1}}}*",),
        ("- *.{jp{g,x},png}",),
        ("- {a,x}/{1,4}.jpg",),
        ("+ {a/b,x}/**", "- *"),
        ("- \\{q\\}.jpg",),
        ("- \\[r\\].jpg",),
        ("- a$",),
        ("- a+b",),
        ("- ß.*",),
        ("- *.jpg", "!", "- *.png"),
        ("+ keep.txt", "- a/b/**"),
        ("- d.jpg",),
        ("- d.jpg/",),
        ("- two words/**",),
        ("- /",),
        ("- a//b/**",),
    ],
    ids=" ".join,
)
def test_rules_decide_as_rclones_do(tree: Path, rules: tuple[str, ...]) -> None:
    flags = [part for rule in rules for part in ("--filter", rule)]

    assert ours(tree, Wanted(rules=rules)) == rclone(tree, *flags)


@pytest.mark.parametrize(
    ("wanted", "flags"),
    [
        (Wanted(include=("*.png",)), ["--include", "*.png"]),
        (Wanted(include=("*.PNG",), ignore_case=True), ["--include", "*.PNG", "--ignore-case"]),
        (Wanted(include=("a/",)), ["--include", "a/"]),
        (
            Wanted(include=("a/**",), exclude=("2.jpg",)),
            ["--include", "a/**", "--exclude", "2.jpg"],
        ),
        (Wanted(exclude=("*.jpg", "/x/")), ["--exclude", "*.jpg", "--exclude", "/x/"]),
        (Wanted(max_depth=1), ["--max-depth", "1"]),
        (Wanted(max_depth=2), ["--max-depth", "2"]),
        (Wanted(max_depth=0), ["--max-depth", "0"]),
        (Wanted(min_size=300), ["--min-size", "300b"]),
        (Wanted(max_size=300), ["--max-size", "300b"]),
        (Wanted(min_age=3600), ["--min-age", "1h"]),
        (Wanted(max_age=3600), ["--max-age", "1h"]),
        (Wanted(markers=("keep.txt",)), ["--exclude-if-present", "keep.txt"]),
    ],
)
def test_other_flags_decide_as_rclones_do(tree: Path, wanted: Wanted, flags: list[str]) -> None:
    assert ours(tree, wanted) == rclone(tree, *flags)


def test_a_list_of_files_is_all_there_is(tree: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("# those\n a/1.jpg \n\n; more\n/x/a/4.jpg\nnone.txt\n")

    found = ours(tree, Wanted(files=rule_lines(listed.read_text())))

    assert found == rclone(tree, "--files-from", str(listed)) == {
        "a/", "a/1.jpg", "x/", "x/a/", "x/a/4.jpg"
    }  # fmt: skip


_PART = st.sampled_from(["a", "b", "A", "1", "é", ".", "-", "$", "+", "[", "{", "x y", "~"])
_NAME = st.lists(_PART, min_size=1, max_size=3).map("".join).filter(lambda n: n.strip("."))
_PATH = st.lists(_NAME, min_size=1, max_size=3).map("/".join)
_GLOB_PART = st.sampled_from(
    ["a", "b", "1", "é", ".", "*", "**", "?", "/", "[ab]", "{a,b}", "[^a]", "{a*,1}", "\\["]
)
_GLOB = st.lists(_GLOB_PART, min_size=1, max_size=5).map("".join)
_RULE = st.tuples(st.sampled_from("+-"), _GLOB.filter(lambda g: "***" not in g)).map(" ".join)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.sets(_PATH, min_size=3, max_size=12),
    rules=st.lists(_RULE, min_size=1, max_size=4),
)
def test_any_rules_on_any_names_decide_as_rclones_do(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], rules: list[str]
) -> None:
    files = tuple(name for name in names if not any(n.startswith(f"{name}/") for n in names))
    folder = fill(tmp_path_factory.mktemp("any"), files)
    flags = [part for rule in rules for part in ("--filter", rule)]

    assert ours(folder, Wanted(rules=tuple(rules))) == rclone(folder, *flags)


@pytest.mark.parametrize("glob", ["a***", "a]", "[a", "{a", "a}", "{{a", "a\\", "{{(}}"])
def test_a_pattern_without_sense_is_refused(glob: str) -> None:
    with pytest.raises(Misuse, match="pattern"):
        Filters(Wanted(exclude=(glob,)))


@pytest.mark.parametrize("rule", ["*.jpg", "+*.jpg", "", "! *"])
def test_a_rule_that_says_neither_yes_nor_no_is_refused(rule: str) -> None:
    with pytest.raises(Misuse, match="no filter rule"):
        Filters(Wanted(rules=(rule,)))


def test_wishes_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(Misuse, match="no file is both"):
        Filters(Wanted(min_age=60, max_age=30))
    with pytest.raises(Misuse, match="Use it alone"):
        Filters(Wanted(files=("a",), min_size=1))


def test_the_key_is_the_same_for_the_same_wish_only() -> None:
    assert Wanted(exclude=("a",)).key == Wanted(exclude=("a",)).key
    assert Wanted(exclude=("a",)).key != Wanted(include=("a",)).key
    assert Wanted(max_age=60).key == Filters(Wanted(max_age=61), now=9.0).wanted.key


def test_ages_count_from_now() -> None:
    filters = Filters(Wanted(min_age=10, max_age=20), now=100.0)

    let_in = [
        seconds
        for seconds in (79, 80, 85, 90, 91)
        if filters.passes(Entry(RemotePath("f"), Kind.FILE, "f", modified=seconds * 10**9))
    ]

    assert let_in == [80, 85, 90]


def test_without_a_wish_nothing_is_kept_out() -> None:
    assert not Filters(Wanted()).is_active
    assert not Filters(Wanted(ignore_case=True)).is_active
    assert Filters(Wanted(max_depth=3)).is_active
