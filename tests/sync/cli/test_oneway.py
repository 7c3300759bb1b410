"""``copy``, ``sync``, ``move``, ``copyto`` and ``moveto`` of local folders."""

from __future__ import annotations

import os
import re

import pytest

from tests.sync.cli.conftest import Shell

SOURCE = {"a.txt": "a", "d/b.txt": "bb", "d/e/c.txt": "ccc"}


@pytest.fixture
def source(shell: Shell) -> Shell:
    shell.fill("one", SOURCE)
    return shell


@pytest.mark.parametrize("verb", ["copy", "sync", "copyto"])
def test_a_folder_goes_over_with_its_times(source: Shell, verb: str) -> None:
    os.utime(source.folder / "one/a.txt", ns=(0, 1_600_000_000_123_456_789))

    source.done(verb, "one", "new/two")

    assert source.held("new/two") == SOURCE
    assert (source.folder / "new/two/a.txt").stat().st_mtime_ns == 1_600_000_000_123_456_789
    again = source.here(verb, "one", "new/two", "-v", "--error-on-no-transfer")
    assert again.status == 9
    assert "nothing to do" in again.err


@pytest.mark.parametrize("verb", ["copy", "sync", "move"])
def test_a_dry_run_prints_the_plan_and_makes_nothing(source: Shell, verb: str) -> None:
    done = source.here(verb, "one", "two", "-n")

    assert {line.split()[2] for line in done.out.splitlines() if " new " in line} == set(SOURCE)
    assert not (source.folder / "two").exists()
    assert source.held("one") == SOURCE
    really = source.here(verb, "one", "two", "-v")
    assert sorted(done.out.splitlines()) == sorted(
        line for line in really.err.splitlines() if line[:1] in "→←" and "copied" not in line
    )


def test_copy_deletes_nothing_and_sync_does(source: Shell) -> None:
    source.fill("two", {"extra.txt": "x", "a.txt": "old"} | {f"d/{n}": "" for n in range(3)})

    source.done("copy", "one", "two")
    assert source.held("two")["extra.txt"] == "x"
    assert source.held("two")["a.txt"] == "a"

    refused = source.here("sync", "one", "two")
    assert refused.status == 7
    assert "--force" in refused.err
    source.done("sync", "one", "two", "--max-delete", "4")
    assert source.held("two") == SOURCE
    assert "extra.txt" in source.done("trash", "list")


def test_what_was_renamed_is_not_sent_again(source: Shell) -> None:
    source.done("sync", "one", "two")
    (source.folder / "one/d").rename(source.folder / "one/moved")

    done = source.here("sync", "one", "two", "-v")

    assert source.held("two") == source.held("one")
    assert done.err.count("moved     ") == 2
    assert " new " not in done.err


def test_move_empties_the_source_of_what_went_over(source: Shell) -> None:
    source.fill("two", {"a.txt": "a"})

    source.done("move", "one", "two", "--exclude", "c.txt")

    assert source.held("two") == {"a.txt": "a", "d/b.txt": "bb"}
    assert source.held("one") == {"d/e/c.txt": "ccc"}


@pytest.mark.parametrize(("flag", "body"), [("--size-only", "BBB"), ("--ignore-size", "longer")])
def test_a_move_leaves_what_only_looks_the_same(source: Shell, flag: str, body: str) -> None:
    source.fill("one", {"d/b.txt": "bbb"})
    source.fill("two", {"a.txt": "a", "d/b.txt": body})
    for side in ("one", "two"):
        os.utime(source.folder / side / "d/b.txt", (1_600_000_000, 1_600_000_000))
    looks = source.here("move", "one", "two", flag, "-n")

    done = source.here("move", "one", "two", flag, "--trash-days", "0")

    assert source.held("one") == {"d/b.txt": "bbb"}
    assert source.held("two") == SOURCE | {"d/b.txt": body}
    assert looks.status == done.status == 6
    line = "? skipped   d/b.txt  (path1: What path2 has looks the same, but no checksum says"
    assert line in looks.out
    assert line in done.err
    source.done("move", "one", "two")
    assert source.held("one") == {}
    assert source.held("two") == SOURCE | {"d/b.txt": "bbb"}


