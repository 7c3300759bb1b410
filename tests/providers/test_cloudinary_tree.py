"""Trees of an account: names, folders, roots, changes."""

import json
import time
from typing import Any

import pytest

from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import BadAnswer, NotFound
from mirrorfs.core.paths import ROOT, RemotePath, parse
from mirrorfs.emulators.cloudinary import Settings
from tests.providers.cloud import Cloud, picture, run

OLD = 1_600_000_000


def walk(cloud: Cloud, folder: RemotePath = ROOT) -> dict[str, Entry]:
    provider = cloud.again()
    found = {entry.path: entry for entry in provider.scandir(folder)}
    for path, entry in list(found.items()):
        if entry.is_folder:
            found |= walk(cloud, path)
    return found


def check_same(cloud: Cloud) -> dict[str, str]:
    """Check that scan and scandir see the same; return path → id of the files."""
    scanned = cloud.again().scan(ROOT).entries
    walked = walk(cloud)
    assert {path: (one.id, one.revision) for path, one in scanned.items()} == {
        path: (one.id, one.revision) for path, one in walked.items()
    }
    return {path: one.id for path, one in scanned.items() if not one.is_folder}


def test_twins_keep_their_names_when_others_come(cloud: Cloud) -> None:
    cloud.seed(picture("a/photo.jpg", b"1", created_at=OLD))
    first = check_same(cloud)["a/photo.jpg"]
    cloud.seed(picture("a/photo.jpg", b"2", created_at=OLD + 1))
    cloud.seed(picture("a/PHOTO.JPG", b"3", created_at=OLD + 2))
    cloud.seed({"path": "a/photo.jpg", "size": 5, "created_at": OLD + 3})
    files = check_same(cloud)
    assert len(files) == 4
    assert files["a/photo.jpg"] == first


def test_a_folder_and_a_file_of_one_name(cloud: Cloud) -> None:
    cloud.seed({"path": "x/a.txt", "size": 1}, {"path": "x", "size": 2, "created_at": OLD})
    files = check_same(cloud)
    assert "x/a.txt" in files
    assert len(files) == 2


def test_hostile_display_names(cloud: Cloud) -> None:
    names = ["..", ".", "a\nb", "100%41", "x" * 255, "é", "é", "-rf *", "日" * 100, "~"]
    for name in names:
        cloud.seed({"display_name": name, "folder": "d", "size": 3})
    files = check_same(cloud)
    assert len(files) == len(names)
    assert {"d/%2E%2E", "d/%2E", "d/a%0Ab", "d/100%2541"} <= set(files)
    for path in files:
        assert cloud.content(cloud.again().stat(parse(path)))


def test_hostile_folders(cloud: Cloud) -> None:
    for folder in ("..", "a/../b", "é", "é", "x" * 300, 'q"*q', "a%41"):
        cloud.seed({"display_name": "f.txt", "folder": folder, "size": 3})
    assert len(check_same(cloud)) == 7


def test_fixed_mode_keeps_case_twins_apart() -> None:
    with run(Settings(folder_mode="fixed")) as cloud:
        cloud.seed(*({"path": f"{name}/f.txt", "size": 3} for name in ("Trip", "trip", "TRIP")))
        files = [path for path in cloud.provider.scan(ROOT).entries if "/" in path]
        assert len(files) == 3
        for path in files:
            assert cloud.provider.stat(path).path == path


def test_types_that_were_not_uploaded_are_left_out(cloud: Cloud) -> None:
    cloud.seed(
        {"path": "a.txt", "size": 3},
        {"path": "b.txt", "size": 3, "type": "private"},
        {"path": "c.txt", "size": 3, "type": "authenticated"},
        picture("d.jpg", b"", type="facebook"),
        picture("e.jpg", b"", type="fetch"),
    )
    files = check_same(cloud)
    assert set(files) == {"a.txt", "b.txt", "c.txt"}
    for path in files:
        assert len(cloud.content(cloud.again().stat(parse(path)))) == 3


