"""Moving, collecting and deleting many things at once, now or later."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from .files import picture

if TYPE_CHECKING:
    import requests

    from mirrorfs.emulators.smugmug.values import Album, Image

    from .conftest import Caller, Emulate


def _uri(album: Album, image: Image) -> str:
    return f"/api/v2/album/{album.album_key}/image/{image.locator}"


def _post(owner: Caller, album: Album, action: str, **fields: Any) -> requests.Response:
    return owner.call("POST", f"/album/{album.album_key}!{action}", json=fields)


def _names(owner: Caller, album: Album) -> list[str]:
    return [image.file_name for image in owner.state.images(album.album_key)]


def test_moving_images(owner: Caller) -> None:
    source, target = owner.add_album("Source"), owner.add_album("Target")
    images = [owner.add_image(source, f"{number}.jpg") for number in range(3)]
    uris = ",".join(_uri(source, image) for image in images[:2])
    assert _post(owner, target, "moveimages", MoveUris=uris).status_code == 200
    assert (_names(owner, source), _names(owner, target)) == (["2.jpg"], ["0.jpg", "1.jpg"])
    moved = owner.read(f"/image/{images[0].locator}")
    assert moved["ImageKey"] == images[0].image_key
    assert moved["Uris"]["ImageAlbum"]["Uri"] == f"/api/v2/album/{target.album_key}"


def test_collecting_images(owner: Caller) -> None:
    home, guest = owner.add_album("Home"), owner.add_album("Guest")
    images = [owner.add_image(home, f"{number}.jpg") for number in range(2)]
    uris = [_uri(home, images[0]), f"/api/v2/image/{images[1].locator}"]
    for _ in range(2):
        assert _post(owner, guest, "collectimages", CollectUris=uris).status_code == 200
    assert _names(owner, home) == _names(owner, guest) == ["0.jpg", "1.jpg"]
    albums = owner.read(f"/image/{images[0].locator}!albums")
    assert [one["Name"] for one in albums] == ["Home", "Guest"]


def test_deleting_images(owner: Caller) -> None:
    album = owner.add_album()
    images = [owner.add_image(album, f"{number}.jpg") for number in range(3)]
    uris = [_uri(album, image) for image in images[1:]]
    assert _post(owner, album, "deleteimages", DeleteUris=uris).status_code == 200
    assert _names(owner, album) == ["0.jpg"]


def test_one_bad_uri_fails_the_batch(owner: Caller) -> None:
    album = owner.add_album()
    image = owner.add_image(album)
    bad = f"/api/v2/album/{album.album_key}/image/nothing-0"
    answer = _post(owner, album, "deleteimages", DeleteUris=f"{bad},{_uri(album, image)}")
    assert answer.status_code == 400
    (told,) = answer.json()["Options"]["Parameters"]["POST"]
    assert (told["Name"], told["UriProblems"]) == ("DeleteUris", {bad: ["Does not exist"]})
    assert _names(owner, album) == []
    assert _post(owner, album, "deleteimages").status_code == 400


def test_full_albums(emulate: Emulate) -> None:
    owner = emulate(largest_album=1)
    full, other = owner.add_album("Full"), owner.add_album("Other")
    owner.add_image(full)
    uri = _uri(other, owner.add_image(other))
    assert _post(owner, full, "moveimages", MoveUris=uri).status_code == 400
    assert _post(owner, full, "collectimages", CollectUris=uri).status_code == 400


@pytest.mark.parametrize("status", ["Completed", "Failed"])
def test_work_that_is_done_later(emulate: Emulate, status: str) -> None:
    owner = emulate(task_time=0.3)
    source, target = owner.add_album("Source"), owner.add_album("Target")
    uris = [_uri(source, owner.add_image(source))]
    if status == "Failed":
        uris.append("/api/v2/album/none/image/none-0")
    answer = _post(owner, target, "moveimages", MoveUris=uris, Async=True)
    assert (answer.status_code, answer.json()["Message"]) == (202, "Accepted")
    path = answer.json()["Response"]["Uri"].removeprefix("/api/v2")
    assert owner.read(path)["Status"] == "Pending"
    assert _names(owner, target) == []
    until = owner.state.clock() + 5
    while owner.read(path)["Status"] == "Pending":
        assert owner.state.clock() < until
    assert owner.read(path)["Status"] == status
    assert _names(owner, target) == ["a.jpg"]
    assert len(owner.read("/user/demo!tasks")) == 1


def test_moving_nodes(owner: Caller) -> None:
    folder, inner = owner.add_node(name="Outer"), owner.add_node(name="Inner")
    album = owner.add_album()
    uris = [f"/api/v2/node/{inner.node_id}", f"/api/v2/node/{album.node_id}"]
    answer = owner.call("POST", f"/node/{folder.node_id}!movenodes", json={"MoveUris": uris})
    assert answer.status_code == 200
    assert owner.read(f"/album/{album.album_key}")["UrlPath"] == "/Outer/Album"
    into = {"MoveUris": f"/api/v2/node/{folder.node_id}"}
    path = f"/node/{inner.node_id}!movenodes"
    assert owner.call("POST", path, json=into).status_code == 400
    assert owner.call("GET", "/folder/user/demo/Inner").status_code == 301


def test_fetching_from_elsewhere(owner: Caller) -> None:
    body = picture()

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Cookie"] == "a=b" else 403)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    album = owner.add_album()
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        sent = {"Uri": f"http://127.0.0.1:{server.server_port}/p.jpg", "Title": "T"}
        assert _post(owner, album, "uploadfromuri", **sent).status_code == 400
        sent["AllowInsecure"] = True
        assert _post(owner, album, "uploadfromuri", **sent).status_code == 400
        assert _post(owner, album, "uploadfromuri", **sent, Cookie="a=b").status_code == 200
        server.shutdown()
    (image,) = owner.read(f"/album/{album.album_key}!images")
    assert (image["FileName"], image["Title"], image["ArchivedSize"]) == ("p.jpg", "T", len(body))
