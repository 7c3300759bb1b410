"""How much is done at a time, how often, how fast, and when it ends."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.emulators.cloudinary import Server, Settings
from mirrorfs.providers.local import LocalProvider
from tests.sync.cli.conftest import Shell

VERBS = ["copy", "sync", "move", "bisync"]
FEW = {f"{n}.txt": str(n) * 100 for n in range(6)}


@pytest.fixture
def few(shell: Shell) -> Shell:
    """Six files of 100 bytes that are to go over."""
    shell.fill("one", FEW)
    shell.fill("two", {})
    return shell


class Readers:
    """Counts who reads at a time: nobody goes on before ``wanted`` do, and then not at once."""

    def __init__(self, wanted: int) -> None:
        self._gate = threading.Barrier(wanted, timeout=30)
        self._lock = threading.Lock()
        self._now = self.most = 0

    @contextmanager
    def count(self, opened: AbstractContextManager[int]) -> Iterator[int]:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._gate.wait()
        time.sleep(0.02)
        with opened as file:
            yield file
        with self._lock:
            self._now -= 1


def watch_readers(monkeypatch: pytest.MonkeyPatch, wanted: int) -> Readers:
    found, opened = Readers(wanted), LocalProvider.opened

    def counted(self: LocalProvider, entry: Entry) -> AbstractContextManager[int]:
        return found.count(opened(self, entry))

    monkeypatch.setattr(LocalProvider, "opened", counted)
    return found


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("verb", VERBS)
def test_so_many_files_are_sent_at_a_time(
    few: Shell, monkeypatch: pytest.MonkeyPatch, verb: str, number: int
) -> None:
    readers = watch_readers(monkeypatch, number)

    few.done(verb, "one", "two", "--transfers", str(number), "--checkers", "1")

    assert few.held("two") == FEW
    assert readers.most == number


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("verb", ["copy", "bisync", "check"])
def test_so_many_checksums_are_taken_at_a_time(
    few: Shell, monkeypatch: pytest.MonkeyPatch, verb: str, number: int
) -> None:
    few.fill("two", FEW)
    readers = watch_readers(monkeypatch, number)
    others = () if verb == "check" else ("--transfers", "2")

    few.done(verb, "one", "two", "--checkers", str(number), *others)

    assert readers.most == number


@pytest.mark.parametrize("verb", VERBS)
def test_no_more_is_sent_than_is_allowed(few: Shell, verb: str) -> None:
    done = few.here(verb, "one", "two", "--max-transfer", "250b")

    assert done.status == 8
    assert len(few.held("two")) == 2
    assert few.held("one") == FEW
    assert "--max-transfer" in done.err
    few.done(verb, "one", "two")
    assert few.held("two") == FEW


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_begun_when_the_time_is_over(few: Shell, verb: str) -> None:
    done = few.here(verb, "one", "two", "--max-duration", "0s")

    assert done.status == 10
    assert few.held("two") == {}
    assert few.held("one") == FEW
    few.done(verb, "one", "two", "--max-duration", "1h")
    assert few.held("two") == FEW


@pytest.mark.parametrize("verb", VERBS)
def test_a_rate_is_kept(shell: Shell, verb: str) -> None:
    shell.fill("one", {"f": "x" * 20_000})
    shell.fill("two", {})
    began = time.monotonic()

    shell.done(verb, "one", "two", "--bwlimit", "20k")

    assert time.monotonic() - began > 20_000 / 20_480


def test_a_timetable_has_a_rate_for_each_moment(shell: Shell) -> None:
    shell.fill("one", {"f": "x" * 20_000})
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    for timetable in ("00:00,20k 23:59,20k", " ".join(f"{day}-00:00,20k" for day in days)):
        began = time.monotonic()
        shell.done("copy", "one", "two", "--ignore-times", "--bwlimit", timetable)
        assert time.monotonic() - began > 20_000 / 20_480


def test_up_and_down_have_rates_of_their_own(shell: Shell) -> None:
    shell.fill("one", {"f.bin": "x" * 20_000})
    with Server(Settings(cloud_name="demo", api_secret="a-secret")) as server:
        shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
        began = time.monotonic()
        shell.done("copy", "one", "cloudinary:a", "--bwlimit", "20k:1b")
        between = time.monotonic()
        shell.done("copy", "cloudinary:a", "two", "--bwlimit", "1b:20k")
        ended = time.monotonic()
        for free in ("off:1b", "1b:off"):  # at a byte a second it would take hours
            way = ("one", "cloudinary:b") if free == "off:1b" else ("cloudinary:b", "three")
            shell.done("copy", *way, "--bwlimit", free)

    assert min(between - began, ended - between) > 20_000 / 20_480
    assert shell.held("two") == shell.held("three") == {"f.bin": "x" * 20_000}


@pytest.mark.parametrize("limit", ["fast", "25:00,1M", "Foo-01:00,1M", "1M 2M"])
def test_what_is_no_rate_is_refused(few: Shell, limit: str) -> None:
    assert few.here("copy", "one", "two", "--bwlimit", limit).status == 2
    assert few.rclone("copy", "one", "two", "--bwlimit", limit).returncode != 0
    assert few.held("two") == {}


@pytest.mark.parametrize("tries", [1, 3])
def test_what_may_work_later_is_tried_so_often(
    few: Shell, monkeypatch: pytest.MonkeyPatch, tries: int
) -> None:
    from mirrorfs.core.errors import Unavailable

    calls: list[str] = []

    def fail(self: LocalProvider, path: str, *_: object, **__: object) -> Entry:
        calls.append(path)
        raise Unavailable("The disk does not answer.")

    monkeypatch.setattr(LocalProvider, "write", fail)
    flags = ("--retries", str(tries), "--retries-sleep", "10ms", "--include", "0.txt")

    done = few.here("copy", "one", "two", *flags)

    assert done.status == 1
    assert len(calls) == tries
    assert ("Waiting" in done.err) == (tries > 1)


def test_between_two_tries_there_is_a_pause(few: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from mirrorfs.core.errors import Unavailable

    moments: list[float] = []
    write = LocalProvider.write

    def fail_once(self: LocalProvider, path: str, *args: object, **named: object) -> Entry:
        moments.append(time.monotonic())
        if len(moments) == 1:
            raise Unavailable("The disk does not answer.")
        return write(self, path, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalProvider, "write", fail_once)

    few.done("copy", "one", "two", "--retries-sleep", "300ms", "--include", "0.txt")

    assert moments[1] - moments[0] >= 0.3
    assert few.held("two") == {"0.txt": FEW["0.txt"]}


def test_a_lock_of_another_machine_is_believed_for_so_long(few: Shell) -> None:
    few.done("bisync", "one", "two")
    (lock,) = (few.folder / "home/state").rglob("*.lock")
    held = {"pid": 7, "host": f"not-{socket.gethostname()}", "since": time.time() - 600}
    lock.write_text(json.dumps(held))

    for flags in ((), ("--max-lock", "1h")):
        done = few.here("bisync", "one", "two", *flags)
        assert done.status == 7
        assert "process 7" in done.err
    few.done("bisync", "one", "two", "--max-lock", "5m")


def test_the_state_is_kept_where_it_is_wanted(few: Shell) -> None:
    few.done("bisync", "one", "two", "--workdir", "here")

    assert [one.parent.name for one in (few.folder / "here").rglob("*.lock")] == ["locks"]
    assert len(list((few.folder / "here/bisync").glob("*.sqlite"))) == 1
    assert not (few.folder / "home/state").exists()
    few.done("manifest", "show", "one", "two", status=3)
    assert "0.txt" in few.done("manifest", "show", "one", "two", "--workdir", "here")


def test_nothing_is_kept_of_what_is_lost_when_that_is_wanted(few: Shell) -> None:
    few.done("sync", "one", "two")
    (few.folder / "one/0.txt").unlink()
    (few.folder / "one/1.txt").write_text("other")

    few.done("sync", "one", "two", "--no-trash")

    assert few.done("trash", "list") == ""
    assert few.held("two") == few.held("one")


@pytest.mark.parametrize(("age", "is_kept"), [(5, True), (7, False)])
def test_the_trash_keeps_for_as_many_days_as_the_run_said_that_put_it_there(
    few: Shell, age: int, *, is_kept: bool
) -> None:
    few.done("sync", "one", "two")
    (few.folder / "one/0.txt").unlink()
    few.done("sync", "one", "two", "--trash-days", "6")
    (run,) = (few.folder / "home/state/mirrorsync/trash").iterdir()
    _, _, mark = run.name.rpartition("-")
    day = time.strftime("%Y-%m-%dT%H%M%SZ", time.gmtime(time.time() - age * 86400))
    run.rename(run.with_name(f"{day}-{mark}"))

    (few.folder / "three").mkdir()
    few.done("sync", "one", "three", "--trash-days", "0")
    assert ("0.txt" in few.done("trash", "list")) is is_kept


@pytest.mark.parametrize("verb", VERBS)
def test_an_existing_file_is_never_replaced_when_that_is_wanted(few: Shell, verb: str) -> None:
    few.done(verb.replace("move", "copy"), "one", "two")
    few.fill("one", {"0.txt": "edited"})

    done = few.here(verb, "one", "two", "--immutable")

    assert done.status in {1, 6}
    assert "0.txt" in done.err
    assert few.held("two") == FEW
    assert few.held("one")["0.txt"] == "edited"


def test_progress_and_statistics_are_lines_where_there_is_no_terminal(shell: Shell) -> None:
    shell.fill("one", {"f": "x" * 100_000})

    quiet = shell.here("copy", "one", "two", "--bwlimit", "200k", "--stats", "100ms")
    told = shell.here("copy", "one", "three", "--bwlimit", "200k", "--progress", "--stats", "100ms")
    silent = shell.here(
        "copy", "one", "four", "--bwlimit", "200k", "--progress", "--stats", "100ms", "--quiet"
    )

    figures = [float(one) for one in re.findall(r"([\d.]+) KiB of 97\.656 KiB", told.err)]
    assert any(0 < one < 97 for one in figures)
    assert (quiet.err, silent.err) == ("", "")


def test_a_killed_run_is_gone_on_with_whatever_is_asked_for(shell: Shell) -> None:
    bodies = {f"{n}.bin": str(n) * 20_000 for n in range(6)}
    for flags in ((), ("--resilient", "--recover")):
        name = f"two{len(flags)}"
        shell.fill("one", bodies)
        shell.fill(name, {})
        command = [sys.executable, "-m", "sync", "bisync", "one", name, "--bwlimit", "100k", "-v"]
        environment = shell.environment | {"PYTHONPATH": str(Path(__file__).parents[3])}
        killed = subprocess.Popen(
            command, cwd=shell.folder, env=environment, stderr=subprocess.PIPE, text=True
        )
        assert killed.stderr
        line = killed.stderr.readline()
        while "→ new" not in line:
            line = killed.stderr.readline()
        killed.kill()
        killed.communicate()
        before = shell.held(name)
        assert before
        assert before != bodies

        shell.done("bisync", "one", name, *flags)

        assert shell.held("one") == shell.held(name) == bodies


@pytest.mark.parametrize("flags", [(), ("--resilient", "--recover")])
def test_after_a_failure_the_next_run_tries_again_whatever_is_asked_for(
    few: Shell, flags: tuple[str, ...]
) -> None:
    few.done("bisync", "one", "two", *flags)
    few.fill("one", {"new.txt": "n"})
    (few.folder / "two").rename(few.folder / "away")

    gone = few.here("bisync", "one", "two", *flags)
    assert gone.status != 0
    assert few.held("one") == FEW | {"new.txt": "n"}
    (few.folder / "away").rename(few.folder / "two")
    few.done("bisync", "one", "two", *flags)

    assert few.held("two") == few.held("one") == FEW | {"new.txt": "n"}


@pytest.mark.parametrize("flags", [(), ("--track-renames",)])
@pytest.mark.parametrize("verb", ["sync", "bisync"])
def test_what_was_renamed_is_not_sent_whatever_is_asked_for(
    few: Shell, verb: str, flags: tuple[str, ...]
) -> None:
    few.done(verb, "one", "two", *flags)
    (few.folder / "one/0.txt").rename(few.folder / "one/renamed.txt")

    ended = few.here(verb, "one", "two", *flags, "--error-on-no-transfer", "-v")

    assert ended.status == 9
    assert "→ moved     renamed.txt  (from 0.txt)" in ended.err
    assert few.held("two") == few.held("one")


def test_questions_are_asked_by_the_long_name_too(few: Shell) -> None:
    few.done("bisync", "one", "two")
    few.fill("one", {"0.txt": "edited"})

    asked = few.here("bisync", "one", "two", "--interactive", text="n\n")

    assert asked.err.count("Do it?") == 1
    assert few.held("two") == FEW
