"""The folder tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Caller


def _paths(cloud: Caller, path: str = "", **params: object) -> list[str]:
    url = f"folders/{path}" if path else "folders"
    return [one["path"] for one in cloud.get(url, **params)["folders"]]


def test_create_list_delete(cloud: Caller) -> None:
    created = cloud.admin("POST", "folders/a/b/c", data=b"{}").json()
    assert created["success"] is True
    assert (created["path"], created["name"]) == ("a/b/c", "c")
    assert _paths(cloud) == ["a"]
    assert _paths(cloud, "a/b/") == ["a/b/c"]
    assert _paths(cloud, "A/B") == ["a/b/c"]
    assert cloud.get("folders/a", max_results=1)["total_count"] == 1
    deleted = cloud.admin("DELETE", "folders/a", data=b"{}").json()
    assert deleted == {"deleted": ["a", "a/b", "a/b/c"]}
    missing = cloud.admin("GET", "folders/a")
    assert missing.status_code == 404
    assert missing.json()["error"]["message"] == "Can't find folder with path a"


def test_pages(cloud: Caller) -> None:
    for number in range(25):
        cloud.admin("POST", f"folders/d{number:02}")
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = cloud.get("folders", max_results=10, next_cursor=cursor)
        seen += [one["path"] for one in answer["folders"]]
        cursor = answer["next_cursor"]
    assert cursor is None
    assert seen == [f"d{number:02}" for number in range(25)]


def test_only_empty_folders_are_deleted(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="p", asset_folder="a/b")
    assert cloud.admin("DELETE", "folders/a").status_code == 400
    cloud.post("raw/destroy", public_id="p")
    assert cloud.admin("DELETE", "folders/a").status_code == 200


def test_backups_hold_a_folder(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="p", asset_folder="a", backup="1")
    cloud.post("raw/destroy", public_id="p")
    assert cloud.admin("DELETE", "folders/a").status_code == 400
    assert cloud.admin("DELETE", "folders/a", json={"skip_backup": True}).status_code == 200


def test_rename_moves_what_is_inside(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="p", asset_folder="a/b/c")
    answer = cloud.admin("PUT", "folders/a/b", json={"to_folder": "z/y"}).json()
    assert answer == {"from": {"name": "b", "path": "a/b"}, "to": {"name": "y", "path": "z/y"}}
    assert cloud.get("resources/raw/upload/p")["asset_folder"] == "z/y/c"
    assert _paths(cloud, "z/y") == ["z/y/c"]
    assert _paths(cloud, "a") == []
    assert cloud.admin("PUT", "folders/z", json={"to_folder": "z/y/q"}).status_code == 400
    assert cloud.admin("PUT", "folders/z", json={"to_folder": "a"}).status_code == 409


@pytest.mark.parametrize("path", ["a%3Fb", "a%26b", "a%25b", "a%2Bb", "a%20"])
def test_illegal_names(cloud: Caller, path: str) -> None:
    assert cloud.admin("POST", f"folders/{path}").status_code == 400


def test_by_asset_folder(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="p", asset_folder="a")
    cloud.upload(b"y", public_id="q", asset_folder="a/b")
    for text in ("a", "a/", "A"):
        items = cloud.get("resources/by_asset_folder", asset_folder=text)["resources"]
        assert [one["public_id"] for one in items] == ["p"]
    root = cloud.get("resources/by_asset_folder", asset_folder="")
    assert root["resources"] == []
    missing = cloud.admin("GET", "resources/by_asset_folder", params={"asset_folder": "none"})
    assert missing.status_code == 404


def test_search(cloud: Caller) -> None:
    for path in ("a/b", "a/c", "d"):
        cloud.admin("POST", f"folders/{path}")
    body = {"expression": "path:a/*", "max_results": 2}
    answer = cloud.admin("POST", "folders/search", json=body).json()
    assert answer["total_count"] == 3
    assert [one["path"] for one in answer["folders"]] == ["a", "a/b"]
    body["next_cursor"] = answer["next_cursor"]
    answer = cloud.admin("POST", "folders/search", json=body).json()
    assert [one["path"] for one in answer["folders"]] == ["a/c"]
    assert "next_cursor" not in answer
