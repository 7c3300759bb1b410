"""A watched folder over hours, without waiting; and once with real events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mirrorfs.core.errors import Denied, MirrorError, NotFound, RateLimited, Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Usage
from mirrorfs.metrics import text_of
from sync.brake import Danger, Refusal
from sync.dirty import LONGEST, STILL, Stamp
from sync.errors import PairBusy, Refused, Vanished
from sync.ground import Ground
from sync.part import Part
from sync.pending import Hints
from sync.vigil import Rhythm, State, Vigil
from sync.watch import Watch

WHOLE = Part(None)


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Events:
    """Hints that a test gives; to wait for them takes the time of the clock."""

    note = ""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.paths: set[RemotePath] = set()
        self.folders: set[RemotePath] = set()
        self.lost = False

    def take(self, patience: float) -> Hints:
        hints = Hints(frozenset(self.paths), frozenset(self.folders), self.lost)
        if not hints:
            self.clock.time += patience
        self.paths, self.folders, self.lost = set(), set(), False
        return hints


class Mirror:
    """A keeper that notes what it is asked for, and copies nothing."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.rounds: list[Part] = []
        self.agreed: dict[RemotePath, Stamp | None] = {}
        self.errors: list[MirrorError] = []
        self.left: frozenset[RemotePath] = frozenset()
        self.remote: frozenset[RemotePath] | None = frozenset()
        self.remote_asked = 0
        self.was_stopped = False
        self.asked = Usage(7, 500, 493)

    def reconcile(self, wanted: Part) -> frozenset[RemotePath]:
        self.rounds.append(wanted)
        if self.errors:
            raise self.errors.pop(0)
        for path in wanted.paths or ():
            self.agreed[path] = self.ground.look(path)
        return self.left

    def known(self, path: RemotePath) -> Stamp | None:
        return self.agreed.get(path)

    def usage(self) -> Usage:
        return self.asked

    def stop(self) -> None:
        self.was_stopped = True

    def remote_changes(self) -> frozenset[RemotePath] | None:
        self.remote_asked += 1
        return self.remote


class Scene:
    def __init__(self, root: Path, rhythm: Rhythm) -> None:
        self.root = root
        self.clock = Clock()
        self.events = Events(self.clock)
        self.ground = Ground(root)
        self.mirror = Mirror(self.ground)
        self.vigil = Vigil(self.ground, self.watch, self.mirror, rhythm, self.clock)
        self.told: list[State] = []
        self.vigil.tell = self.told.append

    @contextmanager
    def watch(self) -> Iterator[Events]:
        yield self.events

    def save(self, path: str, body: bytes = b"picture") -> RemotePath:
        where = self.root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(body)
        self.events.paths.add(RemotePath(path))
        return RemotePath(path)

    def run(self, seconds: float) -> list[Part]:
        before, end = len(self.mirror.rounds), self.clock.time + seconds
        while self.clock.time < end:
            self.vigil.step(self.events)
        return self.mirror.rounds[before:]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    (tmp_path / "root").mkdir()
    return Scene(tmp_path / "root", Rhythm())


@pytest.fixture
def begun(scene: Scene) -> Scene:
    assert scene.run(1) == [WHOLE]
    return scene


def test_everything_at_the_start_and_every_hour(scene: Scene) -> None:
    assert scene.run(3 * 3600 + 60) == [WHOLE] * 4
    assert scene.vigil.state.runs == 4
    assert scene.vigil.state.calls_left == 493


def test_a_saved_file_alone_is_brought_in_line_within_three_seconds(begun: Scene) -> None:
    path = begun.save("a/1.jpg")
    assert begun.run(STILL + 1) == [Part(frozenset({path}))]
    assert begun.run(600) == []


def test_what_is_still_written_is_left_out_of_what_is_done_meanwhile(begun: Scene) -> None:
    done = begun.save("a/done.jpg")
    begun.run(1.5)
    half = begun.save("a/half.jpg")
    rounds = begun.run(1)
    assert rounds == [Part(frozenset({done}), frozenset({half}))]
    assert begun.run(3) == [Part(frozenset({half}))]


def test_an_echo_of_our_own_download_is_nothing(begun: Scene) -> None:
    path = begun.save("from-the-cloud.jpg")
    begun.mirror.agreed[path] = begun.ground.look(path)
    begun.save(".DS_Store")
    assert begun.run(600) == []


def test_a_file_that_is_removed_and_made_again_is_never_taken_for_deleted(begun: Scene) -> None:
    path = begun.save("1.jpg")
    begun.run(5)
    for pause in (1.5, 0.5):
        (begun.root / path).unlink()
        begun.events.paths.add(path)
        assert begun.run(pause) == []
        begun.save("1.jpg", b"another picture")
        assert begun.run(5) == [Part(frozenset({path}))]
        assert begun.mirror.agreed[path] == begun.ground.look(path)


