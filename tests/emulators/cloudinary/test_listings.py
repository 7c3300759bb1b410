"""Lists and searches, page by page."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Caller, Emulate

START = 1_700_000_000


def _seed(cloud: Caller, count: int) -> None:
    items = [
        {
            "path": f"d{number % 10}/n{number:05}.bin",
            "public_id": f"p{number:05}",
            "size": number,
            "seed": "s",
            "uploaded_at": START + number,
            "tags": ["odd"] if number % 2 else [],
        }
        for number in range(count)
    ]
    assert cloud.emulator("POST", "seed", items) == {"assets": count}


def _walk(cloud: Caller, path: str, **params: Any) -> list[str]:
    seen: list[str] = []
    while True:
        answer = cloud.get(path, **params)
        seen += [one["public_id"] for one in answer["resources"]]
        if "next_cursor" not in answer:
            return seen
        params["next_cursor"] = answer["next_cursor"]


def test_lists_page_through_everything(cloud: Caller) -> None:
    _seed(cloud, 120)
    ids = [f"p{number:05}" for number in range(120)]
    assert _walk(cloud, "resources/raw", max_results=50) == ids[::-1]
    assert _walk(cloud, "resources/raw/upload", max_results=50, direction="asc") == ids
    assert _walk(cloud, "resources/raw/upload", prefix="p0000", direction="desc") == ids[:10]
    assert _walk(cloud, "resources/raw/tags/odd", max_results=7) == ids[::-2]
    folder = _walk(cloud, "resources/by_asset_folder", asset_folder="d3", max_results=5)
    assert folder == ids[3::10][::-1]
    chosen = cloud.get("resources/raw/upload", **{"public_ids[]": ["p00001", "none", "p00007"]})
    assert [one["public_id"] for one in chosen["resources"]] == ["p00001", "p00007"]
    assert cloud.get("resources") == {"resource_types": ["raw"]}
    assert cloud.get("tags/raw") == {"tags": ["odd"]}


def test_pages_survive_changes(cloud: Caller) -> None:
    _seed(cloud, 20)
    first = cloud.get("resources/raw", max_results=10)
    cloud.post("raw/destroy", public_id="p00010")
    cloud.upload(b"new", public_id="new")
    rest = cloud.get("resources/raw", max_results=50, next_cursor=first["next_cursor"])
    assert [one["public_id"] for one in rest["resources"]] == [f"p{n:05}" for n in range(9, -1, -1)]


def test_item_fields(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="a.txt", context="k=v", tags="t")
    item = cloud.get("resources/raw/upload")["resources"][0]
    assert not {"etag", "uploaded_at", "tags", "context", "format", "width"} & item.keys()
    described = cloud.get("resources/raw/upload", tags="true", context="true")["resources"][0]
    assert described["tags"] == ["t"]
    assert described["context"] == {"custom": {"k": "v"}}
    chosen = cloud.get("resources/raw/upload", fields="etag,bytes")["resources"][0]
    assert chosen.keys() == {"asset_id", "public_id", "etag", "bytes"}


def test_bad_parameters(cloud: Caller) -> None:
    for params in ({"max_results": "x"}, {"next_cursor": "zz"}, {"start_at": "soon"}):
        assert cloud.admin("GET", "resources/raw", params=params).status_code == 400


def test_search_pages_and_sorts(cloud: Caller) -> None:
    _seed(cloud, 60)
    ids = [f"p{number:05}" for number in range(60)]
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        body = {"max_results": 25, "sort_by": [{"public_id": "asc"}], "next_cursor": cursor}
        answer = cloud.search("bytes>=0", **body)
        assert answer["total_count"] == 60
        seen += [one["public_id"] for one in answer["resources"]]
        cursor = answer.get("next_cursor")
    assert seen == ids
    newest = cloud.search(max_results=3)["resources"]
    assert [one["public_id"] for one in newest] == ids[:-4:-1]
    tagged = cloud.search("tags=odd", sort_by=[{"bytes": "desc"}], max_results=2)["resources"]
    assert [one["bytes"] for one in tagged] == [59, 57]
    assert cloud.search('asset_folder="d3"')["total_count"] == 6
    assert cloud.search("public_id=p00007")["total_count"] == 1
    assert cloud.search("uploaded_at>1d")["total_count"] == 0


def test_search_item(cloud: Caller) -> None:
    asset = cloud.upload(b"x", public_id="f/a.txt", context="k=v", asset_folder="g")
    item = cloud.search(f"asset_id={asset['asset_id']}", with_field=["context", "tags"])
    found = item["resources"][0]
    assert found["context"] == {"k": "v"}
    assert found["tags"] == []
    assert found["etag"] == asset["etag"]
    assert found["uploaded_at"].endswith("+00:00")
    assert (found["filename"], found["asset_folder"]) == ("a.txt", "g")
    few = cloud.search(fields=["bytes"])["resources"][0]
    assert "secure_url" not in few
    assert {"bytes", "public_id", "asset_folder", "status"} <= few.keys()


def test_search_errors(cloud: Caller) -> None:
    for body in (
        {"expression": "bytes>"},
        {"expression": "no_such_field=1"},
        {"sort_by": [{"bytes": "up"}]},
        {"sort_by": [{"no_such_field": "asc"}]},
        {"max_results": "0"},
    ):
        answer = cloud.admin("POST", "resources/search", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]


def test_search_lags_behind_lists(emulate: Emulate) -> None:
    cloud = emulate(search_lag=0.3)
    cloud.upload(b"x", public_id="a")
    assert cloud.search()["total_count"] == 0
    assert len(cloud.get("resources/raw")["resources"]) == 1
    deadline = time.monotonic() + 5
    while cloud.search()["total_count"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cloud.post("raw/destroy", public_id="a")
    assert cloud.search()["resources"][0]["bytes"] == 1
    assert cloud.get("resources/raw")["resources"] == []


def test_search_url(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="a")
    query = base64.urlsafe_b64encode(json.dumps({"expression": "bytes=1"}).encode()).decode()
    signature = hashlib.sha256(f"300{query}secret".encode()).hexdigest()
    url = f"{cloud.server.url}/demo/search/{signature}/300/{query}"
    assert cloud.session.get(url).json()["total_count"] == 1
    assert cloud.session.get(url.replace("/300/", "/301/")).status_code == 401


def test_pages_of_a_large_account_are_fast(cloud: Caller) -> None:
    _seed(cloud, 20_000)
    cloud.search("bytes>5", max_results=500)
    cursor = cloud.search("bytes>5", max_results=500)["next_cursor"]
    started = time.perf_counter()
    for _ in range(5):
        cloud.search("bytes>5", max_results=500, next_cursor=cursor)
        cloud.get("resources/raw", max_results=500)
    assert (time.perf_counter() - started) / 10 < 0.25
