"""The service changes while the drive is mounted and the kernel remembers."""

import contextlib
import mmap
import os
import time

import pytest

from mirrorfs.core.errors import MirrorError, Unavailable
from tests.system.conftest import Drive, both, names


@both
@pytest.mark.parametrize("size", [10, 300_000, 9 << 20])
def test_what_changed_shows_at_once_after_a_refresh(drive: Drive, size: int) -> None:
    drive.put("a/changed.jpg", b"1" * size)
    drive.put("a/gone.jpg", b"gone")
    drive.put("a/same.jpg", b"same")
    mounted = drive.mount()
    for name in ("changed", "gone", "same"):
        (mounted / f"a/{name}.jpg").read_bytes()
    assert not (mounted / "a/new.jpg").exists()
    assert not (mounted / "b").exists()
    names(mounted / "a")
    drive.put("a/changed.jpg", b"2" * size)
    drive.put("a/new.jpg", b"new")
    drive.put("b/c/new.jpg", b"new")
    (drive.service.root / "a/gone.jpg").unlink()
    assert (mounted / "a/gone.jpg").read_bytes() == b"gone"
    assert drive.ask("refresh")["changed"] == 6
    assert (mounted / "a/changed.jpg").read_bytes() == b"2" * size
    assert (mounted / "a/new.jpg").read_bytes() == b"new"
    assert (mounted / "b/c/new.jpg").read_bytes() == b"new"
    assert sorted(names(mounted / "a")) == ["changed.jpg", "new.jpg", "same.jpg"]
    with pytest.raises(FileNotFoundError):
        (mounted / "a/gone.jpg").read_bytes()


@pytest.mark.parametrize("size", [100, 200_000, 400_000])
def test_another_size_shows_too(drive: Drive, size: int) -> None:
    drive.put("f", b"1" * 200_000)
    mounted = drive.mount()
    (mounted / "f").read_bytes()
    body = drive.put("f", os.urandom(size))
    drive.ask("refresh")
    assert (mounted / "f").stat().st_size == size
    assert (mounted / "f").read_bytes() == body


@both
def test_an_open_file_is_never_a_mixture(drive: Drive) -> None:
    old = drive.put("f", os.urandom(12 << 20))
    path = drive.mount() / "f"
    with path.open("rb", buffering=0) as before:
        assert before.read(1 << 20) == old[: 1 << 20]
        new = drive.put("f", os.urandom(12 << 20))
        drive.ask("refresh")
        with path.open("rb", buffering=0) as after:
            assert _read_all(after) == new
            before.seek(0)
            assert before.read(1 << 20) == old[: 1 << 20]
            before.seek(10 << 20)
            with contextlib.suppress(OSError):
                assert before.read(1000) == old[10 << 20 :][:1000]
    assert path.read_bytes() == new


def test_a_file_that_became_shorter_is_an_error_for_who_has_it_open(drive: Drive) -> None:
    drive.put("f", os.urandom(500_000))
    path = drive.mount() / "f"
    before = os.open(path, os.O_RDONLY)
    os.read(before, 1000)
    drive.put("f", b"short")
    drive.ask("refresh")
    assert path.read_bytes() == b"short"
    with pytest.raises(OSError, match="Input/output"):
        os.close(before)


@both
def test_wrong_bytes_do_not_stay_with_the_kernel(drive: Drive) -> None:
    body = drive.put("f", os.urandom(24 << 20))
    path = drive.mount() / "f"
    drive.service.set(wrong=2_000_000, hold=23 << 20)
    file = os.open(path, os.O_RDONLY)
    for _ in range(12 << 4):
        os.read(file, 1 << 16)
    assert drive.ask("cache-info", str(drive.cache))["blocks"]
    drive.service.set()
    deadline = time.monotonic() + 5
    while drive.ask("cache-info", str(drive.cache))["blocks"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(OSError, match="Input/output"):
        os.close(file)
    assert path.read_bytes() == body
    assert path.read_bytes() == body


def test_a_map_of_a_file(drive: Drive) -> None:
    body = drive.put("f", os.urandom(3 << 20))
    with (
        (drive.mount() / "f").open("rb") as file,
        mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as view,
    ):
        assert view[2_000_000:2_000_100] == body[2_000_000:2_000_100]


def test_the_tree_is_refreshed_by_itself(drive: Drive) -> None:
    drive.put("a.jpg", b"a")
    mounted = drive.mount(refresh=0.5)
    names(mounted)
    drive.put("b.jpg", b"b")
    deadline = time.monotonic() + 15
    while names(mounted) != ["a.jpg", "b.jpg"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@both
def test_a_listing_that_fails_on_its_second_page_leaves_the_old_tree(drive: Drive) -> None:
    for name in "abc":
        drive.put(f"{name}.jpg", name.encode())
    mounted = drive.mount()
    drive.service.set(page=1)
    (drive.service.root / "b.jpg").unlink()
    with pytest.raises(MirrorError, match="second page"):
        drive.ask("refresh")
    assert names(mounted) == ["a.jpg", "b.jpg", "c.jpg"]
    assert "second page" in drive.ask("status")["remotes"][0]["tree"]["error"]
    drive.service.set()
    drive.ask("refresh")
    assert names(mounted) == ["a.jpg", "c.jpg"]


def test_a_file_is_replaced_while_the_tree_does_not_know(drive: Drive) -> None:
    drive.put("f", b"old")
    path = drive.mount() / "f"
    drive.put("f", b"new")
    with pytest.raises(OSError, match="Input/output"):
        path.read_bytes()
    drive.ask("refresh")
    assert path.read_bytes() == b"new"


def test_the_service_is_down(drive: Drive) -> None:
    kept = drive.put("kept.jpg", os.urandom(200_000))
    other = drive.put("other.jpg", os.urandom(200_000))
    mounted = drive.mount()
    (mounted / "kept.jpg").read_bytes()
    drive.service.set(down=1)
    with pytest.raises(Unavailable):
        drive.ask("refresh")
    assert names(mounted) == ["kept.jpg", "other.jpg"]
    assert (mounted / "kept.jpg").read_bytes() == kept
    with pytest.raises(OSError, match="Input/output"):
        (mounted / "other.jpg").read_bytes()
    drive.service.set()
    assert (mounted / "other.jpg").read_bytes() == other


def test_offline_the_service_is_never_asked(drive: Drive) -> None:
    kept = drive.put("kept.jpg", os.urandom(200_000))
    drive.put("other.jpg", os.urandom(200_000))
    (drive.mount() / "kept.jpg").read_bytes()
    drive.unmount()
    calls = len(drive.service.calls(""))
    mounted = drive.mount(offline=True, refresh=0.1)
    assert names(mounted) == ["kept.jpg", "other.jpg"]
    assert (mounted / "kept.jpg").read_bytes() == kept
    with pytest.raises(OSError, match="Input/output"):
        (mounted / "other.jpg").read_bytes()
    with pytest.raises(Unavailable, match="offline"):
        drive.ask("refresh")
    assert drive.ask("status")["offline"]
    assert len(drive.service.calls("")) == calls


def _read_all(file) -> bytes:  # type: ignore[no-untyped-def]
    pieces = []
    while piece := file.read(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)
