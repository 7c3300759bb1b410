"""Records from recorded replies, names, times, facts, and which bytes are given."""

from __future__ import annotations

from typing import Any

import pytest

from mirrorfs.core import facts
from mirrorfs.core.errors import BadAnswer
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug import times, translate
from mirrorfs.providers.smugmug.envelope import Reply
from mirrorfs.providers.smugmug.records import Image, Media, NodeType, Rendition
from mirrorfs.providers.smugmug.translate import best_size, largest_video, to_image, wanted_name
from tests.providers.smugmug.recorded import recorded

MD5 = "4489a64d00000000000000000000000f"


def item(**fields: Any) -> dict[str, Any]:
    return {"Uri": "/api/v2/album/A/image/K-0", "ImageKey": "K", **fields}


def image(**fields: Any) -> Image:
    told = {"ArchivedUri": "https://photos.smugmug.com/x", "ArchivedSize": 5, "Format": "JPG"}
    return to_image(item(**{**told, **fields}), "A", None)


def test_recorded_nodes() -> None:
    rows = recorded("node_children_zx4Fx_page_1")["Response"]["Node"]
    nodes = [translate.to_node(row) for row in rows]
    assert {node.type for node in nodes} <= {NodeType.FOLDER, NodeType.ALBUM}
    assert nodes[0].name == "Family"
    assert nodes[0].url_path == "/Family"
    assert nodes[0].added == "2013-07-13T22:44:35+00:00"


def test_a_recorded_album() -> None:
    album = translate.to_album(recorded("album_RM4BL2")["Response"]["Album"])
    assert album.key == "RM4BL2"
    assert album.state == (album.count, album.updated, album.images_updated)


def test_recorded_pictures() -> None:
    rows = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"]
    first = to_image(rows[0], "WpK3n2", None)
    entry = translate.to_entry(first, RemotePath("x.jpg"))
    assert entry.size == 10_196_885
    assert entry.digest
    assert entry.digest.value == "1dcf4919bb3bd2ff26eca7af4bcc1f60"
    assert entry.content == "image:xmX6nxr"
    assert entry.modified == times.nanoseconds("2021-03-22T17:24:13+00:00")
    assert entry.facts["keywords"].startswith("201482; pan; RA1250S")
    assert "latitude" not in entry.facts
    assert wanted_name(first) == "201482_pan-am_ra1250s_02299.jpg"
    assert first.media
    assert entry.facts[facts.PRIVATE_URL] == first.media.url
    assert first.media.url not in facts.shown(entry.facts).values()


def test_a_recorded_album_names_its_album_and_no_other() -> None:
    data = recorded("images_WpK3n2_expansions")
    reply = Reply("x", data["Response"], data["Expansions"])
    expanded = reply.expanded(data["Response"]["AlbumImage"][0], "Album")
    assert expanded
    assert expanded.one("Album")["AlbumKey"] == "WpK3n2"
    assert reply.expanded(data["Response"]["AlbumImage"][0], "Nothing") is None
    broken = Reply("x", data["Response"], {"/api/v2/album/WpK3n2": "not-an-object"})
    assert broken.expanded(data["Response"]["AlbumImage"][0], "Album") is None


def test_expansions_inside_their_links() -> None:
    link = {"Uri": "/x", "Locator": "Album", "Album": {"AlbumKey": "A"}}
    expanded = Reply("x", {}, {}).expanded({"Uris": {"Album": link}}, "Album")
    assert expanded
    assert expanded.one("Album") == {"AlbumKey": "A"}
    keyed = Reply("x", {}, {"/x?count=5": {"Locator": "Album", "Pages": {}}})
    assert keyed.expanded({"Uris": {"Album": "/x"}}, "Album")


