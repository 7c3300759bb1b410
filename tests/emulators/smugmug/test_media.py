"""The media server."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from .conftest import signing
from .files import film, picture, post, taken_picture

if TYPE_CHECKING:
    from .conftest import Caller, Emulate


def _upload(owner: Caller, body: bytes | None = None, **album: Any) -> dict[str, Any]:
    uri = post(owner, owner.add_album(**album), body or picture())["Image"]["ImageUri"]
    image: dict[str, Any] = owner.read(uri.removeprefix("/api/v2"))
    return image


def test_whole_and_headers(owner: Caller) -> None:
    body = picture()
    image = _upload(owner, body)
    answer = requests.get(image["ArchivedUri"])
    assert answer.content == body
    assert answer.headers["ETag"] == f'"{image["ArchivedMD5"]}"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert not [name for name in answer.headers if name.lower().startswith("x-ratelimit")]
    assert requests.head(image["ArchivedUri"]).headers["Content-Length"] == str(len(body))
    known = {"If-None-Match": answer.headers["ETag"]}
    assert requests.get(image["ArchivedUri"], headers=known).status_code == 304


def test_ranges_and_none(owner: Caller, emulate: Emulate) -> None:
    body, part = picture(), {"Range": "bytes=10-19"}
    answer = requests.get(_upload(owner, body)["ArchivedUri"], headers=part)
    assert (answer.status_code, answer.content) == (206, body[10:20])
    assert answer.headers["Content-Range"] == f"bytes 10-19/{len(body)}"
    whole = requests.get(_upload(emulate(cdn_ranges=False), body)["ArchivedUri"], headers=part)
    assert (whole.status_code, whole.content) == (200, body)


def test_address_pattern(owner: Caller) -> None:
    folder = owner.add_node(name="Events")
    album = owner.add_album("Zero", parent=folder.node_id)
    key = post(owner, album, picture(), "a b.JPG")["Image"]["ImageUri"].rpartition("/")[2][:-2]
    image = owner.read(f"/image/{key}")
    path = image["ArchivedUri"].removeprefix(owner.server.photos).split("/")
    assert path[1:4] == ["Events", "Zero", f"i-{key}"]
    assert (path[4], path[6:]) == ("0", ["D", "a%20b-D.jpg"])
    owner.state.change_node(album.node_id, privacy="Unlisted")
    path = owner.read(f"/image/{key}")["ArchivedUri"].removeprefix(owner.server.photos).split("/")
    assert (path[1:3], path[-1]) == (["photos", f"i-{key}"], f"i-{key}-D.jpg")


def test_addresses_can_not_be_made_up(owner: Caller) -> None:
    address = _upload(owner)["ArchivedUri"]
    secret = address.split("/")[-3]
    for wrong in (address.replace(secret, secret[::-1]), address.replace("/0/", "/1/"),
                  address.replace("/D/", "/O/"), owner.server.photos + "/nothing"):  # fmt: skip
        assert requests.get(wrong).status_code == 404


def test_private_albums_need_a_signature(owner: Caller) -> None:
    body = picture()
    address = _upload(owner, body, privacy="Private")["ArchivedUri"]
    assert requests.get(address).status_code == 403
    assert signing(owner.server).get(address).content == body
    assert signing(owner.server, signature_type="QUERY").get(address).content == body
    assert signing(owner.server, client_secret="wrong").get(address).status_code == 401
    assert requests.get(_upload(owner, body, privacy="Unlisted", name="U")["ArchivedUri"]).ok


def test_private_through_a_folder(owner: Caller) -> None:
    folder = owner.add_node(privacy="Private")
    address = _upload(owner, parent=folder.node_id)["ArchivedUri"]
    assert requests.get(address).status_code == 403
    owner.state.change_node(folder.node_id, privacy="Public")
    assert requests.get(address).status_code == 404


def test_copies(owner: Caller) -> None:
    image = _upload(owner, taken_picture())
    sizes = owner.read(image["Uri"].removeprefix("/api/v2") + "!sizedetails")
    copy = Image.open(io.BytesIO(requests.get(sizes["ImageSizeThumb"]["Url"]).content))
    assert copy.size == (100, 150)
    assert not copy.getexif()
    original = requests.get(sizes["ImageSizeOriginal"]["Url"]).content
    assert hashlib.md5(original).hexdigest() == image["ArchivedMD5"]


def test_visitor_without_originals_gets_a_copy(owner: Caller) -> None:
    body = taken_picture()
    image = _upload(owner, body)
    album = owner.state.albums("demo")[0]
    owner.state.change_album(album.album_key, allow_downloads=False)
    largest = owner.visitor().read(f"/image/{image['ImageKey']}!largestimage")
    found = requests.get(largest["Url"])
    assert found.status_code == 200
    assert found.content != body
    assert not Image.open(io.BytesIO(found.content)).getexif()


def test_films_of_all_widths(owner: Caller) -> None:
    image = _upload(owner, film())
    sizes = owner.read(image["Uri"].removeprefix("/api/v2") + "!sizedetails")
    names = [name for name in sizes if name.startswith("VideoSize")]
    bodies = [requests.get(sizes[name]["Url"]).content for name in names]
    assert len(set(bodies)) == len(names) >= 5
    assert sizes[names[-1]]["MD5"] == hashlib.md5(bodies[-1]).hexdigest()
    poster = requests.get(image["ThumbnailUrl"])
    assert poster.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("fields", [{"archived": False}, {"can_process": False}])
def test_what_is_not_offered(owner: Caller, fields: dict[str, Any]) -> None:
    image = _upload(owner)
    owner.state.change_image(image["ImageKey"], **fields)
    assert requests.get(image["ArchivedUri"]).status_code == 404
    assert "ArchivedUri" not in owner.read(f"/image/{image['ImageKey']}")
