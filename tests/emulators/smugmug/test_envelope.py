"""Envelope, pages, filters, expansions and errors, as the documentation's advanced pages say."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Caller, Emulate


@pytest.fixture
def filled(owner: Caller) -> Caller:
    """An account with five images in one album."""
    album = owner.add_album("Marmots", album={"album_key": "MmMmMm"})
    for number in range(5):
        owner.add_image(album, f"{number}.jpg", image_key=f"iMaGe{number}x")
    return owner


IMAGES = "/album/MmMmMm!images"


def test_an_object_has_no_pages_and_its_uris_are_objects(filled: Caller) -> None:
    reply = filled.get("/album/MmMmMm")
    assert reply["Code"] == 200
    assert reply["Message"] == "Ok"
    response = reply["Response"]
    assert "Pages" not in response
    assert (response["Locator"], response["LocatorType"]) == ("Album", "Object")
    assert response["EndpointType"] == "Album"
    assert response["Album"]["Uris"]["AlbumImages"] == {
        "Uri": "/api/v2/album/MmMmMm!images",
        "Locator": "AlbumImage",
        "LocatorType": "Objects",
        "UriDescription": "Images from album",
        "EndpointType": "AlbumImages",
    }


def test_pages_tell_the_way(filled: Caller) -> None:
    response = filled.get(IMAGES, start=3, count=2, _verbosity=1)["Response"]
    assert [image["FileName"] for image in response["AlbumImage"]] == ["2.jpg", "3.jpg"]
    path = "/api/v2/album/MmMmMm!images"
    assert response["Uri"] == f"{path}?start=3&count=2"
    assert response["Pages"] == {
        "Total": 5,
        "Start": 3,
        "Count": 2,
        "RequestedCount": 2,
        "FirstPage": f"{path}?start=1&count=2",
        "LastPage": f"{path}?start=5&count=2",
        "NextPage": f"{path}?start=5&count=2",
        "PrevPage": f"{path}?start=1&count=2",
    }


def test_the_ends_have_no_further_page(filled: Caller) -> None:
    first = filled.get(IMAGES, count=3)["Response"]["Pages"]
    last = filled.get(IMAGES, start=4, count=3)["Response"]["Pages"]
    assert "PrevPage" not in first
    assert first["NextPage"].endswith("?start=4&count=3")
    assert "NextPage" not in last
    assert last["Count"] == 2


def test_next_pages_carry_the_endpoints_own_parameters_only(filled: Caller) -> None:
    params = {"SortMethod": "Filename", "_verbosity": 1, "_filter": "FileName", "_pretty": ""}
    pages = filled.get(IMAGES, **params, count=2)["Response"]["Pages"]
    assert pages["NextPage"] == f"/api/v2{IMAGES}?SortMethod=Filename&start=3&count=2"


def test_following_next_pages_gives_all(filled: Caller) -> None:
    found, path = [], f"{IMAGES}?count=2"
    while path:
        response = filled.get(path)["Response"]
        found += [image["FileName"] for image in response["AlbumImage"]]
        path = response["Pages"].get("NextPage", "").removeprefix("/api/v2")
    assert found == [f"{number}.jpg" for number in range(5)]


def test_a_count_above_the_limit_is_lowered_and_told(emulate: Emulate) -> None:
    caller = emulate(largest_counts={"AlbumImages": 3}, default_counts={"UserAlbums": 1})
    for number in range(2):
        album = caller.add_album(f"Album {number}")
    for number in range(4):
        caller.add_image(album, f"{number}.jpg")
    pages = caller.get(f"/album/{album.album_key}!images", count=500)["Response"]["Pages"]
    assert (pages["Count"], pages["RequestedCount"], pages["Total"]) == (3, 3, 4)
    assert "NextPage" in pages
    assert len(caller.read("/user/demo!albums")) == 1


@pytest.mark.parametrize(
    "params", [{"start": "0"}, {"count": "x"}, {"start": "-1"}, {"count": "9" * 5000}]
)
def test_a_page_that_is_none_is_refused(filled: Caller, params: dict[str, str]) -> None:
    answer = filled.call("GET", IMAGES, params=params)
    assert answer.status_code == 400
    told = {one["Name"]: one for one in answer.json()["Options"]["Parameters"]["GET"]}
    (name,) = params
    assert told[name]["Problems"]
    assert told[name]["Value"] == params[name]


def test_an_empty_list_has_no_locator_key(owner: Caller) -> None:
    album = owner.add_album()
    response = owner.get(f"/album/{album.album_key}!images")["Response"]
    assert response["Locator"] == "AlbumImage"
    assert "AlbumImage" not in response
    assert response["Pages"]["Total"] == 0


def test_the_uri_is_echoed_in_the_clients_order_without_magic_and_proof(filled: Caller) -> None:
    query = "start=1&SortMethod=Filename&_verbosity=1&count=2&_pretty=&_expand=Album&_other=1"
    response = filled.get(f"{IMAGES}?{query}")["Response"]
    assert (
        response["Uri"] == f"/api/v2{IMAGES}?start=1&SortMethod=Filename&count=2&_pretty=&_other=1"
    )
    visitor = filled.visitor().get(f"{IMAGES}?start=2")["Response"]
    assert visitor["Uri"] == f"/api/v2{IMAGES}?start=2"


def test_verbosity(filled: Caller) -> None:
    least = filled.get("/album/MmMmMm", _verbosity=1)
    assert least.keys() == {"Response", "Code", "Message"}
    assert least["Response"].keys() == {"Uri", "Locator", "LocatorType", "Album"}
    assert least["Response"]["Album"]["Uris"]["AlbumImages"] == f"/api/v2{IMAGES}"
    most = filled.get("/album/MmMmMm", _verbosity=3)
    assert most["Request"]["Uri"] == "/api/v2/album/MmMmMm?_verbosity=3"
    assert most["Options"]["MethodDetails"]["PATCH"] == {"Permissions": ["Modify"]}
    assert most["Response"]["Timing"]["Total"].keys() == {"time", "cycles", "objects"}
    assert filled.status("/album/MmMmMm", _verbosity=4) == 400


def test_short_uris_keep_descriptions(filled: Caller) -> None:
    album = filled.read("/album/MmMmMm", _shorturis="")
    assert album["Uris"]["AlbumImages"] == f"/api/v2{IMAGES}"
    assert album["UriDescription"] == "Album by key"


def test_filters(filled: Caller) -> None:
    album = filled.read("/album/MmMmMm", _filter="Name,ImageCount", _filteruri="AlbumImages")
    assert album.keys() == {"Name", "ImageCount", "UriDescription", "ResponseLevel", "Uris"}
    assert album["Uris"].keys() == {"AlbumImages"}
    nothing = filled.read("/album/MmMmMm", _filter="", _filteruri="", _verbosity=1)
    assert nothing == {"ResponseLevel": "Full", "Uris": []}


def test_expansions_stand_under_their_uris(filled: Caller) -> None:
    reply = filled.get(IMAGES, _expand="Album,ImageSizeDetails,NoSuch", count=2)
    assert reply["Expansions"].keys() == {
        "/api/v2/album/MmMmMm",
        "/api/v2/image/iMaGe0x-0!sizedetails",
        "/api/v2/image/iMaGe1x-0!sizedetails",
    }
    assert reply["Expansions"]["/api/v2/album/MmMmMm"]["Album"]["Name"] == "Marmots"
    short = filled.get("/album/MmMmMm", _expand="User", _verbosity=1)
    uri = short["Response"]["Album"]["Uris"]["User"]
    assert short["Expansions"][uri]["User"]["NickName"] == "demo"


def test_expansions_of_expansions(filled: Caller) -> None:
    expansions = filled.get("/user/demo", _expand="Node.ChildNodes,Node.User")["Expansions"]
    root = f"/api/v2/node/{filled.user.root}"
    assert expansions.keys() == {root, f"{root}!children", "/api/v2/user/demo"}
    assert expansions[f"{root}!children"]["Pages"]["Total"] == 1


def test_an_expansion_that_is_not_there_is_left_out(filled: Caller) -> None:
    reply = filled.get("/user/demo", _expand="Features")
    assert reply["Expansions"] == []


def test_inline_expansions(filled: Caller) -> None:
    root = filled.user.root
    path = f"/node/{root}!children"
    reply = filled.get(path, _expand="Album.AlbumImages", _expandmethod="inline", _verbosity=1)
    assert "Expansions" not in reply
    (node,) = reply["Response"]["Node"]
    album = node["Uris"]["Album"]["Album"]
    assert album["AlbumKey"] == "MmMmMm"
    assert len(album["Uris"]["AlbumImages"]["AlbumImage"]) == 5
    assert node["Uris"]["User"] == "/api/v2/user/demo"


def test_a_service_that_does_not_grant_inline_expansions(emulate: Emulate) -> None:
    caller = emulate(inline_expansions=False)
    reply = caller.get("/user/demo", _expand="Node", _expandmethod="inline")
    assert reply["Expansions"].keys() == {f"/api/v2/node/{caller.user.root}"}


def test_config_filters_each_level(filled: Caller) -> None:
    config = {
        "filter": ["NickName"],
        "filteruri": ["Node"],
        "expand": {
            "Node": {
                "filter": [],
                "filteruri": ["ChildNodes"],
                "expand": {"ChildNodes": {"filter": ["Name"], "args": {"count": 1}}},
            }
        },
    }
    reply = filled.get("/user/demo", _config=config, _verbosity=1)
    assert reply["Response"]["User"].keys() == {"NickName", "ResponseLevel", "Uris"}
    root = f"/api/v2/node/{filled.user.root}"
    assert reply["Expansions"][root]["Node"].keys() == {"ResponseLevel", "Uris"}
    children = reply["Expansions"][f"{root}!children"]
    assert children["Node"][0]["Name"] == "Marmots"
    assert children["Pages"]["RequestedCount"] == 1


def test_multiargs_get_one_expansion_several_ways(filled: Caller) -> None:
    sizes = [{"width": 640, "height": 640}, {"width": 1920, "height": 1920}]
    custom = {"multiargs": sizes, "filter": ["RequestedWidth", "Width"]}
    config = {"expand": {"ImageSizes": {"expand": {"ImageSizeCustom": custom}}}}
    reply = filled.get("/image/iMaGe0x", _config=config, _verbosity=1)
    found = reply["Expansions"]["/api/v2/image/iMaGe0x-0!sizecustom"]["ImageSizeCustom"]
    assert [one["RequestedWidth"] for one in found] == [640, 1920]


@pytest.mark.parametrize(
    "config", ["{", "[]", '{"filter": "Name"}', '{"args": {"count": 1}, "multiargs": [{}]}']
)
def test_a_config_that_is_none_is_refused(filled: Caller, config: str) -> None:
    assert filled.status("/user/demo", _config=config) == 400


def test_several_ids_in_one_path(filled: Caller) -> None:
    other = filled.add_album("Others").album_key
    response = filled.get(f"/album/MmMmMm,{other}", _filteruri="Node")["Response"]
    assert response["LocatorType"] == "Objects"
    assert [album["Name"] for album in response["Album"]] == ["Marmots", "Others"]
    found = filled.read("/image/iMaGe0x-0,iMaGe3x-0!largestimage")
    assert len(found) == 2
    assert len(filled.read(f"/album/MmMmMm,{other}!images")) == 5


def test_of_several_ids_those_that_are_not_there_are_left_out(filled: Caller) -> None:
    assert len(filled.read("/album/MmMmMm,nOnOnO")) == 1
    assert filled.status("/album/nOnOnO,nEnEnE") == 404


def test_too_many_ids_are_refused(emulate: Emulate) -> None:
    caller = emulate(longest_multi_get=1)
    assert caller.status("/user/demo,demo") == 400


def test_more_expansions_than_allowed_are_left_out(emulate: Emulate) -> None:
    caller = emulate(largest_expansion=3)
    album = caller.add_album()
    for number in range(5):
        caller.add_image(album, f"{number}.jpg")
    reply = caller.get(f"/album/{album.album_key}!images", _expand="LargestImage")
    assert len(reply["Expansions"]) == 3


def test_browsers_get_a_page_with_the_json_in_it(filled: Caller) -> None:
    url = f"{filled.server.api}/album/MmMmMm"
    for answer in (requests.get(url), requests.get(url, params={"_accept": "text/html"})):
        assert answer.headers["content-type"].startswith("text/html")
        text = answer.text.rpartition("<pre>")[2].partition("</pre>")[0]
        reply = json.loads(html.unescape(text))
        assert reply["Response"]["Album"]["Name"] == "Marmots"
        assert reply["Request"]["Method"] == "GET"
    forced = requests.get(url, params={"_accept": "application/json", "APIKey": "key"})
    assert forced.json()["Code"] == 200


def test_pretty_json(filled: Caller) -> None:
    assert "\n    " in filled.call("GET", "/user/demo", params={"_pretty": ""}).text
    assert "\n" not in filled.call("GET", "/user/demo").text


def test_options_tell_methods_and_parameters(filled: Caller) -> None:
    told = filled.call("OPTIONS", f"/node/{filled.user.root}!children").json()["Options"]
    assert told["Methods"] == ["OPTIONS", "GET", "POST"]
    names = [one["Name"] for one in told["Parameters"]["GET"]]
    assert names == ["Type", "SortMethod", "SortDirection"]
    path = f"/node/{filled.user.root}!children"
    assert filled.visitor().call("OPTIONS", path).json()["Options"]["Methods"] == ["OPTIONS", "GET"]


def test_the_method_may_be_overridden_by_post_only(filled: Caller) -> None:
    path = "/album/MmMmMm"
    assert filled.call("GET", path, params={"_method": "DELETE"}).status_code == 200
    body = {"json": {"Name": "Renamed"}}
    assert filled.call("POST", path, params={"_method": "PATCH"}, **body).status_code == 200
    assert filled.read(path)["Name"] == "Renamed"


def test_errors_have_code_message_and_uri(filled: Caller) -> None:
    answer = filled.call("GET", "/album/nOnOnO")
    assert answer.status_code == 404
    assert answer.json() == {
        "Response": {
            "Uri": "/api/v2/album/nOnOnO",
            "Locator": "Album",
            "LocatorType": "Object",
        },
        "Code": 404,
        "Message": "Not Found",
    }
    assert filled.status("/no/such/path") == 404
    assert filled.call("DELETE", "/album!search").status_code == 405


def test_renamed_paths_are_answered_with_301(owner: Caller) -> None:
    folder = owner.add_node("Folder", "Trips")
    owner.add_album("Day", parent=folder.node_id)
    owner.state.change_node(folder.node_id, url_name="Travels")
    answer = owner.call("GET", "/folder/user/demo/Trips!albums?count=1&_verbosity=1")
    assert answer.status_code == 301
    assert answer.json()["Code"] == 301
    where = answer.headers["Location"]
    assert where == "/api/v2/folder/user/demo/Travels!albums?count=1&_verbosity=1"
    (album,) = owner.read(where.removeprefix("/api/v2"))
    assert album["UrlPath"] == "/Travels/Day"


def test_a_window_of_requests_is_told_and_ends(emulate: Emulate) -> None:
    caller = emulate(requests_per_window=2, window=0.4)
    first, second = (caller.call("GET", "/user/demo") for _ in range(2))
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert second.headers["X-RateLimit-Remaining"] == "0"
    assert first.headers["X-RateLimit-Reset"] == second.headers["X-RateLimit-Reset"]
    third = caller.call("GET", "/user/demo")
    assert third.status_code == 429
    assert third.json()["Code"] == 429
    assert int(third.headers["Retry-After"]) == 1
    assert caller.visitor().call("GET", "/user/demo").status_code == 200  # has its own window


def test_answers_are_not_to_be_cached(owner: Caller) -> None:
    assert "no-cache" in owner.call("GET", "/user/demo").headers["Cache-Control"]
