"""A mount's beginning and end, also the violent ones."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from mirrorfs import control
from mirrorfs.cli.commands import cli
from mirrorfs.core.errors import CacheBusy, MountFailed, NotFound, Unavailable
from mirrorfs.mount import running, unmount
from mirrorfs.mountpoint import is_running, type_of
from tests.system.conftest import ROOT, Drive, both, names


def _kill(drive: Drive, how: signal.Signals) -> None:
    pid = drive.pid()
    os.kill(pid, how)
    deadline = time.monotonic() + 10
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@both
def test_a_remount_with_the_service_down_serves_what_is_known(drive: Drive) -> None:
    body = drive.put("a/f.jpg", os.urandom(3 << 20))
    assert (drive.mount() / "a/f.jpg").read_bytes() == body
    drive.unmount()
    assert not type_of(drive.mountpoint)
    drive.service.set(down=1)
    calls = len(drive.service.calls(""))
    assert (drive.mount() / "a/f.jpg").read_bytes() == body
    assert len(drive.service.calls("")) == calls


@both
def test_after_kill_9_nothing_is_fetched_again(drive: Drive) -> None:
    body = drive.put("a/f.jpg", os.urandom(9 << 20))
    (drive.mount() / "a/f.jpg").read_bytes()
    calls = len(drive.service.calls(""))
    _kill(drive, signal.SIGKILL)
    _wait_for_unmount(drive)
    assert (drive.mount() / "a/f.jpg").read_bytes() == body
    assert len(drive.service.calls("")) == calls


@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_block_is_fetched_again(drive: Drive, cut: bool) -> None:
    body = drive.put("f.jpg", os.urandom(2 << 20))
    (drive.mount() / "f.jpg").read_bytes()
    drive.unmount()
    for block in drive.cache.rglob("*.block"):
        data = bytearray(block.read_bytes())
        data[len(data) // 2] ^= 0x10
        block.write_bytes(data[:1000] if cut else data)
    assert (drive.mount() / "f.jpg").read_bytes() == body
    assert len(drive.service.calls("read")) == 2


@both
def test_a_signal_ends_it_also_while_a_file_is_open(drive: Drive) -> None:
    drive.put("f", b"f" * 10)
    file = os.open(drive.mount() / "f", os.O_RDONLY)
    os.read(file, 1)
    _kill(drive, signal.SIGTERM)
    assert not type_of(drive.mountpoint)
    with pytest.raises(OSError, match="not connected"):
        os.close(file)


@both
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(drive: Drive, how: signal.Signals) -> None:
    drive.put("f", b"f")
    mounted = drive.mount()
    (mounted / "f").read_bytes()
    _kill(drive, how)
    assert not type_of(mounted)
    assert "Traceback" not in drive.log()
    with pytest.raises(NotFound):
        drive.ask("status")
    drive.mount()


def test_a_mount_in_use_is_unmounted_lazily(drive: Drive) -> None:
    drive.put("f", b"f" * 10)
    with (drive.mount() / "f").open("rb", buffering=0) as file:
        file.read(1)
        subprocess.run(["fusermount3", "-uz", drive.mountpoint], check=True)
    assert not type_of(drive.mountpoint)


def test_the_foreground_stays_until_it_is_unmounted(drive: Drive) -> None:
    drive.put("f", b"f")
    process = subprocess.Popen(drive.command(foreground=True), cwd=ROOT)
    try:
        while not type_of(drive.mountpoint):
            assert process.poll() is None
            time.sleep(0.02)
        assert (drive.mountpoint / "f").read_bytes() == b"f"
        assert drive.pid() == process.pid
        drive.unmount()
        assert process.wait(10) == 0
    finally:
        process.kill()


class TestRefusals:
    def _refused(self, drive: Drive, **options: object) -> str:
        started = time.monotonic()
        run = drive.try_mount(**options)
        assert run.returncode == 1
        assert time.monotonic() - started < 10
        assert "Traceback" not in run.stderr
        assert not type_of(drive.mountpoint)
        return run.stderr

    def test_there_is_no_mountpoint(self, drive: Drive) -> None:
        drive.mountpoint.rmdir()
        assert "does not exist" in self._refused(drive)

    def test_the_mountpoint_is_a_file(self, drive: Drive) -> None:
        drive.mountpoint.rmdir()
        drive.mountpoint.write_text("")
        assert "is not a folder" in self._refused(drive)

    def test_the_mountpoint_is_not_empty(self, drive: Drive) -> None:
        (drive.mountpoint / "mine").write_text("")
        assert "is not empty" in self._refused(drive)

    def test_the_cache_would_be_hidden(self, drive: Drive) -> None:
        said = self._refused(drive, cache_dir=str(drive.mountpoint / "cache"))
        assert "is inside the mountpoint" in said
        assert "--cache-dir" in said
        assert not names(drive.mountpoint)

    def test_the_service_is_down_and_nothing_is_known(self, drive: Drive) -> None:
        drive.service.set(down=1)
        assert self._refused(drive).startswith("Unavailable: The service is down")

    def test_offline_and_nothing_is_known(self, drive: Drive) -> None:
        assert "Offline" in self._refused(drive, offline=True)

    def test_a_pattern_makes_no_sense(self, drive: Drive) -> None:
        assert self._refused(drive, include=["{"]).startswith("Misuse")

    def test_the_cache_belongs_to_another_mount(self, drive: Drive) -> None:
        drive.put("f", b"f")
        drive.mount()
        other = drive.scratch / "other"
        other.mkdir()
        run = drive.try_mount(mountpoint=str(other))
        assert run.returncode == 1
        assert run.stderr.startswith("CacheBusy")

    def test_it_is_mounted_already(self, drive: Drive) -> None:
        drive.put("f", b"f")
        drive.mount()
        run = drive.try_mount()
        assert run.returncode == 1
        assert "mounted on" in run.stderr
        assert (drive.mountpoint / "f").exists()

    @both
    def test_what_is_mounted_has_no_root(self, drive: Drive) -> None:
        said = self._refused(drive, umask=0o77777)
        assert said.startswith("MountFailed: ")
        assert "cannot be looked at once it is mounted: Input/output error." in said

    @pytest.mark.parametrize("drive", ["fusepy"], indirect=True)
    def test_a_crash_left_the_mountpoint_behind(self, drive: Drive) -> None:
        drive.put("f", b"f")
        drive.mount()
        helpers = _helpers_of(drive)
        for helper in helpers:
            os.kill(helper, signal.SIGKILL)
        _kill(drive, signal.SIGKILL)
        with pytest.raises(OSError, match=r"not connected|abort"):
            names(drive.mountpoint)
        run = drive.try_mount()
        assert run.returncode == 1
        assert "left behind" in run.stderr
        assert f"mirrorfs unmount '{drive.mountpoint}'" in run.stderr
        unmount(drive.mountpoint)
        assert drive.mount()


class TestHung:
    """A mount whose process is there and does nothing."""

    @pytest.fixture
    def pid(self, drive: Drive, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
        monkeypatch.setattr(control, "_PATIENCE", 0.2)
        monkeypatch.setattr(running, "_IMPATIENCE", 0.2)
        drive.put("f", b"f")
        drive.mount()
        pid = drive.pid()
        os.kill(pid, signal.SIGSTOP)
        yield pid
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)

    @pytest.mark.parametrize("verb", ["hello", "status", "refresh"])
    def test_it_is_said_to_give_no_answer(self, drive: Drive, pid: int, verb: str) -> None:
        with pytest.raises(Unavailable, match=rf"process {pid}\) does not answer\. .* unmount"):
            drive.ask(verb)

    def test_it_is_among_the_mounts(self, drive: Drive, pid: int) -> None:
        assert control.mounts() == [control.Mounted(drive.mountpoint, "folder:", pid)]

    def test_however_many_have_asked(self, drive: Drive, pid: int) -> None:
        (path,) = (drive.scratch / "mirrorfs").glob("*.sock")
        with ExitStack() as asking:
            while asking.enter_context(_client()).connect_ex(str(path)) == 0:
                pass
            with pytest.raises(Unavailable, match=rf"process {pid}\) does not answer"):
                drive.ask("status")
            assert [mounted.pid for mounted in control.mounts()] == [pid]

    @both
    def test_unmounting_ends_it_too(self, drive: Drive, pid: int) -> None:
        drive.unmount()
        assert not is_running(pid)
        assert not type_of(drive.mountpoint)
        assert control.mounts() == []
        assert names(drive.mount()) == ["f"]

    def test_also_when_it_is_unmounted_already(self, drive: Drive, pid: int) -> None:
        subprocess.run(["fusermount3", "-uz", drive.mountpoint], check=True)
        drive.unmount()
        assert not is_running(pid)

    def test_one_that_cannot_be_ended_is_named(
        self, drive: Drive, pid: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(os, "kill", lambda pid, how: None)
            with pytest.raises(MountFailed, match=f"It is unmounted; process {pid} does not end"):
                drive.unmount()

    def test_who_owns_its_cache_is_said(self, drive: Drive, pid: int) -> None:
        base = drive.scratch / "base"
        base.mkdir()
        (base / "account").symlink_to(drive.cache)
        done = CliRunner().invoke(cli, ["cache", "info", "--cache-dir", str(base)])
        assert isinstance(done.exception, CacheBusy)
        assert f"is in use by process {pid}." in str(done.exception)

    def test_nothing_is_mounted_over_it(self, drive: Drive, pid: int) -> None:
        run = drive.try_mount(cache_dir=str(drive.scratch / "other"))
        assert run.returncode == 1
        assert f"Something is mounted on {drive.mountpoint} already." in run.stderr


class TestControl:
    def test_status(self, drive: Drive) -> None:
        drive.put("a/f", b"12345")
        drive.mount()
        (status,) = drive.ask("status")["remotes"]
        assert status["remote"] == "folder:"
        assert status["tree"]["files"] == 1
        assert status["tree"]["folders"] == 1
        assert status["tree"]["bytes"] == 5
        assert status["tree"]["complete"]
        assert status["usage"]["calls"] == 1
        (found,) = control.mounts()
        assert (found.mountpoint, found.remote) == (drive.mountpoint, "folder:")
        assert found.pid == drive.pid()

    def test_the_cache(self, drive: Drive) -> None:
        drive.put("f", os.urandom(5000))
        (drive.mount() / "f").read_bytes()
        assert drive.ask("cache-info", str(drive.cache))["blocks"] == 1
        assert drive.ask("cache-verify", str(drive.cache))["damaged"] == 0
        drive.ask("cache-clear", str(drive.cache))
        assert drive.ask("cache-info", str(drive.cache))["blocks"] == 0
        drive.ask("forget")
        assert names(drive.mountpoint) == ["f"]

    def test_nothing_is_mounted(self, drive: Drive) -> None:
        with pytest.raises(NotFound):
            drive.ask("status")
        with pytest.raises(MountFailed, match="Nothing is mounted"):
            drive.unmount()
        assert control.mounts() == []

    def test_the_socket_is_for_its_owner_alone(self, drive: Drive) -> None:
        drive.mount()
        (path,) = (drive.scratch / "mirrorfs").glob("*.sock")
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700


def _client() -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(5)
    return client


def _helpers_of(drive: Drive) -> list[int]:
    """Return the processes that would unmount what a killed mount leaves behind."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].startswith(b"fusermount") and os.fsencode(drive.mountpoint) in words:
            found.append(int(folder.name))
    return found


def _wait_for_unmount(drive: Drive) -> None:
    deadline = time.monotonic() + 3
    while type_of(drive.mountpoint) and time.monotonic() < deadline:
        time.sleep(0.02)
    if type_of(drive.mountpoint):
        unmount(drive.mountpoint)