def test_a_name_that_is_not_lawful_has_its_folder_looked_at(begun: Scene) -> None:
    (begun.root / "a").mkdir()
    begun.mirror.agreed[RemotePath("a")] = Stamp(is_folder=True)
    begun.events.folders.add(RemotePath("a"))
    assert begun.run(5) == [Part(frozenset({RemotePath("a")}))]


def test_an_import_of_thousands_is_one_look_at_the_folders(begun: Scene) -> None:
    for number in range(1000):
        begun.save(f"{number % 5}/{number}.jpg")
    assert begun.run(10) == [Part(frozenset(RemotePath(str(n)) for n in range(5)))]


def test_lost_hints_mean_a_look_at_everything_once_it_is_quiet(begun: Scene) -> None:
    began = begun.clock.time
    begun.events.lost = True
    while not (rounds := begun.run(0.5)):
        if begun.clock.time < began + 8:
            begun.save("busy.jpg", str(begun.clock.time).encode())
    assert rounds[0].paths is None
    assert began + 8 <= begun.clock.time <= began + 8 + STILL + 1


def test_lost_hints_in_an_endless_storm_do_not_wait_for_ever(begun: Scene) -> None:
    began, number = begun.clock.time, 0
    begun.events.lost = True
    while None not in {wanted.paths for wanted in begun.run(0.25)}:
        number += 1
        begun.save(f"{number}.jpg")
    assert begun.clock.time <= began + LONGEST + 1
    assert RemotePath(f"{number}.jpg") in begun.mirror.rounds[-1].unsettled


def test_a_network_that_is_gone_is_tried_again_ever_more_seldom(begun: Scene) -> None:
    begun.mirror.errors = [Unavailable("The service is down.")] * 8
    path = begun.save("1.jpg")
    later = begun.run(60)
    assert 3 <= len(later) <= 5
    assert begun.vigil.state.error == "The service is down."
    assert begun.vigil.state.queue == 1
    second = begun.save("2.jpg")
    begun.run(3600)
    assert begun.mirror.agreed.keys() >= {path, second}
    assert begun.vigil.state.error == ""
    assert begun.vigil.state.queue == 0


def test_a_used_up_quota_is_waited_for_and_shown(begun: Scene) -> None:
    reset = begun.clock.time + 1800
    begun.mirror.errors = [RateLimited("500 calls are used up.", reset)]
    begun.mirror.asked = Usage(500, 500, 0, reset)
    path = begun.save("1.jpg")
    assert len(begun.run(1700)) == 1
    assert begun.vigil.state.retry_at == reset
    assert begun.vigil.state.calls_left == 0
    assert begun.run(200) == [Part(frozenset({path}))]
    assert begun.vigil.state.retry_at == 0


def test_a_service_that_names_no_time_to_come_is_not_asked_in_a_storm(begun: Scene) -> None:
    begun.mirror.errors = [RateLimited("Too many calls.", begun.clock.time)] * 8
    path = begun.save("1.jpg")
    assert 3 <= len(begun.run(60)) <= 5
    begun.run(3600)
    assert path in begun.mirror.agreed
    assert begun.vigil.state.error == ""


def test_what_a_run_left_is_tried_again_and_keeps_nobody_waiting(begun: Scene) -> None:
    path = begun.save("1.jpg")
    begun.mirror.left = frozenset({path})
    assert len(begun.run(7200)) in range(8, 13)
    assert "1 paths could not" in begun.vigil.state.error
    begun.mirror.left = frozenset()
    other = begun.save("2.jpg")
    assert begun.run(3) == [Part(frozenset({other}))]
    assert begun.vigil.state.left == 1
    begun.run(3700)
    assert (begun.vigil.state.left, begun.vigil.state.error) == (0, "")


def test_prometheus_is_told(begun: Scene) -> None:
    begun.mirror.errors = [Unavailable("Down.")]
    begun.save("1.jpg")
    begun.run(4)
    told = text_of(begun.vigil.figures())
    label = f'{{folder="{begun.root}"}}'
    assert f"mirrorsync_watch_queue_paths{label} 1" in told
    assert f"mirrorsync_watch_failing{label} 1" in told
    assert f"mirrorsync_watch_api_calls_total{label} 7" in told


def test_what_looks_like_a_mistake_is_kept_for_later_and_all_else_goes_on(begun: Scene) -> None:
    refusal = Refusal(Danger.DELETES, "9 of 9 files would be deleted.", "Use --max-delete.")
    begun.mirror.errors = [Refused([refusal])] * 2
    path = begun.save("1.jpg")
    assert begun.run(4) == [Part(frozenset({path}))]
    assert "9 of 9" in begun.vigil.state.error
    other = begun.save("2.jpg")
    assert Part(frozenset({other})) in begun.run(5)
    begun.mirror.errors = [Refused([refusal])]
    rounds = begun.run(3 * 3600)
    assert rounds.count(WHOLE) == 3
    assert len(rounds) <= 5
    assert begun.vigil.state.error == ""