def test_one_public_id_in_several_types(cloud: Cloud) -> None:
    same = {"public_id": "one", "display_name": "one", "folder": "", "size": 3}
    cloud.seed(
        {**same, "resource_type": "raw"},
        {**same, "resource_type": "video", "format": "mp4"},
        {**same, "resource_type": "image", "format": "jpg"},
        {**same, "resource_type": "image", "format": "jpg", "type": "private"},
    )
    assert len(check_same(cloud)) == 4


def test_deleted_files_that_have_a_backup_are_gone() -> None:
    with run(Settings(automatic_backup=True)) as cloud:
        entry = cloud.put("a/x.txt", b"some bytes")
        cloud.provider.remove(entry)
        assert cloud.tree() == {"a"}
        with pytest.raises(NotFound):
            cloud.content(entry)


@pytest.mark.parametrize("mode", ["dynamic", "fixed"])
def test_more_folders_than_a_search_tells(mode: Any) -> None:
    with run(Settings(folder_mode=mode, hourly_limit=5000)) as cloud:
        cloud.seed(
            *({"path": f"f{n:04}/x.txt", "size": 3, "created_at": OLD + n} for n in range(4500))
        )
        snapshot = cloud.provider.scan(ROOT)
        assert len(snapshot.entries) == 9000
        assert cloud.provider.usage().calls < 30


def test_a_root_inside_the_account(cloud: Cloud) -> None:
    cloud.seed(
        {"path": "me/a/x.txt", "size": 3},
        {"path": "me/y.txt", "size": 3},
        {"path": "meme/z.txt", "size": 3},
    )
    inside = cloud.again("me")
    snapshot = inside.scan(ROOT)
    assert set(snapshot.entries) == {"a", "a/x.txt", "y.txt"}
    assert {entry.path for entry in inside.scandir(ROOT)} == {"a", "y.txt"}
    assert inside.stat(parse("a/x.txt")).size == 3
    with pytest.raises(NotFound):
        cloud.again("nowhere").scan(ROOT)
    with pytest.raises(NotFound):
        cloud.again("nowhere").scandir(ROOT)
    cloud.seed({"path": "other/new.txt", "size": 3})
    assert inside.changes(snapshot.cursor).touched == {}


def hours_ago(cursor: str) -> str:
    """Return a cursor whose last check is more than an hour ago."""
    told = json.loads(cursor)
    return json.dumps({**told, "checked": told["checked"] - 3700})


