"""Every exit status that the README names, by a command that ends with it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mirrorfs.emulators.cloudinary import Server, Settings
from tests.sync.cli.conftest import Done, Shell

ROOT = Path(__file__).parents[3]
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from sync.cli import main
main()
"""
NO_ONE_LISTENS = "cloudinary://key:secret@demo?upload_prefix=http://127.0.0.1:9"


def ran(shell: Shell, *command: str | Path) -> Done:
    """Run a program of its own."""
    ended = subprocess.run(
        command, cwd=shell.folder, env=shell.environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Done(ended.returncode, ended.stdout, ended.stderr)


def done(shell: Shell) -> Done:
    return shell.here("copy", "one", "two")


def not_all_could_be_done(shell: Shell) -> Done:
    shell.fill("one", {"large": "x" * 300_000})
    return ran(shell, sys.executable, "-c", LIMITED, "copy", "one", "two")


def sides_differ(shell: Shell) -> Done:
    shell.fill("two", {})
    return shell.here("check", "one", "two")


def wrong_arguments(shell: Shell) -> Done:
    return shell.here("copy", "one", "two", "--bwlimit", "fast")


def no_number_of_days(shell: Shell) -> Done:
    return shell.here("copy", "one", "two", "--trash-days", "nan")


def no_days_at_all(shell: Shell) -> Done:
    return shell.here("copy", "one", "two", "--trash-days", "-1")


def no_number_of_deletions(shell: Shell) -> Done:
    return shell.here("bisync", "one", "two", "--max-delete", "nan")


def overlapping(shell: Shell) -> Done:
    return shell.here("sync", "one", "one/deep")


def not_found(shell: Shell) -> Done:
    return shell.here("copy", "none", "two")


def try_again_later(shell: Shell) -> Done:
    shell.environment["CLOUDINARY_URL"] = NO_ONE_LISTENS
    return shell.here("copy", "cloudinary:", "two", "--retries", "1")


def something_was_left_alone(shell: Shell) -> Done:
    shell.fill("two", {"a": "another"})
    return shell.here("copy", "one", "two", "--immutable")


def a_link_stands_in_the_way(shell: Shell) -> Done:
    shell.fill("two", {})
    (shell.folder / "two/a").symlink_to("elsewhere")
    return shell.here("copy", "one", "two")


def refused(shell: Shell) -> Done:
    shell.fill("empty", {})
    shell.fill("two", {"a": "a"})
    return shell.here("sync", "empty", "two")


def denied(shell: Shell) -> Done:
    with Server(Settings(cloud_name="demo", api_secret="another-secret")) as server:
        url = server.cloudinary_url.replace("another-secret", "wrong")
        shell.environment["CLOUDINARY_URL"] = url
        return shell.here("ls", "cloudinary:")


def enough_was_sent(shell: Shell) -> Done:
    return shell.here("copy", "one", "two", "--max-transfer", "0b")


def nothing_was_sent(shell: Shell) -> Done:
    shell.fill("two", {"a": "a"})
    return shell.here("copy", "one", "two", "--error-on-no-transfer")


def time_is_over(shell: Shell) -> Done:
    return shell.here("copy", "one", "two", "--max-duration", "0s")


def the_quota_is_used_up(shell: Shell) -> Done:
    with Server(Settings(cloud_name="demo", api_secret="secret", hourly_limit=0)) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        return shell.here("ls", "cloudinary:", "--no-wait")


def somebody_quits(shell: Shell) -> Done:
    shell.fill("two", {"a": "another"})
    return shell.here("copy", "one", "two", "-i", text="q\n")


def nobody_reads(shell: Shell) -> Done:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "sync", "--help"], cwd=ROOT, env=shell.environment,
            stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    return Done(ended.returncode, "", ended.stderr)


CASES: list[tuple[int, Callable[[Shell], Done], str]] = [
    (0, done, ""),
    (1, not_all_could_be_done, "File too large"),
    (1, sides_differ, "1 differences found"),
    (2, wrong_arguments, "'fast' is not a size"),
    (2, no_number_of_days, "'nan' is no number"),
    (2, no_days_at_all, "'--trash-days': -1"),
    (2, no_number_of_deletions, "'nan' is no number"),
    (2, overlapping, "one and one/deep overlap."),
    (3, not_found, "none: there is no such file or folder."),
    (5, try_again_later, "mirrorsync: "),
    (6, something_was_left_alone, "nothing may be replaced"),
    (6, a_link_stands_in_the_way, "It is a symbolic link"),
    (7, refused, "--force"),
    (7, denied, "mirrorsync: "),
    (8, enough_was_sent, "--max-transfer"),
    (9, nothing_was_sent, ""),
    (10, time_is_over, "--max-duration"),
    (11, the_quota_is_used_up, "The quota is there again at 20"),
    (130, somebody_quits, "Stopped."),
    (141, nobody_reads, ""),
]


@pytest.mark.parametrize(
    ("status", "command", "said"), CASES, ids=[command.__name__ for _, command, _ in CASES]
)
def test_a_command_ends_with_the_status_that_says_why(
    shell: Shell, status: int, command: Callable[[Shell], Done], said: str
) -> None:
    shell.fill("one", {"a": "a"})

    ended = command(shell)

    assert ended.status == status, ended
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert shell.held("one")["a"] == "a"


def test_the_readme_names_every_status() -> None:
    readme = (ROOT / "README.md").read_text()
    chapter = re.findall(r"Exit statuses: (.*?)\n\n", readme, re.DOTALL)[-1]

    named = {int(one) for one in re.findall(r"(?:^|· *\n?)(\d+) ", chapter)}

    assert named == {status for status, _, _ in CASES}


def test_a_reader_that_goes_away_ends_a_listing_without_a_word(shell: Shell) -> None:
    shell.fill("one", {f"{n:05}": "" for n in range(3000)})

    piped = ran(
        shell, "bash", "-o", "pipefail", "-c",
        f"'{sys.executable}' -m sync ls one | head -n 1",
    )  # fmt: skip

    assert (piped.status, piped.out, piped.err) == (141, "        0 00000\n", "")


@pytest.mark.parametrize(
    ("status", "flags"),
    [(2, "--no-such-flag"), (3, ""), (6, "--immutable"), (8, "--max-transfer 1b"),
     (9, "--error-on-no-transfer --include none"), (10, "--max-duration 1ns")],
)  # fmt: skip
def test_where_rclone_has_a_status_it_is_the_same(shell: Shell, status: int, flags: str) -> None:
    source = "none" if status == 3 else "one"
    found = []
    for name, run in (("ours", shell.sync), ("theirs", shell.rclone)):
        shell.fill("one", {"a": "a" * 1000})
        shell.fill(name, {"a": "other"} if status == 6 else {})
        found.append(run("copy", source, name, *flags.split()).returncode)

    assert found == [status, status]
