"""The uploader."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import Caller, signing
from .files import HEIC, film, headers, picture, post, taken_picture, told

if TYPE_CHECKING:
    from .conftest import Emulate


def _md5(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()


def test_reply_and_object(owner: Caller) -> None:
    album, body = owner.add_album("Trip"), picture()
    reply = post(owner, album, body)
    assert (reply["stat"], reply["method"]) == ("ok", "smugmug.images.upload")
    uri = reply["Image"]["ImageUri"]
    key = uri.rpartition("/")[2]
    assert reply["Image"] == {
        "StatusImageReplaceUri": None,
        "ImageUri": f"/api/v2/image/{key}",
        "AlbumImageUri": f"/api/v2/album/{album.album_key}/image/{key}",
        "URL": f"https://demo.smugmug.com/Trip/i-{key.removesuffix('-0')}",
    }
    image = owner.read(uri.removeprefix("/api/v2"))
    assert (image["FileName"], image["Format"], image["Serial"]) == ("a.jpg", "JPG", 0)
    assert (image["ArchivedMD5"], image["ArchivedSize"]) == (_md5(body), len(body))
    assert (image["OriginalWidth"], image["OriginalHeight"]) == (300, 200)


@pytest.mark.parametrize(("format_", "name"), [("PNG", "PNG"), ("GIF", "GIF"), ("JPEG", "JPG")])
def test_photos_are_kept_as_they_are(owner: Caller, format_: str, name: str) -> None:
    album, body = owner.add_album(), picture("blue", format_)
    post(owner, album, body, "no extension")
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["Format"], image["ArchivedMD5"]) == (name, _md5(body))
    assert requests.get(image["ArchivedUri"]).content == body


def test_ways_to_send(owner: Caller) -> None:
    album, body = owner.add_album(), picture()
    sent, session = headers(album, None), owner.session
    put = session.put(owner.server.upload + "b%20c.jpg", data=body, headers=sent)
    form = session.post(owner.server.upload, files={"file": ("d.jpg", body)}, headers=sent)
    nameless = session.post(owner.server.upload, data=body, headers=sent)
    for answer in (put, form, nameless):
        assert told(answer)["stat"] == "ok"
    names = [image.file_name for image in owner.state.images(album.album_key)]
    assert names == ["b c.jpg", "d.jpg", ""]


def test_content_md5_in_either_writing(owner: Caller) -> None:
    album, body = owner.add_album(), picture()
    digest = hashlib.md5(body)
    encoded = base64.b64encode(digest.digest()).decode()
    for check in (digest.hexdigest(), digest.hexdigest().upper(), encoded):
        assert post(owner, album, body, Content_MD5=check)["stat"] == "ok"
    for check in (_md5(b"other"), base64.b64encode(bytes(16)).decode(), "nonsense"):
        reply = post(owner, album, body, Content_MD5=check)
        assert (reply["stat"], reply["code"]) == ("fail", 5)
    assert owner.state.count_images(album.album_key) == 3


def test_headers_are_kept(owner: Caller) -> None:
    album = owner.add_album()
    more = {
        "X_Smug_Title": "T", "X_Smug_Caption": "one two", "X_Smug_Keywords": "a; b c",
        "X_Smug_Hidden": "true", "X_Smug_Latitude": "12.5", "X_Smug_Longitude": "-3",
        "X_Smug_Altitude": "100",
    }  # fmt: skip
    post(owner, album, taken_picture(), "caf%C3%A9.jpg", **more)
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["FileName"], image["Title"]) == ("caf\u00e9.jpg", "T")
    assert (image["Caption"], image["KeywordArray"]) == ("one two", ["a", "b c"])
    assert image["Hidden"] is True
    assert (image["Latitude"], image["Longitude"], image["Altitude"]) == ("12.5", "-3", 100)


def test_utf8_in_headers(owner: Caller) -> None:
    album = owner.add_album()
    raw = {**headers(album), "X-Smug-FileName": "caf\u00e9 \N{CAMERA}.jpg".encode()}
    told(owner.session.post(owner.server.upload, data=picture(), headers=raw))
    assert owner.state.images(album.album_key)[0].file_name == "caf\u00e9 \N{CAMERA}.jpg"


def test_percent_signs_in_names(owner: Caller, emulate: Emulate) -> None:
    for caller, name in ((owner, "A.jpg"), (emulate(decode_file_names=False), "%41.jpg")):
        album = caller.add_album()
        post(caller, album, picture(), "%41.jpg")
        assert caller.state.images(album.album_key)[0].file_name == name


def test_camera_is_asked(owner: Caller) -> None:
    album = owner.add_album()
    post(owner, album, taken_picture())
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert image["DateTimeOriginal"] == "2019-08-04T18:28:12+00:00"
    assert (image["Latitude"], image["Longitude"]) == ("-33.5", "151.25")


def test_heic_becomes_a_jpeg(owner: Caller) -> None:
    album = owner.add_album()
    post(owner, album, HEIC, "IMG_1.HEIC")
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["FileName"], image["Format"]) == ("IMG_1.JPG", "JPG")
    body = requests.get(image["ArchivedUri"]).content
    assert body.startswith(b"\xff\xd8\xff")
    assert (image["ArchivedMD5"], image["ArchivedSize"]) == (_md5(body), len(body))


def test_video_becomes_another_film(owner: Caller) -> None:
    album, body = owner.add_album(), film(seconds=7)
    uri = post(owner, album, body, "clip.mov")["Image"]["ImageUri"].removeprefix("/api/v2")
    image = owner.read(uri)
    assert (image["IsVideo"], image["FileName"]) == (True, "clip.mov")
    largest = owner.read(f"{uri}!largestvideo")
    found = requests.get(largest["Url"]).content
    assert (largest["Size"], largest["MD5"]) == (len(found), _md5(found))
    assert (largest["Ext"], largest["Duration"]) == ("mp4", 7.0)
    assert found[4:8] == b"ftyp"
    assert found != body


def test_video_is_processed_for_a_while(emulate: Emulate) -> None:
    owner = emulate(processing_time=0.3)
    uri = post(owner, owner.add_album(), film())["Image"]["ImageUri"].removeprefix("/api/v2")
    assert owner.read(uri)["Processing"] is True
    assert owner.status(f"{uri}!largestvideo") == 404
    clock = owner.state.clock() + 5
    while owner.read(uri)["Processing"]:
        assert owner.state.clock() < clock
    assert owner.read(f"{uri}!largestvideo")["Size"] > 0


@pytest.mark.parametrize("body", [b"text", b"", b"%PDF-1.4", b"\xff\xd8\xff cut short", b"RIFF"])
def test_other_files_are_refused(owner: Caller, body: bytes) -> None:
    album = owner.add_album()
    reply = post(owner, album, body)
    assert reply == {
        "stat": "fail", "method": "smugmug.images.upload", "code": 6, "message": "wrong format",
    }  # fmt: skip
    assert owner.state.count_images(album.album_key) == 0


def test_replacing(owner: Caller) -> None:
    album, body = owner.add_album(), picture("yellow")
    first = post(owner, album, picture("red"), "a.jpg", X_Smug_Title="kept")["Image"]["ImageUri"]
    old = owner.read(first.removeprefix("/api/v2"))
    reply = post(owner, album, body, "b.jpg", X_Smug_ImageUri=first)
    assert reply["Image"]["ImageUri"] == first.removesuffix("0") + "1"
    assert reply["Image"]["StatusImageReplaceUri"] == ""
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["ImageKey"], image["Serial"]) == (old["ImageKey"], 1)
    assert (image["FileName"], image["Title"]) == ("b.jpg", "kept")
    assert image["ArchivedMD5"] == _md5(body)
    assert image["ArchivedUri"] != old["ArchivedUri"]
    assert requests.get(old["ArchivedUri"]).status_code == 404


def test_video_gives_way_to_a_photo(owner: Caller) -> None:
    album, body = owner.add_album(), picture()
    uri = post(owner, album, film(), "clip.mov")["Image"]["ImageUri"]
    post(owner, album, body, "still.jpg", X_Smug_ImageUri=uri)
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["IsVideo"], image["ArchivedMD5"]) == (False, _md5(body))
    assert "DateTimeOriginal" not in image


def test_many_at_once(emulate: Emulate) -> None:
    owner = emulate(largest_album=5)
    album = owner.add_album()

    def upload(number: int) -> str:
        caller = Caller(owner.server, signing(owner.server))
        stat: str = post(caller, album, picture(), f"{number}.jpg")["stat"]
        return stat

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(upload, range(12))) == ["fail"] * 7 + ["ok"] * 5
    assert owner.state.count_images(album.album_key) == 5


def test_twins_or_conflict(owner: Caller, emulate: Emulate) -> None:
    album = owner.add_album()
    keys = {post(owner, album, picture())["Image"]["ImageUri"] for _ in range(2)}
    assert len(keys) == 2
    strict = emulate(refuse_duplicates=True)
    album = strict.add_album()
    uri = post(strict, album, picture())["Image"]["ImageUri"]
    sent = headers(album)
    refused = strict.session.post(strict.server.upload, data=picture("blue"), headers=sent)
    assert (refused.status_code, refused.json()["stat"]) == (409, "fail")
    assert post(strict, album, picture("blue"), X_Smug_ImageUri=uri)["stat"] == "ok"


def test_limits(emulate: Emulate) -> None:
    owner = emulate(largest_album=2, largest_photo=10_000, largest_video=5_000)
    album = owner.add_album()
    assert post(owner, album, film(size=6_000))["code"] == 5
    assert post(owner, album, picture() + bytes(10_000))["code"] == 5
    for name in ("a.jpg", "b.jpg"):
        assert post(owner, album, picture(), name)["stat"] == "ok"
    assert post(owner, album, picture(), "c.jpg")["stat"] == "fail"


def test_limits_are_told(emulate: Emulate) -> None:
    owner = emulate(largest_pixels=10_000, largest_photo=5_000_000)
    photo, _ = owner.read("/user/demo!uploadlimits")
    assert (photo["MaxSize"], photo["MaxPixels"]) == (5_000_000, 10_000)
    assert post(owner, owner.add_album(), picture())["stat"] == "fail"


def test_who_may_upload(owner: Caller) -> None:
    album = owner.add_album()
    wrong = signing(owner.server, client_secret="wrong")
    in_query = signing(owner.server, signature_type="QUERY")
    for session, code in ((wrong, 35), (in_query, 36), (requests.Session(), 36)):
        answer = session.post(owner.server.upload, data=picture(), headers=headers(album))
        assert (told(answer)["stat"], told(answer)["code"]) == ("fail", code)
    owner.state.add_user("other")
    token = owner.server.access.grant("key", "other")
    names = {"resource_owner_key": token.token, "resource_owner_secret": token.secret}
    other = signing(owner.server, **names)
    answer = other.post(owner.server.upload, data=picture(), headers=headers(album))
    assert told(answer)["code"] == 9
    reader = owner.server.access.grant("key", "demo", "Full", "Read")
    names = {"resource_owner_key": reader.token, "resource_owner_secret": reader.secret}
    answer = signing(owner.server, **names).post(
        owner.server.upload, data=picture(), headers=headers(album)
    )
    assert told(answer)["stat"] == "fail"
    assert owner.state.count_images(album.album_key) == 0


@pytest.mark.parametrize("name", ["X-Smug-AlbumUri", "X-Smug-ResponseType", "X-Smug-Version"])
def test_required_headers(owner: Caller, name: str) -> None:
    sent = {key: value for key, value in headers(owner.add_album()).items() if key != name}
    answer = owner.session.post(owner.server.upload, data=picture(), headers=sent)
    assert told(answer)["stat"] == "fail"


def test_dates_of_albums(owner: Caller, emulate: Emulate) -> None:
    album = owner.add_album()
    uri = post(owner, album, picture())["Image"]["ImageUri"]
    first = owner.state.album(album.album_key)
    assert first.images_last_updated > album.images_last_updated
    post(owner, album, picture("blue"), X_Smug_ImageUri=uri)
    assert owner.state.album(album.album_key).images_last_updated > first.images_last_updated
    strict = emulate(replacing_touches_album=False)
    album = strict.add_album()
    uri = post(strict, album, picture())["Image"]["ImageUri"]
    first = strict.state.album(album.album_key)
    post(strict, album, picture("blue"), X_Smug_ImageUri=uri)
    assert strict.state.album(album.album_key) == first


def test_pretty(owner: Caller) -> None:
    sent = headers(owner.add_album(), X_Smug_Pretty="true")
    answer = owner.session.post(owner.server.upload, data=picture(), headers=sent)
    assert answer.text.startswith("{\n    ")