def test_a_file_goes_into_a_folder_or_to_a_name(source: Shell) -> None:
    source.done("copy", "one/a.txt", "two")
    source.done("copyto", "one/a.txt", "two/deep/b.txt")
    source.done("moveto", "one/d/b.txt", "two/c.txt")
    source.done("move", "one/d/e/c.txt", "two/deep")

    assert source.held("two") == {
        "a.txt": "a", "deep/b.txt": "a", "c.txt": "bb", "deep/c.txt": "ccc",
    }  # fmt: skip
    assert source.held("one") == {"a.txt": "a"}
    source.fill("one", {"a.txt": "new"})
    source.done("copyto", "one/a.txt", "two/deep/b.txt")
    assert source.held("two")["deep/b.txt"] == "new"
    (source.folder / "two/deep/b.txt").unlink()
    source.done("trash", "restore", "b.txt")
    assert source.held("two")["deep/b.txt"] == "a"


@pytest.mark.parametrize("verb", ["copy", "sync", "move", "copyto", "moveto"])
def test_what_is_not_there_is_status_three(shell: Shell, verb: str) -> None:
    done = shell.here(verb, "none", "two")

    assert done.status == 3
    assert done.err == "mirrorsync: none: there is no such file or folder.\n"
    assert not (shell.folder / "two").exists()


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        (("--ignore-existing",), {"a.txt": "newer there", "d/b.txt": "old"}),
        (("--update",), {"a.txt": "newer there", "d/b.txt": "bb"}),
        ((), {"a.txt": "a", "d/b.txt": "bb"}),
        (("--size-only",), {"a.txt": "a", "d/b.txt": "bb"}),
        (("--checksum",), {"a.txt": "a", "d/b.txt": "bb"}),
        (("--ignore-times",), {"a.txt": "a", "d/b.txt": "bb"}),
        (("--ignore-size",), {"a.txt": "a", "d/b.txt": "bb"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_is_replaced(source: Shell, flags: tuple[str, ...], kept: dict[str, str]) -> None:
    source.fill("two", {"a.txt": "newer there", "d/b.txt": "old"})
    now = (source.folder / "one/a.txt").stat().st_mtime
    os.utime(source.folder / "two/a.txt", (now + 100, now + 100))
    os.utime(source.folder / "two/d/b.txt", (now - 100, now - 100))

    source.done("copy", "one", "two", *flags)

    assert source.held("two") == SOURCE | kept


def test_same_size_is_the_same_for_size_only(source: Shell) -> None:
    source.fill("two", {"a.txt": "z"})

    source.done("copy", "one", "two", "--size-only")

    assert source.held("two")["a.txt"] == "z"


def test_immutable_replaces_nothing_and_says_so(source: Shell) -> None:
    source.fill("two", {"a.txt": "other"})

    done = source.here("copy", "one", "two", "--immutable")

    assert done.status == source.rclone("copy", "one", "two", "--immutable").returncode == 6
    assert source.held("two") == SOURCE | {"a.txt": "other"}


def test_what_is_replaced_or_deleted_goes_to_a_backup(source: Shell) -> None:
    source.fill("two", {"a.txt": "old", "gone.txt": "g"})

    source.done("sync", "one", "two", "--backup-dir", "back", "--suffix", ".bak")

    assert source.held("two") == SOURCE
    assert source.held("back") == {"a.txt.bak": "old", "gone.txt.bak": "g"}


def test_a_suffix_alone_keeps_it_beside(source: Shell) -> None:
    source.fill("two", {"a.txt": "old"})

    source.done("sync", "one", "two", "--suffix", ".bak")
    source.done("sync", "one", "two", "--suffix", ".bak")

    assert source.held("two") == SOURCE | {"a.txt.bak": "old"}


def test_empty_folders_go_over_when_asked_for(source: Shell) -> None:
    (source.folder / "one/empty").mkdir()

    source.done("copy", "one", "two")
    assert not (source.folder / "two/empty").exists()
    source.done("copy", "one", "two", "--create-empty-src-dirs")
    assert (source.folder / "two/empty").is_dir()


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        (("--include", "b.txt"), {"d/b.txt"}),
        (("--exclude", "/d/**"), {"a.txt"}),
        (("--filter", "- c.txt"), {"a.txt", "d/b.txt"}),
        (("--max-depth", "1"), {"a.txt"}),
        (("--min-size", "2b"), {"d/b.txt", "d/e/c.txt"}),
        (("--max-size", "2b"), {"a.txt", "d/b.txt"}),
        (("--max-age", "1h"), {"a.txt", "d/e/c.txt"}),
        (("--min-age", "1h"), {"d/b.txt"}),
        (("--files-from", "list"), {"a.txt", "d/e/c.txt"}),
        (("--include", "B.TXT", "--ignore-case"), {"d/b.txt"}),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_filters_choose_what_goes_over_and_what_may_be_lost(
    source: Shell, flags: tuple[str, ...], names: set[str]
) -> None:
    (source.folder / "list").write_text("a.txt\nd/e/c.txt\n")
    os.utime(source.folder / "one/d/b.txt", (1_600_000_000, 1_600_000_000))

    source.done("sync", "one", "two", *flags)

    assert set(source.held("two")) == names


def test_links_and_dots_lead_where_they_lead(source: Shell) -> None:
    (source.folder / "link").symlink_to("one")
    source.fill("real", {})
    (source.folder / "there").symlink_to("real")
    source.fill("deep/er", {})

    source.done("copy", "link", "there")
    source.done("copy", "one/d/..", "dots/../dotted")
    source.done("copyto", "link/a.txt", "there/../there/b.txt")

    assert source.held("real") == SOURCE | {"b.txt": "a"}
    assert source.held("dotted") == SOURCE
    assert (source.folder / "there").is_symlink()
    assert source.here("sync", "link", "one/d").status == 2


def test_names_of_any_script_go_over(source: Shell) -> None:
    names = {"Ünï/ß ß.txt": "1", "山/川.jpg": "2", "a\nb": "3", "-n": "4", "e\u0301": "5"}
    source.fill("one", names)

    source.done("sync", "one", "two")
    source.done("copy", "one/Ünï", "three")
    source.done("copy", "one/e\u0301", "three")

    assert sorted(source.held("two").values()) == sorted((names | SOURCE).values())
    assert set(source.held("three").values()) == {"1", "5"}


def test_one_side_within_the_other_is_refused(source: Shell) -> None:
    assert source.here("sync", "one", "one/d").status == 2
    assert source.here("copy", "one", "one").status == 2
    assert source.held("one") == SOURCE


def test_interactive_asks_before_a_loss(source: Shell) -> None:
    source.fill("two", {"a.txt": "old", "x": "", "y": ""})

    done = source.here("sync", "one", "two", "-i", "--force", text="y\ns\n")

    assert done.err.count("Do it?") == 2
    assert source.held("two") == SOURCE | {"x": "", "y": ""}


def test_interactive_asks_before_what_was_moved_leaves_its_place(source: Shell) -> None:
    source.fill("two", {"a.txt": "old"})

    quit_ = source.here("move", "one", "two", "-i", text="y\ny\nq\n")
    assert quit_.status == 130
    assert (source.held("one"), source.held("two")) == (SOURCE, {"a.txt": "old"})

    done = source.here("move", "one", "two", "-i", text="y\nn\ny\nn\n")

    assert done.status == 0
    assert re.findall(r"(changed|deleted) +(\S+) ", done.err)[:4] == [
        ("changed", "a.txt"), ("deleted", "a.txt"),
        ("deleted", "d/b.txt"), ("deleted", "d/e/c.txt"),
    ]  # fmt: skip
    assert source.held("two") == SOURCE
    assert source.held("one") == {"a.txt": "a", "d/e/c.txt": "ccc"}
    assert source.here("move", "one", "two", "-i", text="!\n").status == 0
    assert source.held("one") == {}


def test_what_is_not_to_be_replaced_stays_where_it_was_when_moving(source: Shell) -> None:
    source.fill("two", {"a.txt": "old"})

    done = source.here("move", "one", "two", "-i", text="n\ny\ny\n")

    assert done.err.count("Do it?") == 3
    assert source.held("two") == SOURCE | {"a.txt": "old"}
    assert source.held("one") == {"a.txt": "a"}


def test_an_empty_source_empties_nothing(shell: Shell) -> None:
    shell.fill("one", {})
    shell.fill("two", {"a": "a"})

    done = shell.here("sync", "one", "two")

    assert done.status == 7
    assert "no file at all" in done.err
    assert "use --force" in done.err
    assert "--resync" not in done.err  # that is an option of bisync
    assert shell.held("two") == {"a": "a"}
    shell.done("sync", "one", "two", "--force")
    assert shell.held("two") == {}
