"""What the endpoints tell, the owner and visitors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.smugmug.values import Film

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Caller, Emulate


def names(found: list[dict[str, Any]] | None) -> list[str]:
    return [one["Name"] for one in found or []]


def files(found: list[dict[str, Any]] | None) -> list[str]:
    return [one["FileName"] for one in found or []]


def film(name: str) -> Film:
    return Film(Blob(3000, seed=name, kind="mp4"), "f" * 32, duration=24)


def test_the_owner_sees_the_account(owner: Caller) -> None:
    album = owner.add_album()
    owner.add_image(album, body=b"12345")
    user = owner.read("!authuser")
    assert (user["NickName"], user["AccountStatus"], user["ImageCount"]) == ("demo", "Active", 1)
    assert user["TotalAccountSize"] == "5"
    assert user["Uris"]["Node"]["Uri"] == f"/api/v2/node/{owner.user.root}"
    assert user["Uris"]["UserUploadLimits"]["Uri"] == "/api/v2/user/demo!uploadlimits"
    limits = owner.read("/user/demo!uploadlimits")
    assert limits[0].keys() == {"Type", "MimeTypes", "MaxSize", "MaxPixels"}


def test_a_visitor_sees_the_public_side(owner: Caller) -> None:
    user = owner.visitor().read("/user/DEMO")
    assert user["ResponseLevel"] == "Public"
    assert not {"AccountStatus", "TotalAccountSize", "Email"} & user.keys()
    assert "UserUploadLimits" not in user["Uris"]
    assert owner.visitor().status("/user/demo!uploadlimits") == 404


def test_a_site_tells_its_owner(owner: Caller) -> None:
    answer = owner.visitor().call("GET", "!siteuser", headers={"Host": "demo.smugmug.com"})
    assert answer.json()["Response"]["User"]["NickName"] == "demo"
    assert owner.status("!siteuser") == 404


def test_the_tree(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Trips")
    album = owner.add_album("Day", parent=folder.node_id)
    (top,) = owner.read(f"/node/{owner.user.root}!children")
    assert (top["Type"], top["HasChildren"], top["UrlPath"]) == ("Folder", True, "/Trips")
    (below,) = owner.read(top["Uris"]["ChildNodes"]["Uri"].removeprefix("/api/v2"))
    assert (below["Type"], below["HasChildren"]) == ("Album", False)
    assert below["Uris"]["Album"]["Uri"] == f"/api/v2/album/{album.album_key}"
    assert "ChildNodes" not in below["Uris"]
    assert below["NodeID"] != album.album_key
    assert owner.status(f"/node/{below['NodeID']}!children") == 404
    parents = owner.read(f"/node/{below['NodeID']}!parents")
    assert [one["UrlPath"] for one in parents] == ["/Trips/Day", "/Trips", "/"]
    assert owner.read(f"/node/{below['NodeID']}!parent")["NodeID"] == folder.node_id
    assert owner.status(f"/node/{owner.user.root}!parent") == 404


def test_the_root(owner: Caller) -> None:
    root = owner.read(f"/node/{owner.user.root}")
    assert (root["Name"], root["UrlName"], root["UrlPath"]) == ("", "", "/")
    assert root["IsRoot"]
    assert "SortIndex" not in root
    assert "ParentNode" not in root["Uris"]


def test_children_of_a_type(owner: Caller) -> None:
    for type_ in ("Folder", "Album", "Page", "System Album"):
        owner.add_node(type_, f"A {type_}")
    path = f"/node/{owner.user.root}!children"
    assert len(owner.read(path)) == 4
    assert names(owner.read(path, Type="Album")) == ["A Album"]
    assert names(owner.read(path, Type="System Album")) == ["A System Album"]
    assert len(owner.read(path, Type="Folder Album Page")) == 3
    page = owner.read(path, Type="Page")[0]
    assert not {"Album", "ChildNodes"} & page["Uris"].keys()
    assert owner.status(path, Type="Nothing") == 400


def test_children_in_order(owner: Caller) -> None:
    for name in ("Beta", "Alpha", "Gamma"):
        owner.add_node("Album", name)
    path = f"/node/{owner.user.root}!children"
    assert names(owner.read(path)) == ["Beta", "Alpha", "Gamma"]
    assert names(owner.read(path, SortMethod="Name")) == ["Alpha", "Beta", "Gamma"]
    descending = owner.read(path, SortMethod="Name", SortDirection="Descending")
    assert names(descending) == ["Gamma", "Beta", "Alpha"]
    assert owner.status(path, SortMethod="Size") == 400


def test_names_may_be_anything_and_the_same(owner: Caller) -> None:
    odd = ' a/b\\c:d?"<e> . '
    for type_ in ("Album", "Folder", "Album"):
        owner.state.create_node(owner.user.root, type_, odd, auto_rename=True)
    found = owner.read(f"/node/{owner.user.root}!children")
    assert names(found) == [odd] * 3
    assert len({one["UrlName"] for one in found}) == 3
    assert found[0]["FormattedValues"]["Name"]["html"] == " a/b\\c:d?&quot;&lt;e&gt; . "


def test_an_image_in_and_without_its_album(owner: Caller) -> None:
    album = owner.add_album("Day")
    image = owner.add_image(album, "Zero 1.jpg", keywords=("a", "b"), taken="2019-08-04T11:28:12")
    (listed,) = owner.read(f"/album/{album.album_key}!images")
    assert listed["Uri"] == f"/api/v2/album/{album.album_key}/image/{image.image_key}-0"
    assert listed["DateTimeOriginal"] == "2019-08-04T18:28:12+00:00"  # taken for Pacific time
    assert (listed["Keywords"], listed["KeywordArray"]) == ("a; b", ["a", "b"])
    assert listed["ArchivedSize"] == listed["OriginalSize"] == len(b"bytes")
    assert listed["ArchivedUri"].endswith("/D/Zero%201-D.jpg")
    assert "/Day/i-" in listed["ArchivedUri"]
    for locator in (image.image_key, f"{image.image_key}-0"):
        alone = owner.read(f"/image/{locator}")
        assert alone["Uri"] == f"/api/v2/image/{image.image_key}-0"
        assert not {"Movable", "Origin", "AlbumKey"} & alone.keys()
    assert alone["Uris"]["ImageAlbum"]["Uri"] == f"/api/v2/album/{album.album_key}"


def test_an_image_without_exif_tells_no_time(owner: Caller) -> None:
    image = owner.add_image(owner.add_album())
    assert "DateTimeOriginal" not in owner.read(f"/image/{image.image_key}")


def test_replacing_moves_serial_and_addresses(owner: Caller) -> None:
    image = owner.add_image(owner.add_album())
    before = owner.read(f"/image/{image.image_key}")
    owner.state.replace_image(image.image_key, b"other bytes")
    after = owner.read(f"/image/{image.image_key}")
    assert (before["Serial"], after["Serial"]) == (0, 1)
    assert after["Uri"].endswith(f"{image.image_key}-1")
    assert before["ArchivedMD5"] != after["ArchivedMD5"]
    assert before["ArchivedUri"] != after["ArchivedUri"]


def test_collected_images_are_in_many_albums(owner: Caller) -> None:
    home, other = owner.add_album("Home"), owner.add_album("Other")
    image = owner.add_image(home)
    owner.state.collect_image(image.image_key, other.album_key)
    (found,) = owner.read(f"/album/{other.album_key}!images")
    assert found["ImageKey"] == image.image_key
    assert found["Uris"]["ImageAlbum"]["Uri"].endswith(home.album_key)
    assert names(owner.read(f"/image/{image.image_key}!albums")) == ["Home", "Other"]


def test_file_names_may_be_empty_and_twice_in_an_album(owner: Caller) -> None:
    album = owner.add_album()
    for name in ("a b,1.jpg", "a b,1.jpg", "", "c.jpg"):
        owner.add_image(album, name, format="JPG")
    path = f"/album/{album.album_key}!images"
    assert files(owner.read(path)) == ["a b,1.jpg", "a b,1.jpg", "", "c.jpg"]
    assert files(owner.read(path, FileNames="a%20b%2C1.jpg,d.jpg")) == ["a b,1.jpg"] * 2
    assert owner.read(path, FileNames="d.jpg") is None


def test_images_in_the_albums_order(owner: Caller) -> None:
    album = owner.add_album(album={"sort_method": "Date Taken", "sort_direction": "Descending"})
    for number in (2, 1, 3):
        owner.add_image(album, f"{number}.jpg", taken=f"2020-01-0{number}T00:00:00")
    path = f"/album/{album.album_key}!images"
    assert files(owner.read(path)) == ["3.jpg", "2.jpg", "1.jpg"]
    ascending = owner.read(path, SortMethod="Filename", SortDirection="Ascending")
    assert files(ascending) == ["1.jpg", "2.jpg", "3.jpg"]


def test_ties_may_be_in_any_order(emulate: Emulate) -> None:
    caller = emulate(shuffle_ties=True)
    album = caller.add_album(album={"sort_method": "Caption"})
    for number in range(12):
        caller.add_image(album, f"{number}.jpg", caption="a" if number < 10 else "b")
    path = f"/album/{album.album_key}!images"
    orders = [files(caller.read(path)) for _ in range(6)]
    assert len({tuple(order) for order in orders}) > 1
    assert all(set(order[10:]) == {"10.jpg", "11.jpg"} for order in orders)


def test_a_visitor_gets_no_archive_where_downloads_are_off(owner: Caller) -> None:
    album = owner.add_album(album={"allow_downloads": False, "exif": False})
    image = owner.add_image(album)
    visitor = owner.visitor()
    (seen,) = visitor.read(f"/album/{album.album_key}!images")
    assert not {"ArchivedUri", "ArchivedSize", "ArchivedMD5"} & seen.keys()
    assert seen["OriginalSize"] == 5
    assert not {"ImageDownload", "ImageMetadata", "ImageAlbums"} & seen["Uris"].keys()
    assert seen["ComponentFileTypes"] == []
    assert visitor.status(f"/image/{image.image_key}!download") == 404
    assert visitor.status(f"/image/{image.image_key}!metadata") == 404
    assert visitor.read(f"/image/{image.image_key}!largestimage")["Url"].endswith("/a-4K.jpg")
    (own,) = owner.read(f"/album/{album.album_key}!images")
    assert own["ArchivedMD5"] == image.md5
    assert own["ComponentFileTypes"] == {"Image": ["jpg"]}


def test_images_without_original_or_digest(owner: Caller) -> None:
    album = owner.add_album()
    bare = owner.add_image(album, "bare.jpg", archived=False)
    unsummed = owner.add_image(album, "unsummed.jpg", md5="")
    found = {one["FileName"]: one for one in owner.read(f"/album/{album.album_key}!images")}
    assert "ArchivedUri" not in found["bare.jpg"]
    assert found["unsummed.jpg"]["ArchivedSize"] == 5
    assert "ArchivedMD5" not in found["unsummed.jpg"]
    assert owner.status(f"/image/{bare.image_key}!download") == 404
    assert "ImageSizeOriginal" in owner.read(f"/image/{unsummed.image_key}!sizedetails")


def test_videos_offer_their_film_alone(owner: Caller) -> None:
    album = owner.add_album("Films")
    video = owner.add_image(album, "a.MOV", format="MP4", is_video=True, film=film("a"))
    (seen,) = owner.read(f"/album/{album.album_key}!images")
    assert seen["IsVideo"]
    assert "ArchivedUri" not in seen
    assert "LargestVideo" in seen["Uris"]
    largest = owner.read(f"/image/{video.image_key}-0!largestvideo")
    assert (largest["Ext"], largest["Size"], largest["MD5"]) == ("mp4", 3000, "f" * 32)
    assert largest["Duration"] == 24.0
    assert largest["Url"].endswith("/1920/a-1920.mp4")
    details = owner.read(f"/image/{video.image_key}!sizedetails")
    assert "VideoSize640" in details
    assert "ImageSizeOriginal" not in details
    assert owner.read(f"/image/{video.image_key}!sizes")["LargestVideoUrl"] == largest["Url"]
    photo = owner.add_image(album)
    assert owner.status(f"/image/{photo.image_key}!largestvideo") == 404


def test_the_address_of_a_video_may_lead_to_a_still(emulate: Emulate) -> None:
    caller = emulate(video_posters=True)
    video = caller.add_image(caller.add_album(), "a.mp4", is_video=True, film=film("a"))
    seen = caller.read(f"/image/{video.image_key}")
    assert not {"ArchivedSize", "ArchivedMD5"} & seen.keys()
    still = caller.session.get(seen["ArchivedUri"])
    assert still.headers["Content-Type"] == "image/jpeg"
    assert still.content[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"processing": True}, "Open"), ({"can_process": False}, "Preprocess")],
)
def test_unready_images_offer_nothing(owner: Caller, fields: Any, status: str) -> None:
    image = owner.add_image(owner.add_album(), "a.mp4", is_video=True, **fields)
    seen = owner.read(f"/image/{image.image_key}")
    assert (seen["Status"], seen["OriginalSize"]) == (status, 0)
    assert seen["Processing"] == fields.get("processing", False)
    assert "ArchivedUri" not in seen
    assert owner.status(f"/image/{image.image_key}!largestvideo") == 404
    assert owner.status(f"/image/{image.image_key}!sizedetails") == 404


def test_hidden_images_are_the_owners(owner: Caller) -> None:
    album = owner.add_album()
    hidden = owner.add_image(album, "hidden.jpg", hidden=True)
    owner.add_image(album, "shown.jpg")
    path, visitor = f"/album/{album.album_key}!images", owner.visitor()
    assert files(owner.read(path)) == ["hidden.jpg", "shown.jpg"]
    assert files(visitor.read(path)) == ["shown.jpg"]
    assert visitor.read(f"/album/{album.album_key}")["ImageCount"] == 1
    assert visitor.status(f"/image/{hidden.image_key}") == 404


def test_privacy_is_inherited(owner: Caller) -> None:
    private = owner.add_node("Folder", "Private", privacy="Private")
    album = owner.add_album("Day", parent=private.node_id)
    unlisted = owner.add_album("Unlisted", privacy="Unlisted")
    visitor = owner.visitor()
    assert visitor.status(f"/album/{album.album_key}") == 404
    assert visitor.status(f"/node/{private.node_id}!children") == 404
    assert visitor.read("/user/demo!albums") is None
    assert visitor.read(f"/node/{owner.user.root}!children") is None
    assert names([visitor.read(f"/album/{unlisted.album_key}")]) == ["Unlisted"]
    node = owner.read(f"/node/{album.node_id}")
    assert (node["Privacy"], node["EffectivePrivacy"]) == ("Public", "Private")
    assert node["WebUri"] == f"https://demo.smugmug.com/Day/n-{album.node_id}"
    assert names(owner.read("/user/demo!albums")) == ["Day", "Unlisted"]


def test_locked_nodes_show_their_name_alone(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Locked", security_type="Password", password="p")
    album = owner.add_album("Inside", parent=folder.node_id)
    visitor = owner.visitor()
    node = visitor.read(f"/node/{folder.node_id}")
    assert (node["Name"], node["ResponseLevel"]) == ("Locked", "Password")
    assert "UnlockNode" in node["Uris"]
    assert "ChildNodes" not in node["Uris"]
    assert visitor.status(f"/node/{folder.node_id}!children") == 404
    assert visitor.status(f"/album/{album.album_key}!images") == 404
    assert visitor.read(f"/node/{album.node_id}")["EffectiveSecurityType"] == "Password"
    assert "UnlockNode" not in owner.read(f"/node/{folder.node_id}")["Uris"]


def test_a_hidden_owner_is_not_linked(owner: Caller) -> None:
    album = owner.add_album(hide_owner=True)
    assert "User" not in owner.visitor().read(f"/album/{album.album_key}")["Uris"]
    assert "User" in owner.read(f"/album/{album.album_key}")["Uris"]


def test_albums_by_last_change(owner: Caller) -> None:
    old, new = owner.add_album("Old"), owner.add_album("New")
    path, order = "/user/demo!albums", "Last Updated (Descending)"
    assert names(owner.read(path, Order="Date Added (Ascending)")) == ["Old", "New"]
    later = time.time() + 5
    owner.state.change_album(old.album_key, images_last_updated=later)
    assert names(owner.read(path, Order=order)) == ["Old", "New"]
    owner.state.change_album(new.album_key, last_updated=later + 5)
    assert names(owner.read(path, Order=order)) == ["New", "Old"]
    owner.add_image(old)
    assert names(owner.read(path, MinimumImages=1)) == ["Old"]
    assert owner.status(path, Order="Size") == 400


def test_the_older_folder_endpoints(owner: Caller) -> None:
    trips = owner.add_node("Folder", "Trips")
    inner = owner.add_node("Folder", "Inner", parent=trips.node_id)
    album = owner.add_album("Day", parent=inner.node_id)
    owner.add_image(album, body=b"1234")
    assert names(owner.read("/folder/user/demo!folders")) == ["Trips"]
    assert names(owner.read("/folder/user/demo/Trips/Inner!albums")) == ["Day"]
    assert owner.read("/folder/user/demo/Trips!albums") is None
    listed = owner.read("/folder/user/demo!folderlist")
    assert sorted(one["UrlPath"] for one in listed) == ["/Trips", "/Trips/Inner"]
    (only,) = owner.read("/folder/user/demo!albumlist")
    assert only == {
        "Uri": f"/api/v2/album/{album.album_key}",
        "UrlPath": "/Trips/Inner/Day",
        "Name": "Day",
    }
    assert "Pages" not in owner.get("/folder/user/demo!albumlist")["Response"]
    size = owner.read("/folder/user/demo!size")
    assert (size["FolderCount"], size["AlbumCount"], size["MediaSize"]) == (2, 1, 4)
    assert owner.read(f"/folder/id/{trips.node_id}")["UrlPath"] == "/Trips"
    assert owner.status("/folder/user/demo/Nowhere") == 404


def test_paths_are_looked_up(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Trips")
    album = owner.add_album("Day", parent=folder.node_id)
    path = "/user/demo!urlpathlookup"
    assert owner.get(path, urlpath="/Trips")["Response"]["Locator"] == "Folder"
    found = owner.get(path, urlpath="/trips/day")["Response"]
    assert found["Locator"] == "Album"
    assert found["Album"]["AlbumKey"] == album.album_key
    assert owner.status(path, urlpath="/Trips/Night") == 404


def test_what_is_new_is_seen_later(emulate: Emulate) -> None:
    caller = emulate(visible_after=60.0, search_lag=60.0)
    album = caller.add_album("Fresh")
    assert caller.status(f"/album/{album.album_key}") == 404
    assert caller.read(f"/node/{caller.user.root}!children") is None
    caller.state.change_node(album.node_id, date_added=time.time() - 61)
    assert caller.read(f"/album/{album.album_key}")["Name"] == "Fresh"


def test_searches(emulate: Emulate) -> None:
    caller = emulate(search_lag=60.0)
    folder = caller.add_node("Folder", "Alps")
    album = caller.add_album("Hoary marmots", parent=folder.node_id)
    old = {"uploaded": time.time() - 61}
    caller.add_image(album, "Marmot 1.jpg", taken="2020-05-01T10:00:00", **old)
    caller.add_image(album, "Other.jpg", keywords=("marmot",), taken="2021-05-01T10:00:00", **old)
    caller.add_image(album, "Marmot new.jpg")
    scope = {"Scope": "/api/v2/user/demo", "Text": "marmot"}
    assert sorted(files(caller.read("/image!search", **scope))) == ["Marmot 1.jpg", "Other.jpg"]
    taken = {"DateTakenStart": "2021-01-01", "DateTakenEnd": "2022-01-01"}
    assert files(caller.read("/image!search", **scope, **taken)) == ["Other.jpg"]
    assert caller.read("/album!search", **scope) is None
    caller.state.change_node(album.node_id, date_added=time.time() - 61)
    assert names(caller.read("/album!search", **scope)) == ["Hoary marmots"]
    assert names(caller.read("/node!search", **scope)) == ["Hoary marmots"]
    inside = {**scope, "Scope": f"/api/v2/node/{folder.node_id}"}
    assert names(caller.read("/album!search", **inside)) == ["Hoary marmots"]
    assert caller.status("/album!search", Scope="/api/v2/album/x") == 400


def test_metadata_has_no_zone(owner: Caller) -> None:
    fields = {"taken": "2019-08-04T11:28:12", "latitude": -48.5, "longitude": 12.25}
    image = owner.add_image(owner.add_album(), altitude=168, **fields)
    seen = owner.read(f"/image/{image.image_key}!metadata")
    assert seen["DateTimeCreated"] == seen["DateTimeModified"] == "2019-08-04T11:28:12"
    assert (seen["Latitude"], seen["LatitudeReference"]) == (-48.5, "South")
    assert seen["Altitude"] == "168.0 m Above Sea Level"
    alone = owner.read(f"/image/{image.image_key}")
    assert (alone["Latitude"], alone["Longitude"], alone["Altitude"]) == ("-48.5", "12.25", 168)


def test_sizes_fit_the_image(owner: Caller) -> None:
    image = owner.add_image(owner.add_album(), width=1500, height=1000)
    details = owner.read(f"/image/{image.image_key}!sizedetails")
    assert "ImageSizeX2Large" in details["UsableSizes"]
    assert "ImageSizeX3Large" not in details
    original = details["ImageSizeOriginal"]
    assert (original["Size"], original["MD5"]) == (5, image.md5)
    assert original["Url"].endswith("/O/a.jpg")
    large = owner.read(f"/image/{image.image_key}!sizelarge")
    assert (large["Width"], large["Height"], large["Usable"]) == (800, 533, True)
    assert "Size" not in large
    assert owner.status(f"/image/{image.image_key}!sizex3large") == 404
    assert owner.read(f"/image/{image.image_key}!largestimage")["Url"] == original["Url"]
    assert owner.status(f"/image/{image.image_key}!sizecustom") == 400


def test_what_was_deleted_is_told(owner: Caller) -> None:
    album = owner.add_album("Gone")
    owner.state.remove_node(album.node_id)
    assert owner.status(f"/album/{album.album_key}") == 404
    (told,) = owner.read("/user/demo!deletedalbums")
    assert (told["Name"], told["UrlPath"]) == ("Gone", "/Gone")


def test_a_nodes_highlight(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Trips")
    path = f"/highlight/node/{folder.node_id}"
    assert owner.status(path) == 404
    album = owner.add_album("Day", parent=folder.node_id)
    owner.add_image(album, "first.jpg")
    second = owner.add_image(album, "second.jpg")
    assert owner.read(path)["FileName"] == "first.jpg"
    owner.state.change_node(album.node_id, highlight=second.image_key)
    assert owner.read(f"/album/{album.album_key}!highlightimage")["FileName"] == "second.jpg"
    assert owner.read(f"/node/{album.node_id}!cover")["FileName"] == "second.jpg"


def test_a_smart_gallery_shows_images_of_other_albums(owner: Caller) -> None:
    home = owner.add_album("Home")
    image = owner.add_image(home)
    smart = owner.add_album("Smart", album={"source": (home.album_key,)})
    (seen,) = owner.read(f"/album/{smart.album_key}!images")
    assert seen["ImageKey"] == image.image_key
    assert owner.read(f"/album/{smart.album_key}")["ImageCount"] == 1
    size = owner.read("/folder/user/demo!size")
    assert (size["MediaCount"], size["DynamicMediaCount"]) == (1, 1)
