"""``manifest verify`` and ``bisync --check-sync``."""

from __future__ import annotations

from tests.sync.cli.conftest import Shell


def test_both_sides_are_verified_when_asked_for(pair: Shell) -> None:
    assert "0 differences" in pair.here("bisync", "one", "two", "--check-sync", "true").err
    pair.fill("two", {"a.txt": "edited"})

    only = pair.here("bisync", "one", "two", "--check-sync", "only")

    assert (only.status, only.out) == (1, "path2: edited a.txt\n")
    assert pair.held("one")["a.txt"] == "a"


def test_what_the_run_leaves_out_is_no_difference(pair: Shell) -> None:
    pair.fill("one", {"left.tmp": "t"})
    (pair.folder / "one/empty/deep").mkdir(parents=True)
    (pair.folder / "rules").write_text("- *.tmp\n")
    for words in (["--exclude", "*.tmp"], ["--filters-file", "rules"]):
        for more in (["--resync", "--check-sync", "true"], ["--check-sync", "only"]):
            ran = pair.here("bisync", "one", "two", *words, *more)
            assert (ran.status, "0 differences" in ran.err) == (0, True)
    assert pair.done("manifest", "verify", "one", "two", "--exclude", "*.tmp") == ""

    told = pair.done("manifest", "verify", "one", "two", status=1)

    assert told == "path1: new left.tmp\n"


def test_a_folder_without_files_that_was_agreed_on_is_missed(pair: Shell) -> None:
    (pair.folder / "one/empty").mkdir()
    pair.done("bisync", "one", "two", "--create-empty-src-dirs", "--check-sync", "true")
    (pair.folder / "two/empty").rmdir()

    told = pair.done("bisync", "one", "two", "--check-sync", "only", status=1)

    assert told == "path2: deleted empty\n"


def test_what_was_agreed_on_and_cannot_be_looked_at_is_told(pair: Shell) -> None:
    pair.done("bisync", "one", "two", "--check-sync", "true")
    two = pair.folder / "two"
    (two / "d").rename(pair.folder / "elsewhere")
    (two / "d").symlink_to(pair.folder / "elsewhere")
    (two / "never").symlink_to(pair.folder / "elsewhere")

    ran = pair.here("manifest", "verify", "one", "two")

    reason = "It is a symbolic link, a device or a socket."
    assert (ran.status, ran.out) == (1, f"path2: unseen d  ({reason})\n")
    assert ran.err.endswith(", 1 difference\n")
    assert pair.done("manifest", "verify", "one", "two", "--exclude", "/d/**") == ""
