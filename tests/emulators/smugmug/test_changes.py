"""Making, changing and deleting nodes, albums and images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from .conftest import Caller, signing
from .files import picture, post

if TYPE_CHECKING:
    from .conftest import Emulate


def _create(owner: Caller, parent: str = "", **fields: Any) -> requests.Response:
    path = f"/node/{parent or owner.user.root}!children"
    return owner.call("POST", path, json={"Name": "Name", **fields})


def _made(owner: Caller, parent: str = "", **fields: Any) -> dict[str, Any]:
    answer = _create(owner, parent, **fields)
    assert answer.status_code == 201, answer.text
    node: dict[str, Any] = answer.json()["Response"]["Node"]
    return node


def _patch(owner: Caller, path: str, **fields: Any) -> dict[str, Any]:
    answer = owner.call("PATCH", path, json=fields)
    assert answer.status_code == 200, answer.text
    response = answer.json()["Response"]
    changed: dict[str, Any] = response[response["Locator"]]
    return changed


def _problems(answer: requests.Response) -> dict[str, Any]:
    (method,) = answer.json()["Options"]["Parameters"].values()
    return {one["Name"]: one["Problems"] for one in method if "Problems" in one}


def test_album_is_made(owner: Caller) -> None:
    answer = _create(owner, Type="Album", Name="The trip", Privacy="Private")
    assert answer.status_code == 201
    assert (answer.json()["Code"], answer.json()["Message"]) == (201, "Created")
    response = answer.json()["Response"]
    node = response["Node"]
    assert (response["Uri"], response["EndpointType"]) == (node["Uri"], "Node")
    assert (node["Type"], node["UrlName"], node["UrlPath"]) == ("Album", "The-trip", "/The-trip")
    assert (node["Privacy"], node["SortMethod"]) == ("Private", "DateModified")
    uri = node["Uris"]["Album"]["Uri"].removeprefix("/api/v2")
    album = owner.read(uri)
    assert (album["NodeID"], album["Name"], album["ImageCount"]) == (node["NodeID"], "The trip", 0)


def test_form_does_as_well_as_json(owner: Caller) -> None:
    path = f"/node/{owner.user.root}!children"
    answer = owner.call("POST", path, data={"Name": "F", "Type": "Folder", "Privacy": "Public"})
    assert answer.status_code == 201
    assert answer.json()["Response"]["Node"]["Privacy"] == "Public"


def test_defaults(owner: Caller) -> None:
    node = _made(owner)
    assert (node["Type"], node["Privacy"], node["ShowCoverImage"]) == ("Folder", "Unlisted", True)
    assert (node["SortMethod"], node["SortDirection"]) == ("DateModified", "Descending")


def test_names_of_urls(owner: Caller) -> None:
    refused = _create(owner, UrlName="wp-trip")
    assert refused.status_code == 400
    assert "UrlName" in _problems(refused)
    assert _made(owner, UrlName="WP-trip")["UrlName"] == "WP-trip"
    taken = _create(owner, UrlName="WP-trip")
    assert (taken.status_code, taken.json()["Message"]) == (409, "Conflict")
    assert _made(owner, UrlName="WP-trip", AutoRename=True)["UrlName"] == "WP-trip-1"
    assert _made(owner, Name="small letters & signs")["UrlName"] == "Small-letters-signs"


@pytest.mark.parametrize(
    "fields",
    [{"Name": ""}, {"Name": "x" * 255}, {"Type": "Shop"}, {"Privacy": "Open"},
     {"Keywords": [1]}, {"Color": "red"}, {"UrlName": "U" * 61}],
)  # fmt: skip
def test_values_that_do_not_fit(owner: Caller, fields: dict[str, Any]) -> None:
    answer = _create(owner, **fields)
    assert answer.status_code == 400
    assert set(_problems(answer)) == set(fields)
    assert owner.read(f"/node/{owner.user.root}!children") is None


def test_folders_nest_five_deep(owner: Caller) -> None:
    parent = ""
    for _ in range(5):
        parent = _made(owner, parent)["NodeID"]
    assert _create(owner, parent, Type="Folder").status_code == 400
    assert _made(owner, parent, Type="Album")["Type"] == "Album"


def test_node_changes(owner: Caller) -> None:
    node = _made(owner, Name="Old")
    path = node["Uri"].removeprefix("/api/v2")
    changed = _patch(owner, path, Name="New", Keywords=["a", "b"], Privacy="Public")
    assert (changed["Name"], changed["UrlName"]) == ("New", "Old")
    assert (changed["Keywords"], changed["Privacy"]) == (["a", "b"], "Public")
    assert _patch(owner, path, ResetUrlName=True)["UrlName"] == "New"
    _made(owner, UrlName="Taken")
    assert owner.call("PATCH", path, json={"UrlName": "Taken"}).status_code == 409
    assert owner.call("PATCH", path, json={"NodeID": "x"}).status_code == 400


def test_renamed_paths_redirect(owner: Caller) -> None:
    node = _made(owner, Name="Before", Privacy="Public")
    owner.get("/folder/user/demo/Before")
    _patch(owner, node["Uri"].removeprefix("/api/v2"), UrlName="After")
    moved = owner.call("GET", "/folder/user/demo/Before")
    assert moved.status_code == 301
    assert moved.headers["Location"].endswith("/api/v2/folder/user/demo/After")


def test_album_changes(owner: Caller) -> None:
    album = owner.add_album()
    path = f"/album/{album.album_key}"
    changed = _patch(owner, path, Name="N", SortMethod="DateTimeOriginal", AllowDownloads=False)
    assert (changed["Name"], changed["SortMethod"]) == ("N", "Date Taken")
    assert changed["AllowDownloads"] is False
    assert owner.read(f"/node/{album.node_id}")["Name"] == "N"
    assert owner.state.album(album.album_key).last_updated > album.last_updated
    assert owner.call("PATCH", path, json={"ImageCount": 5}).status_code == 400


def test_image_changes(owner: Caller) -> None:
    album = owner.add_album()
    image = owner.add_image(album, body=picture())
    path = f"/album/{album.album_key}/image/{image.locator}"
    told = {"Title": "T", "Caption": "C", "Keywords": "a; b", "Hidden": True, "Latitude": "1.5"}
    changed = _patch(owner, path, **told)
    assert (changed["Title"], changed["Caption"], changed["Hidden"]) == ("T", "C", True)
    assert (changed["KeywordArray"], changed["Latitude"]) == (["a", "b"], "1.5")
    assert (changed["Uri"], changed["Serial"]) == (f"/api/v2{path}", 0)
    after = owner.state.image(image.image_key)
    assert after.last_updated > image.last_updated
    assert owner.state.album(album.album_key).images_last_updated < after.last_updated
    assert _patch(owner, f"/image/{image.image_key}", Title="U")["Title"] == "U"
    for wrong in ({"FileName": "b.jpg"}, {"Latitude": "north"}, {"Hidden": "perhaps"}):
        assert owner.call("PATCH", path, json=wrong).status_code == 400


def test_dates_rise_up_the_tree(owner: Caller) -> None:
    folder = owner.add_node()
    aside = owner.add_node(name="Aside")
    album = owner.add_album(parent=folder.node_id)
    before = {node.node_id: node.date_modified for node in owner.state.tree.nodes.values()}
    post(owner, album, picture())
    after = {node.node_id: node.date_modified for node in owner.state.tree.nodes.values()}
    risen = {node_id for node_id in after if after[node_id] > before[node_id]}
    assert risen == {owner.user.root, folder.node_id, album.node_id}
    assert aside.node_id not in risen


def test_deleting_nodes(owner: Caller) -> None:
    folder = owner.add_node()
    album = owner.add_album(parent=folder.node_id)
    image = owner.add_image(album)
    answer = owner.call("DELETE", f"/node/{folder.node_id}")
    assert answer.json() | {"Options": None} == {
        "Options": None,
        "Response": answer.json()["Response"],
        "Code": 200,
        "Message": "Ok",
    }
    assert "Node" not in answer.json()["Response"]
    for path in (f"/node/{folder.node_id}", f"/album/{album.album_key}", f"/image/{image.locator}"):
        assert owner.status(path) == 404
    assert [one["Name"] for one in owner.read("/user/demo!deletedalbums")] == ["Album"]
    assert [one["Name"] for one in owner.read("/user/demo!deletedfolders")] == ["Folder"]
    assert owner.call("DELETE", f"/node/{owner.user.root}").status_code == 403


def test_deleting_an_album(owner: Caller) -> None:
    album = owner.add_album()
    assert owner.call("DELETE", f"/album/{album.album_key}").status_code == 200
    assert owner.status(f"/node/{album.node_id}") == 404
    system = owner.add_node("System Album", "Profile Images")
    assert owner.call("DELETE", f"/album/{system.album_key}").status_code == 403


def test_deleting_images(owner: Caller) -> None:
    home, guest = owner.add_album("Home"), owner.add_album("Guest")
    one, two = owner.add_image(home, "1.jpg"), owner.add_image(home, "2.jpg")
    for image in (one, two):
        owner.state.collect_image(image.image_key, guest.album_key)
    assert owner.call("DELETE", f"/album/{guest.album_key}/image/{one.locator}").status_code == 200
    assert owner.status(f"/image/{one.locator}") == 200
    assert owner.call("DELETE", f"/album/{home.album_key}/image/{two.locator}").status_code == 200
    assert owner.status(f"/image/{two.locator}") == 404
    assert owner.read(f"/album/{guest.album_key}!images") is None
    assert owner.call("DELETE", f"/image/{one.locator}").status_code == 200
    assert owner.read(f"/album/{home.album_key}!images") is None


def test_rotating(owner: Caller) -> None:
    image = owner.add_image(owner.add_album(), body=picture(), format="JPG", width=300, height=200)
    answer = owner.call("POST", f"/image/{image.locator}!rotate", json={"Rotate": "90"})
    turned = answer.json()["Response"]["Image"]
    assert (turned["Serial"], turned["OriginalWidth"]) == (1, 200)
    assert turned["ArchivedMD5"] != image.md5
    body = requests.get(turned["ArchivedUri"]).content
    assert len(body) == turned["ArchivedSize"]


def test_only_the_owner_and_only_with_permission(owner: Caller) -> None:
    album = owner.add_album()
    owner.state.add_user("other")
    for nick, permissions in (("other", "Modify"), ("demo", "Read"), ("demo", "Add")):
        token = owner.server.access.grant("key", nick, "Full", permissions)
        names = {"resource_owner_key": token.token, "resource_owner_secret": token.secret}
        caller = Caller(owner.server, signing(owner.server, **names))
        answer = caller.call("PATCH", f"/album/{album.album_key}", json={"Name": "Mine"})
        assert answer.status_code == 403
    visitor = owner.visitor().call("DELETE", f"/album/{album.album_key}")
    assert visitor.status_code == 401
    assert owner.state.node(album.node_id).name == "Album"


def test_new_albums_show_after_a_while(emulate: Emulate) -> None:
    owner = emulate(visible_after=0.3)
    node = _made(owner, Type="Album")
    path = node["Uris"]["Album"]["Uri"].removeprefix("/api/v2")
    assert owner.status(path) == 404
    until = owner.state.clock() + 5
    while owner.status(path) == 404:
        assert owner.state.clock() < until
    assert owner.read(path)["Name"] == "Name"
