"""``bisync`` and ``status`` of two local folders."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sync.cli.conftest import ONE, TWO, Shell


def test_a_first_run_is_a_union_and_a_second_one_does_nothing(pair: Shell) -> None:
    assert pair.held("one") == pair.held("two") == ONE | TWO
    assert pair.done("status", "one", "two") == "Both sides are alike.\n"
    assert "nothing to do" in pair.here("bisync", "one", "two", "-v").err


def test_what_changed_on_either_side_is_done_on_the_other(pair: Shell) -> None:
    pair.fill("one", {"new.txt": "new", "a.txt": "edited"})
    (pair.folder / "two/c.txt").unlink()
    (pair.folder / "two/d/b.txt").rename(pair.folder / "two/moved.txt")

    told = pair.done("status", "one", "two").splitlines()
    dry = pair.done("bisync", "one", "two", "--dry-run").splitlines()
    done = pair.here("bisync", "one", "two", "-v")

    assert dry == told
    assert {" ".join(line.split()[:3]) for line in told} >= {
        "→ new new.txt", "→ changed a.txt", "← deleted c.txt", "← moved moved.txt",
    }  # fmt: skip
    assert all(line in done.err for line in told)
    assert pair.held("one") == pair.held("two")
    assert pair.held("one") == {
        "a.txt": "edited", "moved.txt": "b", "new.txt": "new", "same.txt": "same",
    }  # fmt: skip


def test_a_dry_run_does_nothing(shell: Shell) -> None:
    shell.fill("one", ONE)
    shell.fill("two", {})

    done = shell.here("bisync", "one", "two", "-n")

    assert "→ new       a.txt" in done.out
    assert "Nothing was done (--dry-run)." in done.err
    assert shell.held("two") == {}


def test_filters_hold_and_what_they_leave_out_stays(pair: Shell) -> None:
    pair.fill("one", {"new.tmp": "t", "new.txt": "n"})
    (pair.folder / "rules").write_text("- *.tmp\n")

    refused = pair.here("bisync", "one", "two", "--filters-file", "rules")
    pair.done("bisync", "one", "two", "--filters-file", "rules", "--resync")

    assert refused.status == 7
    assert "--resync" in refused.err

    assert "new.txt" in pair.held("two")
    assert "new.tmp" not in pair.held("two")
    assert "new.tmp" in pair.held("one")


@pytest.mark.parametrize(
    "flags",
    [
        ("--resilient", "--recover", "--track-renames"),
        ("--compare", "size,modtime"),
        ("--checksum",),
        ("--size-only",),
        ("--ignore-size", "--download-hash"),
        ("--ignore-listing-checksum",),
        ("--create-empty-src-dirs",),
        ("--transfers", "1", "--checkers", "1", "--retries", "1", "--retries-sleep", "0"),
        ("--max-lock", "5m", "--workdir", "home/state/mirrorsync"),
        ("--no-trash", "--trash-days", "3", "--trash-max-size", "1M"),
        ("--progress", "--stats", "1s"),
    ],
    ids=" ".join,
)
def test_flags_that_change_how_not_what(pair: Shell, flags: tuple[str, ...]) -> None:
    pair.fill("one", {"new.txt": "something new"})

    pair.done("bisync", "one", "two", *flags)

    assert pair.held("one") == pair.held("two") == ONE | TWO | {"new.txt": "something new"}


def test_empty_folders_go_over_only_when_asked_for(pair: Shell) -> None:
    (pair.folder / "one/empty").mkdir()

    pair.done("bisync", "one", "two")
    assert not (pair.folder / "two/empty").exists()
    pair.done("bisync", "one", "two", "--create-empty-src-dirs")
    assert (pair.folder / "two/empty").is_dir()


def test_folders_without_files_go_when_asked_for(pair: Shell) -> None:
    (pair.folder / "one/d/b.txt").unlink()
    (pair.folder / "two/x/y").mkdir(parents=True)

    pair.done("bisync", "one", "two", "--remove-empty-dirs", "-n")
    assert (pair.folder / "two/x/y").is_dir()
    pair.done("bisync", "one", "two", "--remove-empty-dirs")

    for side in ("one", "two"):
        assert not [one for one in (pair.folder / side).rglob("*") if one.is_dir()]
    assert pair.done("status", "one", "two") == "Both sides are alike.\n"


def test_what_exists_or_is_newer_may_be_left(pair: Shell) -> None:
    pair.fill("one", {"a.txt": "edited", "new.txt": "n"})
    os.utime(pair.folder / "one/a.txt", (1, 1))

    for flag in ("--ignore-existing", "--update"):
        pair.done("bisync", "one", "two", flag)
        assert pair.held("two")["a.txt"] == "a"
    assert pair.held("two")["new.txt"] == "n"
    pair.done("bisync", "one", "two")
    assert pair.held("two")["a.txt"] == "edited"


def test_limits_end_a_run_with_their_own_status(shell: Shell) -> None:
    shell.fill("one", {f"{n}.txt": "x" * 100 for n in range(5)})
    shell.fill("two", {})

    done = shell.here("bisync", "one", "two", "--max-transfer", "250b")
    assert done.status == 8
    assert len(shell.held("two")) == 2
    assert "Not begun" in done.err
    assert shell.here("bisync", "one", "two", "--max-duration", "0s").status == 10
    assert shell.here("bisync", "one", "two").status == 0
    assert len(shell.held("two")) == 5
    assert shell.here("bisync", "one", "two", "--error-on-no-transfer").status == 9


def test_bandwidth_is_limited(shell: Shell) -> None:
    shell.fill("one", {"f": "x" * 20_000})
    shell.fill("two", {})
    began = time.monotonic()

    shell.done("bisync", "one", "two", "--bwlimit", "20k")

    assert time.monotonic() - began > 0.9


def test_a_page_shows_the_pictures_that_are_here(shell: Shell) -> None:
    from PIL import Image

    for side, colour in (("one", "red"), ("two", "blue")):
        (shell.folder / side).mkdir()
        Image.new("RGB", (900, 600), colour).save(shell.folder / side / "clash.jpg")
    Image.new("RGB", (900, 600), "green").save(shell.folder / "one/<new>.png")
    (shell.folder / "one/broken.jpg").write_bytes(b"\xff\xd8 no picture")

    shell.done("bisync", "one", "two", "--report", "run.html")
    page = (shell.folder / "run.html").read_text()

    assert page.count('<img src="data:image/jpeg;base64,') >= 3
    assert "&lt;new&gt;.png" in page
    assert "<new>" not in page
    assert "broken.jpg" in page


@pytest.mark.parametrize("name", ["run.txt", "none/run.html"])
def test_a_report_that_cannot_be_written_is_refused_before_the_run(shell: Shell, name: str) -> None:
    shell.fill("one", ONE)
    shell.fill("two", {})

    assert shell.here("bisync", "one", "two", "--report", name).status == 2
    assert shell.held("two") == {}


def test_what_cannot_be_written_is_said_before_the_run(shell: Shell) -> None:
    shell.fill("one", ONE)
    shell.fill("two", {})
    (shell.folder / "file").write_text("")

    for flags in (("--log-file", "none/run.log"), ("--workdir", "file/state")):
        done = shell.here("bisync", "one", "two", *flags)
        assert done.status in {2, 7}, done
        assert done.err.startswith("mirrorsync: ")
        assert "Traceback" not in done.err
    assert shell.held("two") == {}


def test_a_folder_may_have_any_name(shell: Shell) -> None:
    shell.fill("~nobody", ONE)
    shell.fill("two", {})

    shell.done("bisync", "~nobody", "two")

    assert shell.held("two") == ONE


def test_everything_as_json_lines(shell: Shell) -> None:
    shell.fill("one", ONE)
    shell.fill("two", {})

    lines = [json.loads(line) for line in shell.done("bisync", "one", "two", "--json").splitlines()]

    assert [line["event"] for line in lines[:3]] == ["scanned", "scanned", "planned"]
    assert lines[-1]["event"] == "report"
    assert {line["path"] for line in lines if line["event"] == "ended"} >= set(ONE)


def test_folders_whose_names_are_no_unicode(shell: Shell) -> None:
    odd = os.fsdecode(b"odd\xff")
    shell.fill(odd, ONE)
    shell.fill("two", {})

    done = shell.sync("bisync", f"./{odd}", "two", "--json", "--report", "run.html")
    again = shell.sync("bisync", f"./{odd}", "two", "-v", "--report", "run.json")

    assert (done.returncode, again.returncode) == (0, 0), (done.stderr, again.stderr)
    assert json.loads(done.stdout.splitlines()[-1])["path1"] == f"./{odd}"
    assert json.loads((shell.folder / "run.json").read_text())["path1"] == f"./{odd}"
    assert shell.held("two") == ONE


def test_a_log_file_takes_all_that_is_said(shell: Shell) -> None:
    shell.fill("one", ONE)
    shell.fill("two", {})

    done = shell.here("bisync", "one", "two", "-v", "--log-file", "run.log")

    assert "→ new       a.txt" in (shell.folder / "run.log").read_text()
    assert "a.txt" not in done.err


def test_a_quiet_run_that_goes_well_says_nothing(pair: Shell) -> None:
    pair.fill("one", {"new.txt": "n"})

    done = pair.here("bisync", "one", "two", "-q")

    assert (done.out, done.err) == ("", "")


def test_what_cannot_be_taken_is_an_error_and_the_rest_goes_on(pair: Shell) -> None:
    pair.fill("one", {"new.txt": "n"})
    (pair.folder / "one/link").symlink_to("a.txt")
    (pair.folder / "one" / os.fsdecode(b"odd\xff.txt")).write_text("odd")

    done = pair.here("bisync", "one", "two")

    assert pair.held("two")["new.txt"] == "n"
    assert done.status in {0, 6}
    assert done.status == 0 or "left alone" in done.err.lower()


def test_a_question_comes_before_each_loss(pair: Shell) -> None:
    pair.fill("one", {"a.txt": "edited", "new.txt": "n"})
    (pair.folder / "one/c.txt").unlink()

    quit_ = pair.here("bisync", "one", "two", "-i", text="q\n")
    assert quit_.status == 130
    assert "new.txt" not in pair.held("two")

    done = pair.here("bisync", "one", "two", "-i", text="n\ny\n")
    assert done.status == 0
    assert done.err.count("Do it?") == 2
    assert pair.held("two")["new.txt"] == "n"
    assert (pair.held("two")["a.txt"] == "a") != ("c.txt" in pair.held("two"))


def test_ctrl_c_finishes_what_is_under_way_and_says_how_to_go_on(shell: Shell) -> None:
    shell.fill("one", {f"{n}.bin": "x" * 300_000 for n in range(20)})
    two = shell.fill("two", {})
    run = subprocess.Popen(
        [sys.executable, "-m", "sync", "bisync", "one", "two", "--bwlimit", "600k", "-v"],
        cwd=shell.folder,
        env=shell.environment | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_for(lambda: any(two.iterdir()))
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=30)
    held = shell.held("two")

    assert run.returncode == 130
    assert "Finishing what is under way" in said
    assert "run the same command again" in said
    assert 0 < len(held) < 20
    assert {len(body) for body in held.values()} == {300_000}
    shell.done("bisync", "one", "two")
    assert len(shell.held("two")) == 20


def _wait_for(condition: object) -> None:
    assert callable(condition)
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
