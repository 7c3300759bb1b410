"""What a run says while it goes: at a terminal, in lines, as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from tests.cli.terminal import Terminal
from tests.sync.cli.conftest import Shell


@pytest.fixture
def slow(shell: Shell) -> Shell:
    """Two sides between which a run takes a few seconds at 800 KiB/s."""
    shell.fill("one", {f"{n}.bin": "x" * 200_000 for n in range(8)})
    shell.fill("two", {})
    return shell


def terminal(shell: Shell, *args: str) -> Terminal:
    environment = shell.environment | {
        "PYTHONPATH": str(Path(__file__).parents[3]), "COLUMNS": "100", "LINES": "30",
        "TERM": "xterm",
    }  # fmt: skip
    return Terminal(shell.folder, environment, *args, module="sync")


def part_of(whole: str) -> str:
    """Return a pattern of KiB or MiB that are more than nothing and not yet the ``whole``."""
    return rf"(?<![\d.])(?!{re.escape(whole)} of)[1-9]\d*(\.\d+)? [KM]iB of {re.escape(whole)}"


def test_at_a_terminal_bars_show_each_file_and_the_whole(shell: Shell) -> None:
    shell.fill("one", {f"{n}.bin": "x" * 1_000_000 for n in range(2)})
    shell.fill("two", {})

    with terminal(shell, "bisync", "one", "two", "--bwlimit", "1M") as screen:
        screen.expect(rf"\d\.bin.*━.*{part_of('976.562 KiB')}")
        screen.expect(rf"0 of 2.*━.*{part_of('1.907 MiB')}.*(?<![\d.])[1-9][\d.]* [KM]iB/s")
        screen.expect("2 files copied")
        assert screen.ends() == 0


def test_ctrl_c_at_a_terminal_says_what_happens(slow: Shell) -> None:
    with terminal(slow, "bisync", "one", "two", "--bwlimit", "800k") as screen:
        screen.expect(r"\d of 8")
        screen.press(b"\x03")
        screen.expect("Finishing what is under way")
        screen.expect("run the same command again")
        assert screen.ends() == 130
    assert len(slow.held("two")) < 8


def test_ctrl_c_while_sides_are_listed_ends_the_run(shell: Shell) -> None:
    shell.fill("one", {"a.txt": "a"})
    with Server(Settings(cloud_name="demo", api_secret="a-secret", delay=0.3)) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        with terminal(shell, "bisync", "one", "cloudinary:") as screen:
            screen.expect("Listing both sides")
            screen.press(b"\x03")
            screen.expect("Stopped")
            assert screen.ends() == 130
    assert shell.held("one") == {"a.txt": "a"}


def test_check_and_status_show_at_a_terminal_that_sides_are_listed(shell: Shell) -> None:
    shell.fill("one", {"a.txt": "a"})
    with Server(Settings(cloud_name="demo", api_secret="a-secret", delay=0.3)) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        with terminal(shell, "check", "one", "cloudinary:") as screen:
            screen.expect("Listing both sides: 1 in path1")
            screen.expect(r"\+ a\.txt: not in path2")
            screen.expect(r"1\S* differences found")
            assert screen.ends() == 1
        with terminal(shell, "check", "one", "cloudinary:", "--combined", "-") as screen:
            assert screen.ends() == 1
        assert "Listing" not in screen.shown
        assert "\n+ a.txt\n" in f"\n{screen.shown}"
        with terminal(shell, "status", "one", "cloudinary:") as screen:
            screen.expect("Listing both sides: 1 in path1")
            screen.expect(r"→ new +a\.txt")
            assert screen.ends() == 0


def test_ctrl_c_twice_stops_at_once_and_the_next_run_goes_on(slow: Shell) -> None:
    with terminal(slow, "bisync", "one", "two", "--bwlimit", "50k") as screen:
        screen.expect(r"\d of 8")
        screen.press(b"\x03")
        screen.expect("Finishing what is under way")
        screen.press(b"\x03")
        assert screen.ends() == 130
    assert slow.held("one").keys() == {f"{n}.bin" for n in range(8)}

    slow.done("bisync", "one", "two")

    assert slow.held("two") == slow.held("one")
    assert not [one for one in (slow.folder / "two").iterdir() if ".part" in one.name]


def test_elsewhere_lines_tell_how_far_it_is(slow: Shell) -> None:
    done = slow.here("bisync", "one", "two", "--bwlimit", "1M", "-P", "--stats", "200ms")

    assert "of 8 done" in done.err
    assert "of 1.526 MiB" in done.err


def test_json_tells_how_far_it_is(slow: Shell) -> None:
    out = slow.done("bisync", "one", "two", "--bwlimit", "1M", "--json", "--stats", "200ms")

    stats = [line for line in map(json.loads, out.splitlines()) if line["event"] == "stats"]
    assert stats[-1]["total"] == 8
    assert stats[-1]["sent"] > 0


def test_by_default_a_run_elsewhere_that_goes_well_is_silent(slow: Shell) -> None:
    done = slow.here("copy", "one", "two")

    assert (done.status, done.out, done.err) == (0, "", "")
