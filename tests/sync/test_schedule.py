"""Schedules over days, without waiting; and once with real processes."""

from __future__ import annotations

import datetime
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import AlreadyExists, NotFound
from mirrorfs.metrics import text_of
from sync import resuming
from sync.errors import StateFailed
from sync.launching import Launcher
from sync.schedule import Runner, next_run
from sync.timetable import Schedule, Timetable

UTC = datetime.UTC
DAY = 86400.0
MIDNIGHT = 20_000 * DAY
NIGHTLY = Schedule("nightly", "0 3 * * *", ("sync", "a:", "b"), "/", MIDNIGHT)


class Clock:
    def __init__(self) -> None:
        self.time = MIDNIGHT

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Deed:
    """A run that ends when a test says so."""

    def __init__(self) -> None:
        self.ended: int | None = None
        self.text = ""
        self.was_ended = False

    def status(self) -> int | None:
        return self.ended

    def said(self) -> str:
        return self.text

    def end(self, patience: float) -> None:
        self.was_ended = True


class Scene:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.path = folder / "state" / "schedules.sqlite"
        self.timetable = Timetable(self.path)
        self.begun: list[tuple[str, float]] = []
        self.deeds: list[Deed] = []
        self.runner = self.new_runner()

    def new_runner(self) -> Runner:
        return Runner(self.timetable, self.launch, self.clock, UTC)

    def launch(self, schedule: Schedule) -> Deed:
        self.begun.append((schedule.name, self.clock.time - MIDNIGHT))
        self.deeds.append(Deed())
        return self.deeds[-1]

    def run(self, hours: float, status: int | None = 0, said: str = "") -> list[tuple[str, float]]:
        """Let time pass in steps of a minute; runs end at once with ``status``, if any."""
        before = len(self.begun)
        for _ in range(round(hours * 60)):
            self.runner.step()
            if status is not None:
                for deed in self.deeds:
                    deed.ended, deed.text = status, said
            self.clock.time += 60
        self.runner.step()
        return self.begun[before:]

    def only(self) -> Schedule:
        (found,) = self.timetable.all()
        return found


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    scene = Scene(tmp_path)
    scene.timetable.add(NIGHTLY)
    return scene


def test_it_runs_every_night_and_says_when_next(scene: Scene) -> None:
    assert scene.run(72) == [("nightly", 3 * 3600 + n * DAY) for n in range(3)]
    found = scene.only()
    assert (found.status, found.error) == (0, "")
    assert next_run(found, UTC) == MIDNIGHT + 3 * DAY + 3 * 3600


def test_nights_that_were_slept_through_are_made_up_once(scene: Scene) -> None:
    scene.clock.time += 10 * DAY + 12 * 3600
    assert scene.run(24) == [
        ("nightly", 10 * DAY + 12 * 3600),
        ("nightly", 11 * DAY + 3 * 3600),
    ]


def test_a_run_that_takes_long_is_not_begun_twice(scene: Scene) -> None:
    assert len(scene.run(72, status=None)) == 1
    scene.deeds[0].ended = 0
    assert scene.run(1, status=None) == [("nightly", 3 * DAY)]


def test_a_run_that_met_the_limit_goes_on_at_the_reset_also_after_a_restart(scene: Scene) -> None:
    reset = MIDNIGHT + 4 * 3600
    said = f"mirrorsync: 500 calls are used up.\n{resuming.say(reset)}\n"
    assert len(scene.run(3.5, resuming.STATUS, said)) == 1
    assert scene.only().resume_at == reset
    scene.timetable.close()
    scene.timetable = Timetable(scene.path)
    scene.runner = scene.new_runner()
    assert scene.run(2) == [("nightly", 4 * 3600)]
    assert scene.only().resume_at == 0


def test_a_limit_without_a_time_is_waited_for_an_hour(scene: Scene) -> None:
    scene.run(3.1, resuming.STATUS, "The quota is used up.")
    assert scene.run(2) == [("nightly", 4 * 3600 + 60)]


