"""Folders that are watched by a process of its own, against the emulator."""

from __future__ import annotations

import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloudinary import api

from mirrorfs.emulators.cloudinary import Server, Settings
from tests.sync.cli.conftest import Shell, draw
from tests.sync.cli.scene import Scene, uploads

SAVED = 4.0
"""Seconds within which a file that was saved is with the service."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Settings(cloud_name="demo", api_secret="a-very-secret-word")) as server:
        yield server


@pytest.fixture
def scene(shell: Shell, server: Server) -> Scene:
    shell.environment["CLOUDINARY_URL"] = server.cloudinary_url
    return Scene(shell)


def test_what_is_saved_appears_and_nobody_else_watches_the_same(scene: Scene) -> None:
    (scene.root / "before.txt").write_bytes(b"before")
    with scene.watching("pictures", "cloudinary:") as process:
        assert scene.far() == ["before.txt"]
        draft = scene.root / ".saved.txt.draft.part"
        draft.write_bytes(b"saved")
        draft.rename(scene.root / "saved.txt")
        (scene.root / ".DS_Store").write_bytes(b"junk")
        scene.wait(scene.said("→ new       saved.txt"), SAVED)
        second = scene.shell.sync("watch", "./pictures", "cloudinary:")
        assert second.returncode == 7
        assert f"is being watched by process {process.pid}" in second.stderr
        (told,) = scene.all_states()
        assert (told["pid"], told["remote"]) == (process.pid, "cloudinary:")
    (told,) = scene.all_states()
    assert told["pid"] == 0
    assert sorted(scene.far()) == ["before.txt", "saved.txt"]
    status = scene.shell.must("watch", "--status")
    assert "pictures → cloudinary:  (not running)" in status
    assert ", 0 paths waiting\n" in status


def test_a_killed_watch_makes_up_for_what_it_missed(scene: Scene) -> None:
    (scene.root / "gone.txt").write_bytes(b"gone")
    args = ("pictures", "cloudinary:", "--delete", "--max-delete", "100")
    with scene.watching(*args, status=-signal.SIGKILL) as process:
        scene.wait(lambda: scene.status()["runs"])  # the first may have met an error
        process.kill()
        process.wait()
    (scene.root / "late.txt").write_bytes(b"late")
    (scene.root / "gone.txt").unlink()
    with scene.watching(*args):
        scene.wait(scene.said("→ new       late.txt"))
        scene.wait(scene.said("→ deleted   gone.txt"))
    assert scene.far() == ["late.txt"]


def draft_beside(path: Path) -> None:
    """Save as vim, rsync and most programs do."""
    draft = path.with_name(f".{path.name}.swp")
    draft.write_bytes(b"edited")
    draft.replace(path)


def stream_beside(path: Path) -> None:
    """Save as programs of GNOME do, which keep the old one beside for a moment."""
    draft, backup = path.with_name(".goutputstream-X1Y2Z3"), path.with_name(f"{path.name}~")
    draft.write_bytes(b"edited")
    backup.hardlink_to(path)
    draft.replace(path)
    backup.unlink()


def swapped(path: Path) -> None:
    """Save as programs of Microsoft Office do: the old one goes aside, the new one comes."""
    draft, aside = path.with_name("4F2A1B00"), path.with_name("7C3D0E00.tmp")
    path.with_name(f"~${path.name}").write_bytes(b"a lock")
    draft.write_bytes(b"edited")
    path.rename(aside)
    draft.rename(path)
    aside.unlink()
    path.with_name(f"~${path.name}").unlink()


def removed_and_made(path: Path) -> None:
    """Save as programs do that know no better."""
    path.unlink()
    path.write_bytes(b"edited")


SAVES = [draft_beside, stream_beside, swapped, removed_and_made]


def test_however_a_file_is_saved_it_is_one_change_and_drafts_are_never_sent(
    scene: Scene, server: Server
) -> None:
    names = {f"{save.__name__}.doc": save for save in SAVES}
    for name in names:
        (scene.root / name).write_bytes(name.encode())
    with scene.watching("pictures", "cloudinary:", "--delete"):
        scene.wait(lambda: scene.status()["runs"])
        before = len(uploads(server.url))
        for name, save in names.items():
            save(scene.root / name)
        for name in names:
            scene.wait(scene.said(f"→ changed   {name}"))
        scene.wait(lambda: scene.status()["queue"] == 0)
    assert sorted(scene.far()) == sorted(names)
    told = scene.log.read_text()
    assert (told.count("→ new"), told.count("→ deleted")) == (len(names), 0)
    assert before == len(names)
    scene.shell.must("copy", "cloudinary:", "back")
    bodies = {one.read_bytes() for one in (scene.shell.folder / "back").iterdir()}
    assert bodies == {b"edited"}


def is_stopped(pid: int) -> bool:
    """Say whether no thread of a process runs any more (proc(5), "/proc/pid/stat")."""
    told = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return {one.rpartition(")")[2].split()[0] for one in told} == {"T"}


def test_what_happened_while_the_kernel_could_tell_no_more_is_found(scene: Scene) -> None:
    longest = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    noisy = [scene.root / "a.txt", scene.root / "b.txt"]
    for path in noisy:
        path.write_bytes(b"x")
    with scene.watching("pictures", "cloudinary:") as process:
        scene.wait(lambda: scene.status()["runs"])
        process.send_signal(signal.SIGSTOP)
        scene.wait(lambda: is_stopped(process.pid))
        for number in range(longest + 1000):
            os.utime(noisy[number % 2], ns=(number, number))
        (scene.root / "new").mkdir()
        for name in ("1.txt", "2.txt"):
            (scene.root / "new" / name).write_text(name)  # of this nobody tells
        process.send_signal(signal.SIGCONT)
        scene.wait(scene.said("More happened at once than the kernel's queue holds."))
        for name in ("1.txt", "2.txt"):
            scene.wait(scene.said(f"→ new       new/{name}"))
        (scene.root / "new" / "3.txt").write_text("3")  # and of this one again
        scene.wait(scene.said("→ new       new/3.txt"))
    assert sorted(scene.far()) == ["a.txt", "b.txt", "new/1.txt", "new/2.txt", "new/3.txt"]


def test_both_ways_and_with_edits_on_both_sides_at_once(shell: Shell, cloud: str) -> None:
    scene = Scene(shell)
    for name in ("one", "mine"):
        draw(scene.root / f"Album/{name}.jpg", "#100")
    first = (scene.root / "Album/mine.jpg").read_bytes()
    with scene.watching("pictures", f"{cloud}Trip", "--two-way", "--remote-every", "1"):
        draw(shell.folder / "other/Album/theirs.jpg", "#020")
        draw(shell.folder / "other/Album/one.jpg", "#0f0")
        draw(scene.root / "Album/one.jpg", "#00f")
        mine = (scene.root / "Album/one.jpg").read_bytes()
        shell.must("copy", "other", f"{cloud}Trip")
        scene.wait((scene.root / "Album/theirs.jpg").exists)
        scene.wait(lambda: len(list((scene.root / "Album").glob("*.jpg"))) == 4)
        scene.wait(lambda: shell.sync("check", "pictures", f"{cloud}Trip").returncode == 0)
    held = {path.name: path.read_bytes() for path in (scene.root / "Album").iterdir()}
    other = shell.folder / "other/Album"
    assert held["one.jpg"] == (other / "one.jpg").read_bytes()
    assert sorted(held.values()) == sorted(
        [first, mine, *(one.read_bytes() for one in other.iterdir())]
    )


def test_a_network_that_is_gone_and_back_loses_nothing(scene: Scene, server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (scene.root / "a.txt").write_bytes(b"a")
    settings = Settings(cloud_name="demo", api_secret="a-very-secret-word", port=port)
    url = server.cloudinary_url.replace(server.url.rpartition(":")[2], str(port))
    scene.shell.environment["CLOUDINARY_URL"] = url
    with scene.watching("pictures", "cloudinary:"):
        scene.wait(lambda: scene.status()["error"])
        with Server(settings):
            scene.wait(scene.said("→ new       a.txt"))
            assert scene.far() == ["a.txt"]


def test_a_remote_folder_that_was_renamed_is_no_empty_one(scene: Scene, server: Server) -> None:
    account = {"cloud_name": "demo", "api_key": "key", "api_secret": "a-very-secret-word"}
    where = {**account, "upload_prefix": server.url}
    for name in ("1.txt", "2.txt"):
        (scene.root / name).write_text(name)
    args = ("pictures", "cloudinary:Trip", "--two-way", "--max-delete", "100")
    with scene.watching(*args, "--remote-every", "1"):
        scene.wait(lambda: scene.status()["runs"])
        api.rename_folder("Trip", "Away", **where)
        (scene.root / "late.txt").write_text("late")
        scene.wait(lambda: "There was one at the last run" in str(scene.status()["error"]))
        held = api.resources_by_asset_folder("Away", **where)["resources"]
        assert sorted(one["display_name"] for one in held) == ["1.txt", "2.txt"]
        assert [one["name"] for one in api.root_folders(**where)["folders"]] == ["Away"]
        api.rename_folder("Away", "Trip", **where)
        scene.wait(scene.said("→ new       late.txt"))
    assert sorted(path.name for path in scene.root.iterdir()) == ["1.txt", "2.txt", "late.txt"]
    assert sorted(scene.far()) == ["Trip/1.txt", "Trip/2.txt", "Trip/late.txt"]


def test_a_folder_that_vanished_empties_no_remote(scene: Scene) -> None:
    away = scene.root.with_name("away")
    for name in ("1.txt", "2.txt"):
        (scene.root / name).write_text(name)
    with scene.watching("pictures", "cloudinary:", "--delete", "--max-delete", "100"):
        scene.wait(lambda: scene.status()["runs"])
        scene.root.rename(away)
        scene.wait(lambda: "is gone" in str(scene.status()["note"]))
        scene.root.mkdir()
        scene.wait(lambda: "empty folder now" in str(scene.status()["note"]))
        scene.root.rmdir()
        away.rename(scene.root)
        (scene.root / "late.txt").write_text("late")
        scene.wait(scene.said("→ new       late.txt"))
    assert sorted(scene.far()) == ["1.txt", "2.txt", "late.txt"]
    assert "→ deleted" not in scene.log.read_text()


@pytest.mark.parametrize("way", [[], ["--two-way"]])
def test_a_folder_that_never_was_is_an_error_at_once(scene: Scene, way: list[str]) -> None:
    done = scene.shell.sync("watch", "Nope", "cloudinary:W", *way)
    assert done.returncode == 3
    assert "Nope: there is no such folder. Make it" in done.stderr
    assert scene.shell.must("watch", "--status") == "No folder was watched.\n"
    assert not (scene.shell.folder / "Nope").exists()


def test_a_folder_that_was_watched_before_is_waited_for(scene: Scene) -> None:
    away = scene.root.with_name("away")
    (scene.root / "1.txt").write_text("1.txt")
    with scene.watching("pictures", "cloudinary:W"):
        scene.wait(scene.said("→ new       1.txt"))
    scene.root.rename(away)
    process = scene.begin("pictures", "cloudinary:W")
    try:
        scene.wait(scene.said("is gone; nothing is done until it is back."))
        away.rename(scene.root)
        (scene.root / "late.txt").write_text("late")
        scene.wait(scene.said("→ new       late.txt"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    assert sorted(scene.far()) == ["W/1.txt", "W/late.txt"]


def test_folders_of_the_config_and_figures_of_them(scene: Scene) -> None:
    (scene.shell.folder / "more").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = scene.shell.folder / "config.toml"
    config.write_text(
        '[watch.first]\nlocal = "pictures"\nremote = "cloudinary:one"\n'
        '[watch.second]\nlocal = "more"\nremote = "cloudinary:two"\ntwo_way = true\n'
    )
    (scene.root / "a.txt").write_bytes(b"a")
    (scene.shell.folder / "more/b.txt").write_bytes(b"b")
    scene.shell.must("mkdir", "cloudinary:two")
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(scene.shell.folder / "notify"))
    manager.settimeout(20)
    scene.shell.environment["NOTIFY_SOCKET"] = str(scene.shell.folder / "notify")
    with manager, scene.watching("--metrics", str(port)):
        assert manager.recv(100) == b"READY=1"
        scene.wait(scene.said("→ new       a.txt"))
        scene.wait(scene.said("→ new       b.txt"))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            told = answer.read().decode()
        assert f'mirrorsync_watch_left_paths{{folder="{scene.root}"}} 0' in told
        assert "secret" not in told
        assert len(scene.all_states()) == 2
    assert sorted(scene.far()) == ["one/a.txt", "two/b.txt"]
    for wrong in ('local = "x"', 'local = "x"\nremote = 3', 'local="x"\nremote="y:"\nfast=true'):
        config.write_text(f"[watch.first]\n{wrong}\n")
        assert scene.shell.sync("watch").returncode == 2


def test_mistakes_are_said_at_once(scene: Scene) -> None:
    scene.shell.environment["CLOUDINARY_URL"] += "x"
    for wrong in (["pictures"], ["--two-way"], [], ["cloudinary:", "cloudinary:x"]):
        assert scene.shell.sync("watch", *wrong).returncode == 2
