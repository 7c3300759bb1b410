"""Writing to Cloudinary: nothing is lost, whatever goes wrong."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from mirrorfs.core import digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Changed,
    Corrupt,
    MirrorError,
    NotEmpty,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import RemotePath, parse
from mirrorfs.emulators.cloudinary import Settings
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.sending import PIECE
from tests.providers.cloud import Cloud

OLD, NEW = b"the old bytes", b"the new bytes, which are longer"
UPLOAD = "/upload$"
FOREVER: dict[str, Any] = {"times": None}
MODES = pytest.mark.parametrize(
    "cloud", [Settings(), Settings(folder_mode="fixed")], ids=["dynamic", "fixed"], indirect=True
)


def film(size: int) -> bytes:
    """Return what the service takes for a video."""
    return b"\0\0\0\x18ftypmp42" + bytes(range(1, 251)) * (size // 250)


@pytest.fixture
def jpeg() -> bytes:
    from PIL import Image

    made = BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(made, "JPEG", quality=95)
    return made.getvalue()


class TestNew:
    def test_uploading_costs_no_quota_a_file(self, cloud: Cloud) -> None:
        cloud.put("a/0.txt", OLD)
        before = cloud.provider.usage().calls
        for number in range(1, 20):
            cloud.put(f"a/{number}.txt", OLD)
        assert cloud.provider.usage().calls - before <= 2

    def test_many_at_once_cost_one_look_at_their_folder(self, cloud: Cloud) -> None:
        cloud.fault("/resources/search", {"delay_seconds": 0.05}, **FOREVER)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n: cloud.put(f"new/{n}.txt", OLD), range(16)))
        looks = [one for one in cloud.asked("/resources/search") if one["status"] == 200]
        assert len(looks) <= 2  # of the root, where the folder is to be, and of the folder
        assert len(cloud.tree()) == 17

    @MODES
    def test_a_folder_costs_one_call_however_deep(self, cloud: Cloud) -> None:
        cloud.put("a/0.txt", OLD)
        cloud.provider.mkdir(parse("a/first"))
        before = cloud.provider.usage().calls
        for number in range(10):
            cloud.provider.mkdir(parse(f"a/{number}/deep"))
            cloud.put(f"a/{number}/deep/x.txt", OLD)
        assert cloud.provider.usage().calls - before <= 20 + 2
        made = {
            f"a/{number}{below}" for number in range(10) for below in ("", "/deep", "/deep/x.txt")
        }
        assert set(cloud.again().scan(parse("")).entries) >= made

    @MODES
    def test_a_folder_that_appears_while_its_place_is_sought_is_used(
        self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other, check = cloud.again(), Neighbours.check_free

        def late(neighbours: Neighbours, folder: RemotePath, name: str, but: str = "") -> None:
            monkeypatch.setattr(Neighbours, "check_free", check)
            other.mkdir(parse("new"))
            check(neighbours, folder, name, but)

        monkeypatch.setattr(Neighbours, "check_free", late)
        cloud.put("new/deep/x.txt", OLD)
        assert cloud.tree() == {"new", "new/deep", "new/deep/x.txt"}
        with pytest.raises(AlreadyExists):
            cloud.put("new/deep/x.txt/y.txt", OLD)

    @MODES
    def test_what_somebody_else_put_into_a_folder_we_made_again_is_seen(self, cloud: Cloud) -> None:
        cloud.provider.mkdir(parse("a/b"))
        other = cloud.again()
        other.mkdir(parse("a/b/sub"))
        cloud.provider.mkdir(parse("a/b/sub"))
        assert set(cloud.tree()) == {"a", "a/b", "a/b/sub"}

    @MODES
    @pytest.mark.parametrize("name", ["x.jpg", "x.JPG", "x.jpeg", "x.png", "x.txt", "x"])
    def test_pictures_keep_any_name(self, cloud: Cloud, jpeg: bytes, name: str) -> None:
        entry = cloud.put(f"a/{name}", jpeg)
        found = cloud.again().stat(parse(f"a/{name}"))
        assert (found.id, found.digest) == (entry.id, digest.of(jpeg))
        kind = "raw" if name in {"x.txt", "x"} else "image"
        assert found.facts["resource_type"] == kind
        assert found.facts.get("format", "jpg") == "jpg"

    @MODES
    def test_pictures_of_one_stem(self, cloud: Cloud, jpeg: bytes) -> None:
        names = {"a/x.jpg", "a/x.png", "a/x.jpeg", "a/x.tif"}
        for number, name in enumerate(sorted(names)):
            cloud.put(name, jpeg + bytes([number]))
        assert cloud.tree() == {"a", *names}

    def test_fixed_mode_uses_plain_public_ids(self, jpeg: bytes) -> None:
        from tests.providers.cloud import run

        with run(Settings(folder_mode="fixed")) as cloud:
            assert cloud.put("a/x.jpg", jpeg).facts["public_id"] == "a/x"
            assert cloud.put("a/x.txt", OLD).facts["public_id"] == "a/x.txt"

    def test_large_files_go_in_pieces(self, cloud: Cloud) -> None:
        data = film(2 * PIECE + 5_000_000)
        entry = cloud.put("a/film.mp4", data)
        assert entry.digest == digest.of(data)
        assert len(cloud.asked("POST .*/video/upload")) == 3
        assert cloud.content(entry, PIECE - 5, 10) == data[PIECE - 5 : PIECE + 5]

    def test_a_piece_is_sent_again(self, cloud: Cloud) -> None:
        cloud.fault(UPLOAD, {"drop_connection": True}, after=1)
        data = film(PIECE + 6_000_000)
        assert cloud.put("film.mp4", data).digest == digest.of(data)

    def test_a_large_body_of_the_wrong_length(self, cloud: Cloud) -> None:
        data = film(PIECE + 1000)
        for size in (len(data) - 1, len(data) + 1):
            with pytest.raises(Corrupt):
                cloud.provider.write(parse("x.mp4"), BytesIO(data), size=size, modified=0)
        assert cloud.tree() == set()

    def test_a_large_file_that_is_no_video(self) -> None:
        from tests.providers.cloud import run

        with run(Settings(raw_max_bytes=1 << 30)) as cloud:
            data = bytes(PIECE + 6_000_000)
            entry = cloud.put("x.mp4", data)
            assert entry.facts["resource_type"] == "raw"
            assert entry.digest == digest.of(data)

    def test_a_limit_of_the_plan_is_named(self, cloud: Cloud) -> None:
        with pytest.raises(Unsupported, match="File size too large"):
            cloud.put("x.bin", bytes(11 << 20))
        assert cloud.tree() == set()

    @MODES
    def test_an_answer_that_was_lost(self, cloud: Cloud) -> None:
        cloud.fault(UPLOAD, {"truncate_body_to": 10})
        entry = cloud.put("a/x.txt", NEW)
        assert cloud.content(entry) == NEW
        assert cloud.tree() == {"a", "a/x.txt"}

    @pytest.mark.parametrize(
        ("action", "error"),
        [
            ({"drop_connection": True}, Unavailable),
            ({"status": 500}, Unavailable),
            ({"status": 200, "html": "<h1>Log in</h1>"}, Unavailable),
            ({"status": 200, "body": {}}, BadAnswer),
            (
                {"status": 420, "body": {"error": {"message": "Limit of 50 X operations"}}},
                MirrorError,
            ),
        ],
    )
    def test_an_upload_that_fails(
        self, cloud: Cloud, action: dict[str, Any], error: type[MirrorError]
    ) -> None:
        cloud.fault(UPLOAD, action, **FOREVER)
        with pytest.raises(error):
            cloud.put("x.txt", NEW)
        assert cloud.tree() == set()

    def test_a_file_that_is_too_large_is_told_in_whole_sentences(self, cloud: Cloud) -> None:
        message = "File size too large. Got 10485761. Maximum is 10485760."
        cloud.fault(UPLOAD, {"status": 400, "body": {"error": {"message": message}}})
        with pytest.raises(Unsupported) as caught:
            cloud.put("x.txt", NEW)
        said = f"Cloudinary answered 400: {message} The account's plan sets this limit."
        assert str(caught.value) == said

    @MODES
    def test_others_are_not_overwritten(self, cloud: Cloud) -> None:
        cloud.put("a/y.txt", OLD)
        cloud.seed({"path": "a/x.txt", "size": 10})
        try:
            cloud.put("a/x.txt", NEW)
        except AlreadyExists:
            assert cloud.again().stat(parse("a/x.txt")).size == 10
        else:
            assert len(cloud.tree()) == 4

    def test_folders_that_differ_by_case(self, cloud: Cloud) -> None:
        cloud.put("Trip/x.txt", OLD)
        with pytest.raises(Unsupported, match="case"):
            cloud.put("trip/y.txt", OLD)

    @MODES
    @pytest.mark.parametrize("path", ["a?/x.txt", "100%/x.txt", " a/x.txt", "%2E%2E/x.txt"])
    def test_folders_that_cannot_be(self, cloud: Cloud, path: str) -> None:
        with pytest.raises(Unsupported):
            cloud.put(path, OLD)
        assert cloud.asked("POST .*/upload$") == []


def test_moving_and_removing_cost_next_to_no_quota(cloud: Cloud) -> None:
    old = [{"path": f"a/{n}.txt", "size": 9, "uploaded_at": 1e9} for n in range(10)]
    cloud.seed(*old, {"path": "b/y.txt", "size": 9})
    entries = cloud.provider.scandir(parse("a"))
    moved = [cloud.provider.rename(entries[0], parse("b/new.txt"))]
    before = cloud.provider.usage().calls
    moved += [cloud.provider.rename(one, parse(f"b/{one.id}")) for one in entries[1:]]
    assert cloud.provider.usage().calls == before + 9
    for entry in moved:
        cloud.provider.remove(entry)
    assert cloud.provider.usage().calls == before + 9


def test_replacing_costs_no_quota(cloud: Cloud) -> None:
    cloud.seed({"path": "a/x.txt", "size": 9, "uploaded_at": 1e9})
    entry = cloud.provider.stat(parse("a/x.txt"))
    before = cloud.provider.usage().calls
    cloud.put("a/x.txt", NEW, replaces=entry)
    assert cloud.provider.usage().calls == before


class TestReplacing:
    @pytest.fixture
    def old(self, cloud: Cloud) -> Entry:
        cloud.seed(
            {
                "path": "a/x.txt",
                "base64": "dGhlIG9sZCBieXRlcw==",
                "tags": ["one", "two"],
                "context": {"alt": "A = b | c"},
                "created_at": 1_500_000_000,
            }
        )
        entry = cloud.provider.stat(parse("a/x.txt"))
        assert cloud.content(entry) == OLD
        return entry

    @MODES
    def test_identity_and_description_stay(self, cloud: Cloud, old: Entry) -> None:
        new = cloud.put("a/x.txt", NEW, replaces=old)
        found = cloud.again().stat(parse("a/x.txt"))
        assert found.id == new.id == old.id
        for key in ("public_id", "keywords", "context.alt", "created_at", "type"):
            assert found.facts[key] == old.facts[key], key
        assert cloud.content(found) == NEW
        assert cloud.tree() == {"a", "a/x.txt"}

    @MODES
    def test_where_the_service_cannot_copy(self, cloud: Cloud, old: Entry) -> None:
        cloud.fault(UPLOAD, {"status": 400}, after=1, times=2)
        new = cloud.put("a/x.txt", NEW, replaces=old)
        found = cloud.again().stat(parse("a/x.txt"))
        assert found.id == new.id
        assert found.facts["keywords"] == "one; two"
        assert found.facts["public_id"] == old.facts["public_id"]
        assert cloud.content(found) == NEW
        assert cloud.tree() == {"a", "a/x.txt"}

    @MODES
    @pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 5])
    def test_at_no_moment_anything_is_lost(self, cloud: Cloud, old: Entry, after: int) -> None:
        """All calls fail from the one after ``after`` on."""
        cloud.fault("/v1_1/", {"drop_connection": True}, after=after, times=None)
        try:
            cloud.put("a/x.txt", NEW, replaces=old)
        except MirrorError:
            allowed: set[bytes] = {OLD, NEW}
        else:
            allowed = {NEW}
        cloud.heal()
        entries = [
            one for one in cloud.again().scan(parse("")).entries.values() if not one.is_folder
        ]
        contents = {cloud.content(entry) for entry in entries}
        assert contents
        assert contents <= allowed
        assert any(entry.path == "a/x.txt" for entry in entries)

    @MODES
    def test_what_changed_meanwhile_is_not_touched(self, cloud: Cloud, old: Entry) -> None:
        cloud.seed({"path": "a/x.txt", "public_id": old.facts["public_id"], "size": 99})
        with pytest.raises(Changed):
            cloud.put("a/x.txt", NEW, replaces=old)
        assert cloud.again().stat(parse("a/x.txt")).size == 99

    @MODES
    def test_a_twin_keeps_its_name(self, cloud: Cloud, old: Entry) -> None:
        cloud.seed({"display_name": "x.txt", "folder": "a", "public_id": "a/twin", "size": 7})
        new = cloud.put("a/x.txt", NEW, replaces=cloud.provider.stat(parse("a/x.txt")))
        assert cloud.again().stat(parse("a/x.txt")).id == new.id

    def test_a_text_becomes_a_picture(self, cloud: Cloud, jpeg: bytes) -> None:
        old = cloud.put("a/x.jpg", OLD)
        assert old.facts["resource_type"] == "raw"
        new = cloud.put("a/x.jpg", jpeg, replaces=old)
        assert cloud.content(cloud.again().stat(parse("a/x.jpg"))) == jpeg
        text = cloud.put("a/x.jpg", OLD, replaces=new)
        assert cloud.content(cloud.again().stat(parse("a/x.jpg"))) == OLD
        assert text.path == "a/x.jpg"

    @MODES
    def test_a_picture_becomes_a_text(self, cloud: Cloud, jpeg: bytes) -> None:
        old = cloud.put("a/x.jpg", jpeg)
        cloud.put("a/x.jpg", OLD, replaces=old)
        assert cloud.tree() == {"a", "a/x.jpg"}
        assert cloud.content(cloud.again().stat(parse("a/x.jpg"))) == OLD


class TestOtherBytes:
    """An incoming transformation stores other bytes than were sent."""

    PRESET = "shrinking"

    @pytest.fixture
    def cloud(self, jpeg: bytes) -> Any:
        from dataclasses import replace

        from mirrorfs.core.clock import SystemClock
        from mirrorfs.providers import cloudinary
        from tests.providers.cloud import PATIENCE, run

        with run(Settings()) as running:
            running.put("a/x.jpg", jpeg)
            preset = {"name": self.PRESET, "transformation": "w_10", "unsigned": False}
            running.admin("POST", "upload_presets", preset)
            who = replace(running.credentials, upload_preset=self.PRESET)
            running.provider = cloudinary.open(who, SystemClock(), PATIENCE)
            yield running

    def test_a_new_file_is_taken_back(self, cloud: Cloud, jpeg: bytes) -> None:
        with pytest.raises(Corrupt, match="preset"):
            cloud.put("a/y.jpg", jpeg + b"y")
        assert cloud.tree() == {"a", "a/x.jpg"}

    def test_the_old_one_stays(self, cloud: Cloud, jpeg: bytes) -> None:
        old = cloud.provider.stat(parse("a/x.jpg"))
        with pytest.raises(Corrupt, match="preset"):
            cloud.put("a/x.jpg", jpeg + b"y", replaces=old)
        found = cloud.again().stat(parse("a/x.jpg"))
        assert (found.id, found.revision) == (old.id, old.revision)
        assert cloud.tree() == {"a", "a/x.jpg"}


class TestFolders:
    @MODES
    def test_an_empty_folder_below_is_not_deleted_along(self, cloud: Cloud) -> None:
        cloud.provider.mkdir(parse("a/b"))
        with pytest.raises(NotEmpty):
            cloud.provider.remove(cloud.provider.stat(parse("a")))
        assert cloud.tree() == {"a", "a/b"}
        assert cloud.asked("DELETE .*/folders") == []

    @MODES
    def test_someone_elses_new_file_keeps_the_folder(self, cloud: Cloud) -> None:
        entry = cloud.provider.mkdir(parse("a"))
        cloud.provider.scandir(parse("a"))
        cloud.seed({"path": "a/x.txt", "size": 3})
        with pytest.raises(NotEmpty):
            cloud.provider.remove(entry)


class TestRemoving:
    @pytest.mark.parametrize("answer", [{"result": "error"}, {}, {"result": None}])
    def test_only_ok_is_ok(self, cloud: Cloud, answer: dict[str, Any]) -> None:
        entry = cloud.put("x.txt", OLD)
        cloud.fault("/destroy", {"status": 200, "body": answer})
        with pytest.raises(BadAnswer):
            cloud.provider.remove(entry)

    def test_someone_elses_edit_is_not_removed(self, cloud: Cloud) -> None:
        cloud.seed({"path": "x.txt", "public_id": "x.txt", "size": 5})
        entry = cloud.provider.stat(parse("x.txt"))
        cloud.seed({"path": "x.txt", "public_id": "x.txt", "size": 6})
        with pytest.raises(Changed):
            cloud.provider.remove(entry)
        assert cloud.tree() == {"x.txt"}


class TestMoving:
    @MODES
    @pytest.mark.parametrize("name", ["b/y.jpg", "a/x.JPG", "a/x.png", "x.jpeg", "a/x.txt", "c"])
    def test_a_picture_keeps_its_bytes_and_description(
        self, cloud: Cloud, jpeg: bytes, name: str
    ) -> None:
        entry = cloud.put("a/x.jpg", jpeg)
        sent = len(cloud.asked("POST .*/upload$"))
        moved = cloud.provider.rename(entry, parse(name))
        assert len(cloud.asked("POST .*/upload$")) == sent
        found = cloud.again().stat(parse(name))
        assert (found.id, found.revision, found.modified) == (
            entry.id,
            entry.revision,
            entry.modified,
        )
        assert moved.path == name
        assert cloud.content(found) == jpeg
        back = cloud.provider.rename(found, entry.path)
        assert cloud.again().stat(entry.path).id == back.id

    def test_dynamic_mode_keeps_the_public_id(self, cloud: Cloud) -> None:
        entry = cloud.put("a/x.txt", OLD)
        moved = cloud.provider.rename(entry, parse("b/y.txt"))
        assert moved.facts["public_id"] == entry.facts["public_id"]
        assert moved.facts["url"] == entry.facts["url"]
