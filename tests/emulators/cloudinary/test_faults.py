"""Scripted failures and the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from .conftest import png

if TYPE_CHECKING:
    from .conftest import Caller


def _script(cloud: Caller, action: dict[str, Any], **rule: Any) -> None:
    cloud.emulator("POST", "faults", {"action": action, **rule})


def test_answers_instead(cloud: Caller) -> None:
    headers = {"Retry-After": "3"}
    _script(cloud, {"status": 503, "body": {"error": {"message": "no"}}, "headers": headers})
    answer = cloud.admin("GET", "ping")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    assert cloud.admin("GET", "ping").status_code == 200
    _script(cloud, {"status": 401, "html": "<h1>401</h1>"})
    answer = cloud.admin("GET", "ping")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/html")


def test_match_after_times(cloud: Caller) -> None:
    match = {"method": "GET", "path_regex": r"/ping\?x=1"}
    _script(cloud, {"status": 500}, match=match, after=1, times=2)
    statuses = [cloud.admin("GET", "ping?x=1").status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert cloud.admin("GET", "ping").status_code == 200
    _script(cloud, {"status": 500}, times=None)
    assert [cloud.admin("GET", "ping").status_code for _ in range(3)] == [500] * 3
    cloud.emulator("DELETE", "faults")
    assert cloud.admin("GET", "ping").status_code == 200


def test_rate_limit(cloud: Caller) -> None:
    _script(cloud, {"rate_limit": {"reset": 1754672400}})
    answer = cloud.admin("GET", "ping")
    assert answer.status_code == 420
    assert "Try again on 2025-08-08 17:00:00 UTC" in answer.json()["error"]["message"]
    assert answer.headers["X-FeatureRateLimit-Reset"] == "Fri, 08 Aug 2025 17:00:00 GMT"
    assert answer.headers["X-FeatureRateLimit-Remaining"] == "0"


def test_dropped_connection(cloud: Caller) -> None:
    _script(cloud, {"drop_connection": True}, match={"path_regex": "ping"})
    with pytest.raises(requests.ConnectionError):
        cloud.admin("GET", "ping")
    assert cloud.admin("GET", "ping").status_code == 200


def test_spoilt_bodies(cloud: Caller) -> None:
    body = bytes(100_000)
    url = cloud.upload(body, public_id="a")["secure_url"]
    _script(cloud, {"corrupt_bytes": 10})
    spoilt = cloud.session.get(url).content
    assert len(spoilt) == len(body)
    assert sum(byte != 0 for byte in spoilt) == 10
    _script(cloud, {"truncate_body_to": 5000})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        cloud.session.get(url)
    assert cloud.session.get(url).content == body


def test_deny_reencode_and_null_cursor(cloud: Caller) -> None:
    body = png() + b"tail"
    url = cloud.upload(body, "image", public_id="p")["secure_url"]
    _script(cloud, {"deny": True})
    denied = cloud.session.get(url)
    assert (denied.status_code, denied.headers["X-Cld-Error"]) == (401, "deny or ACL failure")
    _script(cloud, {"reencode": True}, times=2)
    assert cloud.session.get(url).content != body
    original = url.replace("/upload/", "/upload/fl_original/")
    assert cloud.session.get(original).content == body
    cloud.upload(b"x", public_id="a")
    _script(cloud, {"null_cursor": True})
    assert "next_cursor" not in cloud.search(max_results=1)
    assert "next_cursor" in cloud.search(max_results=1)


def test_stale_delivery(cloud: Caller) -> None:
    first = cloud.upload(b"first", public_id="a")["secure_url"]
    bare = f"{cloud.server.url}/demo/raw/upload/a"
    _script(cloud, {"stale": True}, match={"path_regex": "/raw/upload/a$"}, times=None)
    assert cloud.session.get(bare).content == b"first"
    second = cloud.upload(b"second", public_id="a")["secure_url"]
    assert cloud.session.get(bare).content == b"first"
    assert cloud.session.get(second).content == b"second"
    assert cloud.session.get(first).content == b"second"


def test_delay(cloud: Caller) -> None:
    _script(cloud, {"delay_seconds": 0.2})
    started = time.monotonic()
    assert cloud.admin("GET", "ping").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_bad_rules_are_refused(cloud: Caller) -> None:
    url = f"{cloud.server.url}/_emulator/faults"
    for rule in ({}, {"action": {"explode": 1}}, {"action": {}, "match": {"path_regex": "("}}, 5):
        assert cloud.session.post(url, json=rule).status_code == 400


def test_journal(cloud: Caller) -> None:
    cloud.emulator("DELETE", "journal")
    cloud.admin("GET", "folders/none", params={"max_results": 1})
    cloud.admin("GET", "ping", auth=None)
    assert cloud.emulator("GET", "journal") == [
        {"method": "GET", "path": "/v1_1/demo/folders/none?max_results=1", "status": 404},
        {"method": "GET", "path": "/v1_1/demo/ping", "status": 401},
    ]
