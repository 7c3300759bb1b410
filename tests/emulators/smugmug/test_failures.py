"""Scripted failures and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import requests

from .files import picture, post

if TYPE_CHECKING:
    from .conftest import Caller


def _script(owner: Caller, action: dict[str, Any], **rule: Any) -> None:
    url = f"{owner.server.url}/_emulator/faults"
    answer = requests.post(url, json={"action": action, **rule})
    assert answer.status_code == 200, answer.text


def test_rate_limit(owner: Caller) -> None:
    _script(owner, {"rate_limit": {"retry_after": 7}})
    answer = owner.call("GET", "/user/demo")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.json()["Code"] == 429
    assert owner.status("/user/demo") == 200


def test_refusals(owner: Caller) -> None:
    for action, status in (({"unavailable": True}, 503), ({"conflict": True}, 409)):
        _script(owner, action)
        assert owner.status("/user/demo") == status
    _script(owner, {"oauth_problem": "token_revoked"})
    answer = owner.call("GET", "/user/demo")
    assert answer.status_code == 401
    assert unquote(answer.json()["Message"]) == "oauth_problem=token_revoked"
    _script(owner, {"moved": "/api/v2/user/other"})
    answer = owner.call("GET", "/user/demo")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/v2/user/other")


def test_pages_for_people_and_cut_answers(owner: Caller) -> None:
    _script(owner, {"html": "<h1>Maintenance</h1>", "status": 200})
    answer = owner.call("GET", "/user/demo")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")
    _script(owner, {"truncate_body_to": 20})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        owner.call("GET", "/user/demo")
    _script(owner, {"drop_connection": True})
    with pytest.raises(requests.ConnectionError):
        owner.call("GET", "/user/demo")


def test_the_second_page_fails(owner: Caller) -> None:
    album = owner.add_album()
    for number in range(5):
        owner.add_image(album, f"{number}.jpg")
    _script(owner, {"status": 500}, match={"path_regex": r"!images.*start=3"})
    path = f"/album/{album.album_key}!images"
    assert owner.status(path, start=1, count=2) == 200
    assert owner.status(path, start=3, count=2) == 500
    _script(owner, {"drop_next_page": True})
    assert "NextPage" not in owner.get(path, count=2)["Response"]["Pages"]
    assert "NextPage" in owner.get(path, count=2)["Response"]["Pages"]


def test_uploads_fail(owner: Caller) -> None:
    album = owner.add_album()
    _script(owner, {"upload_failure": {"code": 5}}, match={"path_regex": "^/upload"})
    assert post(owner, album, picture()) == {
        "stat": "fail", "method": "smugmug.images.upload", "code": 5, "message": "system error",
    }  # fmt: skip
    assert owner.state.count_images(album.album_key) == 0
    assert post(owner, album, picture())["stat"] == "ok"


def test_wrong_bytes_and_no_range(owner: Caller) -> None:
    body = picture()
    uri = post(owner, owner.add_album(), body)["Image"]["ImageUri"]
    address = owner.read(uri.removeprefix("/api/v2"))["ArchivedUri"]
    _script(owner, {"corrupt_bytes": 3}, match={"path_regex": "^/photos"})
    spoilt = requests.get(address).content
    assert (len(spoilt), sum(a != b for a, b in zip(spoilt, body, strict=True))) == (len(body), 3)
    _script(owner, {"ignore_range": True})
    part = {"Range": "bytes=5-9"}
    assert requests.get(address, headers=part).status_code == 200
    assert requests.get(address, headers=part).content == body[5:10]


def test_unknown_actions_are_refused(owner: Caller) -> None:
    url = f"{owner.server.url}/_emulator/faults"
    assert requests.post(url, json={"action": {"null_cursor": True}}).status_code == 400


def test_journal(owner: Caller) -> None:
    url = f"{owner.server.url}/_emulator/journal"
    requests.delete(url)
    owner.get("/user/demo", _verbosity=1)
    owner.status("/user/nobody")
    requests.get(f"{owner.server.photos}/nothing")
    assert requests.get(url).json() == [
        {"method": "GET", "path": "/api/v2/user/demo?_verbosity=1", "status": 200},
        {"method": "GET", "path": "/api/v2/user/nobody", "status": 404},
        {"method": "GET", "path": "/photos/nothing", "status": 404},
    ]