def test_a_run_that_a_crash_ended_is_taken_up_at_the_next_start(scene: Scene) -> None:
    scene.run(3.5, status=None)
    scene.runner = scene.new_runner()
    assert scene.run(1) == [("nightly", 3.5 * 3600)]
    assert scene.run(12) == []


def test_a_failure_is_shown_and_not_repeated_before_its_time(scene: Scene) -> None:
    assert len(scene.run(24, 7, "warning\nmirrorsync: Access denied.\n\n")) == 1
    assert (scene.only().status, scene.only().error) == (7, "mirrorsync: Access denied.")
    scene.run(24)
    assert (scene.only().status, scene.only().error) == (0, "")


def test_a_run_that_cannot_be_begun_is_a_failure(scene: Scene) -> None:
    def refuse(schedule: Schedule) -> Deed:
        raise StateFailed("The disk is full.")

    scene.runner = Runner(scene.timetable, refuse, scene.clock, UTC)
    scene.run(4)
    assert scene.only().error == "The disk is full."


def test_what_is_removed_or_changed_during_its_run_stays_so(scene: Scene) -> None:
    scene.run(3.1, status=None)
    scene.timetable.remove("nightly")
    scene.timetable.add(replace(NIGHTLY, cron="0 5 * * *", considered=scene.clock.time))
    scene.deeds[0].ended = 0
    scene.runner.step()
    assert scene.only().cron == "0 5 * * *"
    assert scene.only().started == 0


def test_to_stop_ends_what_runs(scene: Scene) -> None:
    scene.clock.time += 4 * 3600
    scene.runner.step()
    scene.runner.stop()
    scene.runner.run()
    assert scene.deeds[0].was_ended
    assert scene.only().resume_at == scene.clock.time


def test_prometheus_is_told(scene: Scene) -> None:
    scene.run(3.1, status=None)
    told = text_of(scene.runner.figures())
    assert 'mirrorsync_schedule_running{schedule="nightly"} 1' in told
    scene.deeds[0].ended = 7
    scene.run(0.1, status=None)
    told = text_of(scene.runner.figures())
    assert 'mirrorsync_schedule_running{schedule="nightly"} 0' in told
    assert 'mirrorsync_schedule_last_status{schedule="nightly"} 7' in told
    next_run = MIDNIGHT + DAY + 3 * 3600
    line = f'mirrorsync_schedule_next_run_timestamp_seconds{{schedule="nightly"}} {next_run}'
    assert line in told


def test_the_file_is_private_and_names_are_unique(scene: Scene) -> None:
    assert stat.S_IMODE(scene.path.stat().st_mode) == 0o600
    with pytest.raises(AlreadyExists):
        scene.timetable.add(NIGHTLY)
    with pytest.raises(NotFound):
        scene.timetable.remove("other")
    assert scene.only() == NIGHTLY


def test_a_time_in_a_line_is_understood() -> None:
    assert resuming.heard(resuming.say(MIDNIGHT + 0.5)) == MIDNIGHT + 1
    assert resuming.heard("nothing here, 2026-01-01 10:00") is None


def test_real_processes_and_their_words(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"12345")
    timetable = Timetable(tmp_path / "schedules.sqlite")
    timetable.add(Schedule("list", "* * * * *", ("ls", "pictures"), str(tmp_path), 0))
    timetable.add(Schedule("none", "* * * * *", ("ls", "missing"), str(tmp_path), 0))
    timetable.add(Schedule("nowhere", "* * * * *", ("ls", "."), str(tmp_path / "x"), 0))
    runner = Runner(timetable, Launcher(tmp_path / "logs"), SystemClock(), UTC)
    assert runner.run_once() == 3
    listed, missing, nowhere = timetable.all()
    assert (listed.status, listed.error) == (0, "")
    assert (missing.status, missing.error[:11]) == (3, "mirrorsync:")
    assert "cannot be begun" in nowhere.error
    log = tmp_path / "logs" / "list.log"
    assert "5 a.jpg" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_process_is_ended_when_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    endless = Schedule("endless", "@daily", ("schedule", "run"), str(tmp_path), 0)
    child = Launcher(tmp_path)(endless)
    assert child.status() is None
    child.end(10)
    assert child.status() is not None