@pytest.mark.parametrize(
    ("shown", "clock"),
    [
        ("2019-08-04T18:28:12+00:00", "2019-08-04T11:28:12"),  # EXIF 11:28:12, in summer
        ("2019-01-04T19:28:12+00:00", "2019-01-04T11:28:12"),
        ("2019-01-04T19:28:12", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_the_cameras_clock(shown: str, clock: str) -> None:
    assert times.wall_clock(shown) == clock


@pytest.mark.parametrize(
    ("name", "format_", "wanted"),
    [
        ("a.jpg", "JPG", "a.jpg"),
        ("a.JPEG", "JPG", "a.JPEG"),
        ("a.HEIC", "JPG", "a.jpg"),
        ("a", "PNG", "a.png"),
        ("", "JPG", "K.jpg"),
        ("a.b", "GIF", "a.b.gif"),
        ("v1.0 final", "JPG", "v1.0 final.jpg"),
        (".jpg", "JPG", ".jpg"),
        ("a.dng", "DNG", "a.dng"),
        ("a.jpg", "", "a.jpg"),
        ("a", "", "a"),
    ],
)
def test_names_of_pictures(name: str, format_: str, wanted: str) -> None:
    assert wanted_name(image(FileName=name, Format=format_)) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("FOO.MOV", "FOO.mp4"), ("FOO_mp4.MP4", "FOO_mp4.MP4"), ("clip", "clip.mp4")],
)
def test_names_of_videos(name: str, wanted: str) -> None:
    video = {"Url": "https://photos.smugmug.com/v", "Size": 9, "MD5": MD5, "Ext": "mp4"}
    found = to_image(item(FileName=name, IsVideo=True), "A", video)
    assert wanted_name(found) == wanted
    assert found.media == Media(Rendition.VIDEO, video["Url"], 9, MD5, "mp4")


def test_a_videos_poster_is_not_the_video() -> None:
    found = to_image(item(IsVideo=True, ArchivedUri="https://x/y", ArchivedSize=5), "A", None)
    assert found.media is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Processing": True, "ArchivedUri": ""}, translate.PROCESSING),
        ({"SubStatus": "CanNotProcess", "ArchivedSize": 0}, translate.BROKEN),
        ({"ArchivedUri": None}, ""),
        ({"ArchivedUri": "javascript:alert(1)"}, ""),
    ],
)
def test_no_bytes(fields: dict[str, Any], reason: str) -> None:
    found = image(**fields)
    assert (found.media, found.withheld) == (None, reason)


def test_a_size_is_told_or_unknown_and_never_nothing() -> None:
    url = {"Url": "https://photos.smugmug.com/v"}
    assert largest_video({**url, "Size": 0}) is None
    assert largest_video({**url, "Usable": False}) is None
    assert largest_video(None) is None
    unknown = largest_video(url)
    assert unknown
    assert unknown.size is None


def test_the_best_of_what_may_be_seen() -> None:
    original = {"Url": "https://x/o", "Size": 3, "MD5": MD5, "Ext": "jpg"}
    download, largest = {"Url": "https://x/d"}, {"Url": "https://x/l", "Size": 2, "Ext": "jpg"}
    best = best_size({"ImageSizeOriginal": original}, largest, download)
    assert best
    assert (best.rendition, best.md5) == (Rendition.ORIGINAL, MD5)
    assert best_size({}, largest, download) == Media(Rendition.DOWNLOAD, "https://x/d", None)
    assert best_size(None, largest, None) == Media(Rendition.LARGEST, "https://x/l", 2, "", "jpg")
    assert best_size(None, None, None) is None


def test_revisions_change_with_the_bytes_only() -> None:
    old = image(ArchivedMD5=MD5, Serial=1)
    assert translate.revision_of(image(ArchivedMD5=MD5, Serial=1, Caption="new")) == (
        translate.revision_of(old)
    )
    assert translate.revision_of(image(ArchivedMD5=MD5, Serial=2)) != translate.revision_of(old)
    assert translate.revision_of(image(ArchivedMD5=MD5[::-1], Serial=1)) != (
        translate.revision_of(old)
    )


@pytest.mark.parametrize(
    "told", [{"ImageKey": "K"}, {"Uri": "/x"}, item(Serial="one"), item(Serial=True)]
)
def test_what_makes_no_sense_is_no_picture(told: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        to_image(told, "A", None)


def test_what_makes_no_sense_is_no_album_and_no_node() -> None:
    with pytest.raises(BadAnswer):
        translate.to_album({"AlbumKey": "A", "Uri": "/x", "ImageCount": None})
    with pytest.raises(BadAnswer):
        translate.to_node({"Type": "Folder", "Name": "x"})
    assert translate.to_node({"NodeID": "n", "Uri": "/x", "Type": "New"}).type is NodeType.UNKNOWN


def test_a_recorded_page_of_which_not_all_originals_may_be_had() -> None:
    rows = recorded("album_images_HZMsPf_page_1")["Response"]["AlbumImage"]
    images = [to_image(row, "HZMsPf", None) for row in rows]
    for row, found in zip(rows, images, strict=True):
        assert (found.media is not None) == ("ArchivedUri" in row)
        assert not found.withheld
        if found.media:
            assert found.media.size == row["OriginalSize"]
            assert wanted_name(found) == row["FileName"]


def test_a_recorded_picture_by_itself() -> None:
    found = to_image(recorded("image_B2fHSt7-0")["Response"]["Image"], "A", None)
    assert found.id == "A/B2fHSt7"
    assert found.facts["uri"] == "/api/v2/image/B2fHSt7-0"


@pytest.mark.parametrize("size", [10**30, "9" * 5000, "\u00b2", -1, 1.5])
def test_a_size_that_no_file_has(size: object) -> None:
    found = image(ArchivedSize=size)
    assert found.media is None or found.media.size is None


def test_a_time_that_no_camera_shows() -> None:
    assert "taken" not in image(DateTimeOriginal="0001-01-01T00:00:00+00:00").facts