class TestChanges:
    @pytest.fixture
    def cursor(self, cloud: Cloud) -> str:
        cloud.seed(*({"path": f"a/{n}.txt", "size": 9, "uploaded_at": OLD} for n in range(20)))
        cloud.admin("POST", "folders/empty")
        return cloud.provider.scan(ROOT).cursor

    def test_nothing_costs_two_calls(self, cloud: Cloud, cursor: str) -> None:
        before = cloud.provider.usage().calls
        told = cloud.provider.changes(cursor)
        assert (told.touched, told.rescan) == ({}, False)
        assert cloud.provider.usage().calls == before + 2

    def test_nothing_costs_another_process_two_calls(self, cloud: Cloud, cursor: str) -> None:
        again = cloud.again()
        for _ in range(2):
            told = again.changes(cursor)
            assert (told.touched, told.rescan) == ({}, False)
            cursor = told.cursor
        assert again.usage().calls == 4

    def test_a_scan_asks_for_the_folder_mode_itself(self, cloud: Cloud, cursor: str) -> None:
        wrong = {**json.loads(cursor), "dynamic": False}
        again = cloud.again()
        again.changes(json.dumps(wrong))
        assert json.loads(again.scan(ROOT).cursor)["dynamic"] is True

    @pytest.mark.parametrize("method", ["POST", "DELETE"])
    def test_empty_folders_are_seen_within_the_hour(
        self, cloud: Cloud, cursor: str, method: str
    ) -> None:
        cloud.admin(method, "folders/new" if method == "POST" else "folders/empty")
        assert not cloud.provider.changes(cursor).rescan
        before = cloud.provider.usage().calls
        told = cloud.provider.changes(hours_ago(cursor))
        assert told.rescan
        assert cloud.provider.usage().calls == before + 3
        assert not cloud.provider.changes(hours_ago(told.cursor)).rescan

    def test_the_hourly_check_tells_nothing_twice(self, cloud: Cloud, cursor: str) -> None:
        cloud.seed({"path": "a/new.txt", "size": 3, "uploaded_at": time.time() - 90})
        first = cloud.provider.scan(ROOT).cursor
        told = cloud.provider.changes(hours_ago(first))
        assert (told.touched, told.rescan) == ({}, False)
        before = cloud.provider.usage().calls
        cloud.provider.changes(told.cursor)
        assert cloud.provider.usage().calls == before + 2

    def test_an_index_that_lags_by_minutes_hides_nothing_for_good(
        self, cloud: Cloud, cursor: str
    ) -> None:
        old = cloud.provider.stat(parse("a/1.txt"))
        late = {"path": "a/1.txt", "public_id": old.facts["public_id"], "size": 99}
        cloud.seed({**late, "uploaded_at": time.time() - 900})
        told = cloud.provider.changes(cursor)
        assert told.touched == {}
        assert list(cloud.provider.changes(hours_ago(told.cursor)).touched.values()) == ["a"]

    def test_another_process_can_go_on(self, cloud: Cloud, cursor: str) -> None:
        cloud.seed({"path": "a/new.txt", "size": 3})
        told = cloud.again().changes(cursor)
        assert list(told.touched.values()) == ["a"]
        assert not told.rescan

    def test_new_files_are_told_once(self, cloud: Cloud, cursor: str) -> None:
        cloud.seed({"path": "b/c/new.txt", "size": 3}, {"path": "a/n.txt", "size": 3})
        told = cloud.provider.changes(cursor)
        assert sorted(told.touched.values()) == ["a", "b/c"]
        assert not told.rescan
        again = cloud.provider.changes(told.cursor)
        assert (again.touched, again.rescan) == ({}, False)

    def test_many_new_files_and_a_page_without_cursor(self, cloud: Cloud, cursor: str) -> None:
        cloud.seed(*({"path": f"a/new{n}.txt", "size": 3} for n in range(600)))
        cloud.fault("/resources/search", {"null_cursor": True}, after=1)
        with pytest.raises(BadAnswer):
            cloud.provider.changes(cursor)
        assert len(cloud.provider.changes(cursor).touched) == 600

    def test_moves_and_edits(self, cloud: Cloud, cursor: str) -> None:
        entries = {entry.path: entry for entry in cloud.provider.scandir(parse("a"))}
        moved, edited = entries[parse("a/1.txt")], entries[parse("a/2.txt")]
        cloud.admin("PUT", f"resources/{moved.id}", {"asset_folder": "z"})
        cloud.put("a/2.txt", b"new bytes", replaces=edited)
        told = cloud.provider.changes(cursor)
        assert told.touched == {moved.id: "z", edited.id: "a"}
        assert not told.rescan

    def test_a_removal_asks_for_a_scan(self, cloud: Cloud, cursor: str) -> None:
        entry = cloud.provider.stat(parse("a/1.txt"))
        cloud.admin("DELETE", "resources", {"asset_ids": [entry.id]})
        told = cloud.provider.changes(cursor)
        assert told.rescan
        assert not cloud.provider.changes(told.cursor).rescan

    def test_a_removal_behind_a_new_file(self, cloud: Cloud, cursor: str) -> None:
        entry = cloud.provider.stat(parse("a/1.txt"))
        cloud.admin("DELETE", "resources", {"asset_ids": [entry.id]})
        cloud.seed({"path": "a/new.txt", "size": 3})
        assert cloud.provider.changes(cursor).rescan

    @pytest.mark.parametrize("cloud", [Settings(search_lag=1.0)], indirect=True)
    def test_a_lagging_index_hides_nothing_for_good(self, cloud: Cloud) -> None:
        cloud.seed({"path": "a/early.txt", "size": 3})
        time.sleep(1.1)
        cursor = cloud.provider.scan(ROOT).cursor
        cloud.seed({"path": "a/late.txt", "size": 3})
        early = cloud.provider.changes(cursor)
        assert early.touched == {}
        time.sleep(1.1)
        late = cloud.provider.changes(early.cursor)
        assert list(late.touched.values()) == ["a"]
        assert not late.rescan
