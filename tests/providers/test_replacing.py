"""Replacing a file: whatever fails, the old or the new bytes are there, and no stray copy."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Changed, MirrorError, Unavailable
from mirrorfs.core.facts import REPLACES
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.cloudinary import Settings
from tests.providers.cloud import Cloud, picture

OLD, NEW = b"the old bytes", b"the new bytes, which are longer"
FOREVER: dict[str, Any] = {"times": None}
MODES = pytest.mark.parametrize(
    "cloud", [Settings(), Settings(folder_mode="fixed")], ids=["dynamic", "fixed"], indirect=True
)
OPTIMISED = pytest.mark.parametrize(
    "cloud",
    [Settings(optimize_by_default=True), Settings(optimize_by_default=True, folder_mode="fixed")],
    ids=["dynamic", "fixed"],
    indirect=True,
)


def jpeg(quality: int) -> bytes:
    from PIL import Image

    made = BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(made, "JPEG", quality=quality)
    return made.getvalue()


def stored(cloud: Cloud) -> dict[str, bytes]:
    """Return path → bytes of all files, as another process sees them."""
    cloud.heal()
    found = cloud.again().scan(ROOT).entries.values()
    return {entry.path: cloud.content(entry) for entry in found if not entry.is_folder}


class TestTheServiceCannotCopy:
    @OPTIMISED
    @pytest.mark.parametrize("status", [500, 400])
    def test_nor_rename(self, cloud: Cloud, status: int) -> None:
        old, new = jpeg(95), jpeg(90)
        cloud.seed(picture("a.jpg", old, created_at=1_500_000_000))
        entry = cloud.provider.stat(parse("a.jpg"))
        cloud.fault("/image/download", {"status": 500}, **FOREVER)
        cloud.fault("/image/rename", {"status": status}, **FOREVER)
        with pytest.raises(MirrorError) as caught:
            cloud.put("a.jpg", new, replaces=entry)
        found = stored(cloud)
        assert found.pop("a.jpg") == old
        assert list(found.values()) == ([new] if "kept as" in str(caught.value) else [])
        assert bool(found) == (status == 500)

    @OPTIMISED
    def test_no_delivery_url_is_copied(self, cloud: Cloud) -> None:
        new = jpeg(90)
        entry = cloud.put("a.jpg", jpeg(95))
        cloud.fault("/image/download", {"status": 500}, **FOREVER)
        cloud.forget()
        cloud.put("a.jpg", new, replaces=entry)
        assert cloud.asked(" /demo/") == []
        assert stored(cloud) == {"a.jpg": new}


class TestTheCopyHasOtherBytes:
    @pytest.fixture
    def old(self, cloud: Cloud) -> Entry:
        entry = cloud.put("a.txt", OLD)
        cloud.fault("/raw/download", {"corrupt_bytes": 1}, **FOREVER)
        return entry

    @MODES
    def test_the_new_file_is_renamed_over_it(self, cloud: Cloud, old: Entry) -> None:
        cloud.put("a.txt", NEW, replaces=old)
        assert stored(cloud) == {"a.txt": NEW}
        assert REPLACES not in cloud.again().stat(parse("a.txt")).facts

    @MODES
    @pytest.mark.parametrize("action", [{"status": 400}, {"status": 500}])
    def test_and_renaming_fails(self, cloud: Cloud, old: Entry, action: dict[str, Any]) -> None:
        cloud.fault("/raw/rename", action, **FOREVER)
        with pytest.raises(Changed, match="kept as"):
            cloud.put("a.txt", NEW, replaces=old)
        assert NEW in stored(cloud).values()
        found = cloud.again().scan(ROOT).entries.values()
        told = {entry.path: entry.facts.get(REPLACES) for entry in found}
        assert told.pop("a.txt") is None
        assert list(told.values()) == [old.id]

    @MODES
    def test_and_its_answer_is_lost(self, cloud: Cloud, old: Entry) -> None:
        cloud.fault("/upload$", {"truncate_body_to": 5}, after=1, times=None)
        with pytest.raises(Changed, match="kept as"):
            cloud.put("a.txt", NEW, replaces=old)
        assert NEW in stored(cloud).values()


@MODES
def test_an_answer_to_the_copy_that_is_lost(cloud: Cloud) -> None:
    entry = cloud.put("a.txt", OLD)
    cloud.fault("/upload$", {"truncate_body_to": 5}, after=1, times=None)
    new = cloud.put("a.txt", NEW, replaces=entry)
    assert new.id == entry.id
    assert stored(cloud) == {"a.txt": NEW}


@MODES
@pytest.mark.parametrize("status", [400, 500])
def test_an_old_file_of_another_kind_that_stays(cloud: Cloud, status: int) -> None:
    old = jpeg(95)
    picture = cloud.put("a.jpg", old)
    cloud.fault("/image/destroy", {"status": status}, **FOREVER)
    with pytest.raises(MirrorError) as caught:
        cloud.put("a.jpg", OLD, replaces=picture)
    assert old in stored(cloud).values()
    assert (OLD in stored(cloud).values()) == ("kept as" in str(caught.value)) == (status == 500)


class TestNoStrayCopy:
    @MODES
    def test_the_look_before_the_swap_fails(self, cloud: Cloud) -> None:
        entry = cloud.put("a.txt", OLD)
        cloud.fault("/resources/", {"status": 503}, "GET", after=1, times=None)
        with pytest.raises(Unavailable):
            cloud.put("a.txt", NEW, replaces=entry)
        assert stored(cloud) == {"a.txt": OLD}

    @pytest.mark.parametrize("size", [1000, 21_000_000])
    @pytest.mark.parametrize("action", [{"truncate_body_to": 5}, {"status": 200, "body": {}}])
    @pytest.mark.parametrize("cloud", [Settings(raw_max_bytes=1 << 30)], indirect=True)
    def test_an_upload_whose_answer_is_lost(
        self, cloud: Cloud, size: int, action: dict[str, Any]
    ) -> None:
        cloud.fault("/upload$", action, after=size // 20_000_000, times=2)
        with pytest.raises(MirrorError):
            cloud.put("a.txt", bytes(size))
        assert stored(cloud) == {}

    @MODES
    def test_a_name_that_is_not_kept(self, cloud: Cloud) -> None:
        cloud.fault("/resources/", {"status": 503}, "PUT", **FOREVER)
        with pytest.raises(Unavailable):
            cloud.put("a.png", jpeg(95))
        assert stored(cloud) == {}


MISSING = {"status": 404, "body": {"error": {"message": "Resource not found"}}}


@MODES
@pytest.mark.parametrize("after", range(7))
@pytest.mark.parametrize(
    "action", [{"status": 503}, {"truncate_body_to": 5}, {"status": 400}, MISSING]
)
def test_a_failure_at_each_step(cloud: Cloud, action: dict[str, Any], after: int) -> None:
    entry = cloud.put("a.txt", OLD)
    cloud.fault("/v1_1/", action, after=after, times=4)
    said = ""
    try:
        cloud.put("a.txt", NEW, replaces=entry)
    except MirrorError as error:
        said = str(error)
    found = stored(cloud)
    assert set(found.values()) <= {OLD, NEW}
    assert NEW in found.values() or (said and OLD in found.values())
    assert len(found) == 1 or any(words in said for words in ("kept as", "stay", "second copy"))


@MODES
def test_of_two_threads_that_replace_one_revision_one_does(cloud: Cloud) -> None:
    entry = cloud.put("a.txt", OLD)
    bodies = [f"new bytes of writer {n}".encode() for n in range(6)]

    def replace(body: bytes) -> bytes | None:
        try:
            cloud.put("a.txt", body, replaces=entry)
        except Changed:
            return None
        return body

    with ThreadPoolExecutor(len(bodies)) as pool:
        written = [body for body in pool.map(replace, bodies) if body]
    assert len(written) == 1
    assert stored(cloud) == {"a.txt": written[0]}
