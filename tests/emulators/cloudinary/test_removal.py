"""Deleting, backups, restoring, archives, and changes of existing assets."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

from .conftest import png, signed

if TYPE_CHECKING:
    from .conftest import Caller, Emulate


def _delete(cloud: Caller, path: str, **body: object) -> dict[str, object]:
    answer = cloud.admin("DELETE", path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_destroy(cloud: Caller) -> None:
    url = cloud.upload(b"x", public_id="a")["secure_url"]
    assert cloud.post("raw/destroy", public_id="a").json() == {"result": "ok"}
    assert cloud.post("raw/destroy", public_id="a").json() == {"result": "not found"}
    assert cloud.session.get(url).status_code == 404
    missing = cloud.admin("GET", "resources/raw/upload/a")
    assert missing.status_code == 404
    assert missing.json()["error"]["message"] == "Resource not found - a"


def test_destroy_without_content_type(cloud: Caller) -> None:
    cloud.upload(b"x", public_id="a")
    body = "&".join(f"{key}={value}" for key, value in signed({"public_id": "a"}).items())
    answer = cloud.session.post(f"{cloud.root}/raw/destroy", data=body.encode())
    assert answer.json() == {"result": "ok"}


def test_delete_many(cloud: Caller) -> None:
    for name in ("a1", "a2", "b1", "c1"):
        cloud.upload(b"x", public_id=name, tags=name[0])
    deleted = _delete(cloud, "resources/raw/upload", public_ids=["a1", "zz"])
    assert deleted == {"deleted": {"a1": "deleted", "zz": "not_found"}, "partial": False}
    assert _delete(cloud, "resources/raw/upload", prefix="a")["deleted"] == {"a2": "deleted"}
    assert _delete(cloud, "resources/raw/tags/b")["deleted"] == {"b1": "deleted"}
    assert _delete(cloud, "resources/raw/upload", all=True)["deleted"] == {"c1": "deleted"}
    assert cloud.admin("DELETE", "resources/raw/upload").status_code == 400


def test_deleting_more_than_a_thousand_is_partial(cloud: Caller) -> None:
    items = [{"public_id": f"p{number:04}", "size": 1} for number in range(1001)]
    cloud.emulator("POST", "seed", items)
    first = _delete(cloud, "resources/raw/upload", all=True)
    assert first["partial"] is True
    rest = _delete(cloud, "resources/raw/upload", all=True, next_cursor=first["next_cursor"])
    assert rest == {"deleted": {"p1000": "deleted"}, "partial": False}


def test_backups(emulate: Emulate) -> None:
    cloud = emulate(automatic_backup=True)
    asset = cloud.upload(b"one", public_id="a")
    cloud.upload(b"two!", public_id="a")
    details = cloud.get("resources/raw/upload/a", versions="true")
    assert [one["size"] for one in details["versions"]] == [3, 4]
    assert cloud.search("backup_bytes>0")["resources"][0]["backup_bytes"] == 7
    cloud.post("raw/destroy", public_id="a")
    placeholder = cloud.get("resources/raw/upload/a")
    assert (placeholder["bytes"], placeholder["placeholder"]) == (0, True)
    assert cloud.get("resources/raw")["resources"] == []
    assert cloud.search()["total_count"] == 0
    assert cloud.search("status=deleted")["resources"][0]["status"] == "deleted"
    assert cloud.session.get(asset["secure_url"]).status_code == 404
    first = details["versions"][0]["version_id"]
    body = {"public_ids": ["a"], "versions": [first]}
    restored = cloud.admin("POST", "resources/raw/upload/restore", json=body).json()
    assert (restored["a"]["bytes"], restored["a"]["placeholder"]) == (3, False)
    assert cloud.session.get(restored["a"]["secure_url"]).content == b"one"
    link = signed({"asset_id": asset["asset_id"], "version_id": first})
    assert cloud.session.get(f"{cloud.root}/download_backup", params=link).content == b"one"
    gone = _delete(cloud, f"resources/backup/{asset['asset_id']}", version_ids=[first])
    assert gone == {"deleted": {first: "deleted"}}


def test_rename(cloud: Caller) -> None:
    cloud.upload(b"1", public_id="a", asset_folder="f", display_name="n")
    cloud.upload(b"2", public_id="b")
    taken = cloud.post("raw/rename", from_public_id="a", to_public_id="b")
    assert taken.status_code == 400
    moved = cloud.post("raw/rename", from_public_id="a", to_public_id="b", overwrite="1").json()
    assert (moved["public_id"], moved["bytes"], moved["display_name"]) == ("b", 1, "n")
    assert cloud.get("resources/raw")["resources"][0]["asset_folder"] == "f"
    private = cloud.post("raw/rename", from_public_id="b", to_public_id="b", to_type="private")
    assert private.json()["type"] == "private"


def test_update_and_explicit(cloud: Caller) -> None:
    cloud.upload(b"1", public_id="a")
    changed = cloud.admin(
        "POST",
        "resources/raw/upload/a",
        json={"asset_folder": "x/y", "display_name": "New", "tags": "t", "context": "k=v"},
    ).json()
    assert (changed["asset_folder"], changed["display_name"]) == ("x/y", "New")
    assert changed["context"] == {"custom": {"k": "v"}}
    answer = cloud.post("raw/explicit", public_id="a", type="upload", context="m=1").json()
    assert answer["context"] == {"custom": {"m": "1"}}
    assert "etag" not in answer
    assert cloud.post("raw/explicit", public_id="zz", type="upload").status_code == 404


def test_tags_and_context_actions(cloud: Caller) -> None:
    for name in ("a", "b"):
        cloud.upload(b"1", public_id=name)
    both = {"public_ids[]": ["a", "b"]}
    assert cloud.post("raw/tags", tag="x,y", command="add", **both).json() == {
        "public_ids": ["a", "b"]
    }
    cloud.post("raw/tags", tag="x", command="remove", **{"public_ids[]": ["a"]})
    assert cloud.get("resources/raw/upload/a")["tags"] == ["y"]
    cloud.post("raw/context", context="k=v", command="add", **both)
    cloud.post("raw/context", command="remove_all", **{"public_ids[]": ["b"]})
    assert "context" not in cloud.get("resources/raw/upload/b")
    assert len(cloud.get("resources/raw/context", key="k", value="v")["resources"]) == 1


def test_archives(cloud: Caller) -> None:
    cloud.upload(b"text", public_id="r", display_name="r.txt", asset_folder="f", tags="t")
    cloud.upload(b"more", public_id="s", display_name="r.txt", asset_folder="f", tags="t")
    params = signed({"mode": "download", "tags": "t"})
    body = cloud.session.get(f"{cloud.root}/raw/generate_archive", params=params).content
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert sorted(packed.namelist()) == ["f/r.txt", "f/r.txt_1"]
        assert packed.read("f/r.txt") == b"text"
    params = signed({"mode": "download", "tags": "t", "target_format": "tgz"})
    body = cloud.session.get(f"{cloud.root}/raw/generate_archive", params=params).content
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        assert len(tar.getnames()) == 2
    cloud.upload(png(), "image", public_id="p", tags="t")
    stored = cloud.post("image/generate_archive", tags="t", transformations="w_5|w_6").json()
    assert (stored["resource_count"], stored["file_count"]) == (1, 2)
    assert stored["resource_type"] == "raw"
    assert cloud.post("raw/generate_archive", tags="none").status_code == 400
