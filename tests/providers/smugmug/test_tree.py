"""The tree: everything that has made a mirror of SmugMug stumble, shown and read."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from mirrorfs.core import names, paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Snapshot
from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.generated import JPEG_SIZE
from mirrorfs.emulators.smugmug import add_quirks
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from tests.providers.smugmug.account import Account, content, serving, tree


@pytest.fixture(scope="module")
def odd() -> Iterator[Account]:
    with serving() as account:
        add_quirks(account.state, "demo")
        yield account


@pytest.fixture(scope="module")
def owner(odd: Account) -> SmugmugProvider:
    return odd.open()


@pytest.fixture(scope="module")
def snapshot(owner: SmugmugProvider) -> Snapshot:
    return owner.scan(ROOT)


def files(found: Snapshot) -> list[Entry]:
    return [entry for entry in found.entries.values() if not entry.is_folder]


def names_in(found: Snapshot, folder: str) -> set[str]:
    return {paths.name(path) for path in found.entries if paths.parent(path) == folder}


def test_every_file_is_read_whole_and_proven(owner: SmugmugProvider, snapshot: Snapshot) -> None:
    for entry in files(snapshot):
        assert len(content(owner, entry)) == entry.size > 0


def test_paths_are_lawful_and_no_two_are_one(snapshot: Snapshot) -> None:
    for path in snapshot.entries:
        assert paths.parse(path) == path
    for folder in [ROOT, *(path for path, one in snapshot.entries.items() if one.is_folder)]:
        inside = [path for path in snapshot.entries if paths.parent(path) == folder]
        assert len({names.fold(paths.name(path)) for path in inside}) == len(inside)
        assert folder == ROOT or folder in snapshot.entries
    ids = [entry.id for entry in snapshot.entries.values()]
    assert len(ids) == len(set(ids))


def test_a_directory_looks_the_same_alone(owner: SmugmugProvider, snapshot: Snapshot) -> None:
    folders = [path for path, one in snapshot.entries.items() if one.is_folder]
    for folder in [ROOT, *folders]:
        expected = [one for path, one in snapshot.entries.items() if paths.parent(path) == folder]
        found = [one for one in owner.scandir(folder) if one.path]
        assert sorted(found, key=str) == sorted(
            (one for one in expected if one.path != folder), key=str
        )
    some = next(entry for entry in files(snapshot))
    assert owner.stat(some.path) == some


def test_a_part_of_the_tree_is_that_part(owner: SmugmugProvider, snapshot: Snapshot) -> None:
    folder = RemotePath("Level 1/Level 2")
    part = owner.scan(folder)
    below = {path for path in snapshot.entries if paths.is_within(path, folder)} - {folder}
    assert dict(part.entries) == {path: snapshot.entries[path] for path in below}


def test_names_stay_when_the_order_does_not(snapshot: Snapshot, odd: Account) -> None:
    held = {one.album_key: odd.state.images(one.album_key) for one in odd.state.albums("demo")}
    largest = max(held, key=lambda key: len(held[key]))
    odd.state.arrange_images(largest, [image.image_key for image in reversed(held[largest])])
    assert names_in(odd.open().scan(ROOT), "File names") == names_in(snapshot, "File names")


def test_names_say_what_the_bytes_are(snapshot: Snapshot) -> None:
    kinds = names_in(snapshot, "Kinds")
    assert {"holiday.mp4", "holiday_mp4.MP4", "clip.mp4", "really a png.png"} <= kinds
    assert {"heic_heic.JPG", "moving.gif"} <= kinds


def test_of_a_video_the_largest_transcoded_one_is_given(snapshot: Snapshot) -> None:
    video = snapshot.entries[RemotePath("Kinds/holiday.mp4")]
    assert video.facts["rendition"] == "video"
    assert video.facts["file_name"] == "holiday.MOV"
    assert video.digest


def test_descriptions_are_facts(snapshot: Snapshot) -> None:
    words = snapshot.entries[RemotePath("Kinds/words.jpg")].facts
    assert (words["title"], words["caption"], words["keywords"]) == (
        "A title",
        "A\ncaption",
        "a; b",
    )
    assert "latitude" not in words
    clock = snapshot.entries[RemotePath("Kinds/camera clock.jpg")].facts
    assert clock["taken"] == "2019-08-04T11:28:12"
    assert clock["latitude"].startswith("37.4")


def test_what_is_not_given_is_withheld_and_said_once(
    odd: Account, caplog: pytest.LogCaptureFixture
) -> None:
    provider = odd.open()
    with caplog.at_level(logging.WARNING):
        found = provider.scan(ROOT)
        provider.scan(ROOT)
        provider.scandir(RemotePath("Kinds"))
    assert dict(found.withheld) == {
        "Kinds/working on it.mov": "SmugMug is still processing it.",
        "Kinds/broken.avi": "SmugMug could not process it.",
        "Kinds/broken.jpg": "SmugMug could not process it.",
    }
    assert len([one for one in caplog.messages if "is left out" in one]) == 3
    with pytest.raises(NotFound, match="still processing"):
        provider.stat(RemotePath("Kinds/working on it.mov"))


def test_copies_share_their_bytes(snapshot: Snapshot) -> None:
    home = snapshot.entries[RemotePath("Home/collected.jpg")]
    copies = [one for one in files(snapshot) if one.content == home.content]
    assert len(copies) == 3
    assert {one.revision for one in copies} == {home.revision}
    assert len({one.id for one in copies}) == 3


def test_galleries_and_pages(snapshot: Snapshot) -> None:
    top = names_in(snapshot, "")
    assert not {"Profile Images", "Cover Images", "About me"} & top
    assert {"Private", "Unlisted", "Hidden", "Empty album", "Empty folder", "Smart"} <= top
    assert names_in(snapshot, "Hidden") == {"hidden.jpg"}
    assert len(names_in(snapshot, "Smart")) == 3


def test_a_visitor_sees_what_is_public(odd: Account) -> None:
    visitor = odd.open(token="", token_secret="", nickname="demo")
    found = visitor.scan(ROOT)
    assert not {"Private", "Private/private.jpg", "Locked/locked.jpg"} & found.entries.keys()
    assert found.withheld[RemotePath("Locked")] == "A password is asked for."
    assert "Hidden/hidden.jpg" not in found.entries
    for entry in files(found):
        assert len(content(visitor, entry)) == entry.size > 0
    assert not any("oauth" in call for call in odd.calls)


def test_a_visitor_without_originals_gets_the_largest_picture(account: Account) -> None:
    album = account.album("One", album={"allow_downloads": False})
    width, height = JPEG_SIZE
    body = Blob(3_000, seed="one", kind="jpeg")
    account.photo(album, "a.jpg", body, archived=False, width=width, height=height)
    visitor = account.open(token="", token_secret="", nickname="demo")
    (entry,) = [one for one in tree(visitor).values() if not one.is_folder]
    assert entry.facts["rendition"] in {"largest", "download"}
    assert len(content(visitor, entry)) == entry.size


def test_files_beside_folders_and_folders_below_albums(account: Account) -> None:
    trip = account.folder("Trip")
    day = account.album("Day", trip)
    account.photo(day, "in day.jpg")
    here = account.album("Files-In-This-Folder", trip, url_name="Files-In-This-Folder")
    account.photo(here, "beside.jpg")
    below = account.album("Day/Night/a%2Fb", trip, url_name="Path-In-Name-1")
    account.photo(below, "deep.jpg")
    twin = account.album("Day", trip, url_name="Path-In-Name-2")
    account.photo(twin, "in day.jpg")
    by_hand = account.album("a//b", trip, url_name="Path-In-Name-3")
    account.photo(by_hand, "odd.jpg")
    provider = account.open()
    found = {path for path, entry in tree(provider).items() if not entry.is_folder}
    day_files = {path for path in found if path.startswith("Trip/Day/in day")}
    assert len(day_files) == 2
    assert found - day_files == {
        "Trip/beside.jpg",
        "Trip/Day/Night/a%2Fb/deep.jpg",
        "Trip/a%2F%2Fb/odd.jpg",
    }
    listed = {entry.path for entry in provider.scandir(RemotePath("Trip"))}
    assert listed == {"Trip/Day", "Trip/beside.jpg", "Trip/a%2F%2Fb"}
    assert {one.path for one in provider.scandir(RemotePath("Trip/Day"))} == {
        *day_files,
        "Trip/Day/Night",
    }


def test_a_spelled_directory_renames_no_other(account: Account) -> None:
    account.album("a", url_name="Path-In-Name-1")
    account.album("A")
    found = tree(account.open())
    assert {"A"} < found.keys()
    assert len(found) == 2
    assert next(path for path in found if path != "A").startswith("a~")
