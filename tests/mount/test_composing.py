"""What a mount consists of, and when it may begin, without a kernel."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mirrorfs.cache.limits import Limits
from mirrorfs.core.errors import (
    BadAnswer,
    CacheBusy,
    Changed,
    Denied,
    MirrorError,
    Misuse,
    MountFailed,
    NotFound,
    RateLimited,
    Unavailable,
)
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.mount.composing import Mounted, composed, files_of, owned, prepare
from mirrorfs.mount.options import MountOptions, Part, checked
from tests.vfs.fakes import FakeSource


def part(tmp_path: Path, source: FakeSource, name: str, cache: str = "") -> Part:
    return Part(f"{name}:", f"tree-{name}", tmp_path / (cache or name), lambda: source, name)


@contextmanager
def mounted(
    tmp_path: Path, *, offline: bool = False, **sources: FakeSource
) -> Iterator[list[Mounted]]:
    options = MountOptions(tmp_path / "mountpoint", Limits(1 << 30, 0), offline=offline)
    parts = [part(tmp_path, source, name) for name, source in sources.items()]
    with owned(parts) as folders, composed(options, parts, folders, threading.Event()) as found:
        yield found


@pytest.mark.parametrize(
    "error", [Unavailable("down"), RateLimited("used up", 2e9), BadAnswer("half a page")]
)
def test_one_that_fails_for_now_stops_nobody(tmp_path: Path, error: MirrorError) -> None:
    well, ill = FakeSource(), FakeSource(down=error)
    well.put("a.jpg", b"a")
    with mounted(tmp_path, well=well, ill=ill) as found:
        prepare(found)
        shown = files_of(found)
        assert [seen.name for seen in shown.glances(ROOT)] == ["ill", "well"]
        assert [seen.name for seen in shown.glances(RemotePath("well"))] == ["a.jpg"]


def test_listings_that_the_disk_does_not_take(tmp_path: Path) -> None:
    (tmp_path / "ill/listings/tree-ill.sqlite").mkdir(parents=True)
    with (
        pytest.raises(MountFailed, match=r"cannot be written: .* Is there room on its disk\?"),
        mounted(tmp_path, well=FakeSource(), ill=FakeSource()),
    ):
        pass


@pytest.mark.parametrize("error", [Denied("wrong"), NotFound("no such folder"), Misuse("no")])
def test_what_does_not_pass_by_itself_is_an_error(tmp_path: Path, error: MirrorError) -> None:
    with (
        mounted(tmp_path, well=FakeSource(), ill=FakeSource(down=error)) as found,
        pytest.raises(type(error)),
    ):
        prepare(found)


def test_nothing_known_of_any_is_an_error(tmp_path: Path) -> None:
    down = Unavailable("down")
    with (
        mounted(tmp_path, one=FakeSource(down=down), two=FakeSource(down=down)) as found,
        pytest.raises(Unavailable),
    ):
        prepare(found)


def test_offline_the_remote_of_which_nothing_is_known_is_named(tmp_path: Path) -> None:
    with (
        mounted(tmp_path, offline=True, mine=FakeSource()) as found,
        pytest.raises(Unavailable, match="nothing is known of 'mine:'"),
    ):
        prepare(found)


def test_what_was_listed_before_is_enough(tmp_path: Path) -> None:
    one, two = FakeSource(), FakeSource()
    one.put("a.jpg", b"a")
    with mounted(tmp_path, one=one, two=two) as found:
        prepare(found)
    one.down = two.down = Denied("revoked")
    with mounted(tmp_path, one=one, two=two) as found:
        prepare(found)
        assert [seen.name for seen in files_of(found).glances(RemotePath("one"))] == ["a.jpg"]


def test_a_file_that_was_replaced_is_looked_for_at_once(tmp_path: Path) -> None:
    source, path = FakeSource(), RemotePath("one/a.jpg")
    source.put("a.jpg", b"old")
    with mounted(tmp_path, one=source) as found:
        prepare(found)
        files = files_of(found)
        entry = files.lookup(path)
        source.put("a.jpg", b"another")
        handle = files.open(path, entry)
        with pytest.raises(Changed):
            handle.read(0, 1)
        handle.close()
        deadline = time.monotonic() + 10
        while files.lookup(path) == entry:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        handle = files.open(path, files.lookup(path))
        assert handle.read(0, 10) == b"another"
        handle.close()


def test_a_cache_folder_has_one_owner_and_many_parts(tmp_path: Path) -> None:
    source = FakeSource()
    parts = [part(tmp_path, source, name, "shared") for name in ("one", "two")]
    with owned(parts) as folders:
        assert len(folders) == 1
        with pytest.raises(CacheBusy), owned(parts):
            pass
    with owned(parts):
        pass


@pytest.mark.parametrize("name", ["", "a/b", ".", "..", "a\nb", "x" * 256])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "mountpoint").mkdir()
    parts = [part(tmp_path, FakeSource(), one, "cache") for one in ("well", name)]
    with pytest.raises(Misuse):
        checked(MountOptions(tmp_path / "mountpoint"), parts)