def test_what_does_not_pass_ends_the_first_look_and_is_lived_through_later(scene: Scene) -> None:
    scene.mirror.errors = [PairBusy("Another run is under way."), Denied("No.")]
    with pytest.raises(Denied):
        scene.run(60)
    scene.run(60)
    scene.mirror.errors = [Denied("No.")]
    scene.save("1.jpg")
    scene.run(60)
    assert scene.vigil.state.failures == 2
    assert scene.vigil.state.error == ""


def test_a_folder_that_vanished_is_never_an_empty_one(begun: Scene) -> None:
    begun.root.rename(begun.root.with_name("away"))
    assert begun.run(0.1) == []
    assert "is gone; nothing is done" in begun.vigil.state.note
    begun.root.mkdir()  # as a mountpoint without its disk
    begun.vigil.step(begun.events)
    assert "empty folder now (is its disk mounted?)" in begun.vigil.state.note
    assert len(begun.mirror.rounds) == 1
    begun.root.rmdir()
    begun.root.with_name("away").rename(begun.root)
    begun.run(1)
    assert begun.vigil.state.note == ""


def test_a_folder_that_vanishes_while_it_is_looked_at_is_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(wanted: Part) -> frozenset[RemotePath]:
        scene.mirror.rounds.append(wanted)
        scene.root.rename(scene.root.with_name("away"))
        scene.vigil.stop()
        raise NotFound("There is no such folder.")

    monkeypatch.setattr(scene.mirror, "reconcile", vanish)
    scene.vigil.run()
    assert scene.mirror.rounds == [WHOLE]


def test_a_remote_that_is_not_there_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.mirror.errors = [NotFound("The remote has no such folder.")]
    with pytest.raises(NotFound):
        scene.vigil.run()


def test_a_remote_that_vanished_is_waited_for(scene: Scene) -> None:
    scene.mirror.errors = [Vanished("There is no such folder. There was one at the last run.")]
    scene.vigil.step(scene.events)
    assert "There was one" in scene.vigil.state.error
    assert scene.run(20) == [WHOLE]
    assert scene.vigil.state.error == ""


def test_changes_of_the_other_side_come_too(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Rhythm(remote=300))
    scene.mirror.remote = frozenset({RemotePath("new.jpg")})
    rounds = scene.run(700)
    assert rounds == [WHOLE] + [Part(frozenset({RemotePath("new.jpg")}))] * 2
    scene.mirror.remote = None
    assert scene.run(300) == [WHOLE]
    assert scene.mirror.remote_asked == 4


class Fast:
    """A clock that goes ten times too fast."""

    def now(self) -> float:
        return 10 * time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / 10)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[Path, Mirror, Vigil]]:
    """A folder that is really watched, in a thread."""
    root = tmp_path / "root"
    root.mkdir()
    ground = Ground(root)
    mirror = Mirror(ground)
    vigil = Vigil(ground, lambda: Watch(root), mirror, Rhythm(), Fast())
    thread = threading.Thread(target=vigil.run)
    thread.start()
    wait_for(lambda: mirror.rounds == [WHOLE])
    yield root, mirror, vigil
    vigil.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert mirror.was_stopped


def test_real_events_reach_the_other_side(live: tuple[Path, Mirror, Vigil]) -> None:
    root, mirror, _ = live
    (root / "a").mkdir()
    (root / "a" / "1.jpg").write_bytes(b"picture")
    wait_for(lambda: bool(mirror.agreed.keys() & {"a", "a/1.jpg"}))


def test_a_folder_that_really_vanished_is_watched_again(live: tuple[Path, Mirror, Vigil]) -> None:
    root, mirror, vigil = live
    root.rename(root.with_name("away"))
    wait_for(lambda: "is gone" in vigil.state.note)
    root.with_name("away").rename(root)
    wait_for(lambda: mirror.rounds == [WHOLE, WHOLE])
    (root / "3.jpg").write_bytes(b"picture")
    wait_for(lambda: RemotePath("3.jpg") in mirror.agreed)


def test_another_folder_in_its_place_is_watched(live: tuple[Path, Mirror, Vigil]) -> None:
    root, mirror, _ = live
    other = root.with_name("other")
    other.mkdir()
    (other / "1.jpg").write_bytes(b"picture")
    root.rename(root.with_name("away"))
    other.rename(root)
    wait_for(lambda: mirror.rounds == [WHOLE, WHOLE])
    (root / "2.jpg").write_bytes(b"picture")
    wait_for(lambda: RemotePath("2.jpg") in mirror.agreed)


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
