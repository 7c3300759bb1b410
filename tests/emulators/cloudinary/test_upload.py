"""Uploads: names, kinds, limits, overwriting, descriptive data."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.cloudinary.naming import FileName, choose_public_id
from mirrorfs.emulators.cloudinary.params import Params, pairs_of
from mirrorfs.emulators.cloudinary.sniff import sniff_content

from .conftest import png

if TYPE_CHECKING:
    from .conftest import Caller, Emulate


@pytest.mark.parametrize(
    ("values", "kind", "pattern"),
    [
        ({}, "image", r"[a-z0-9]{20}"),
        ({}, "raw", r"[a-z0-9]{20}\.txt"),
        ({"use_filename": "1"}, "image", r"a_name_[a-z0-9]{6}"),
        ({"use_filename": "1", "unique_filename": "0"}, "image", "a_name"),
        ({"use_filename": "1", "unique_filename": "0"}, "raw", r"a_name\.txt"),
        ({"public_id": "x/y"}, "raw", "x/y"),
        ({"public_id": "y", "folder": "p"}, "image", "p/y"),
        ({"public_id": "y", "public_id_prefix": "q"}, "image", "q/y"),
        (
            {
                "public_id": "y",
                "asset_folder": "f",
                "use_asset_folder_as_public_id_prefix": "1",
            },
            "image",
            "f/y",
        ),
    ],
)
def test_public_ids(values: dict[str, str], kind: str, pattern: str) -> None:
    name = FileName("a%name", "txt")
    chosen = choose_public_id(Params(values), name, kind, dynamic=True)
    assert re.fullmatch(pattern, chosen)


@pytest.mark.parametrize(
    "public_id", ["a?b", "a&b", "a%b", "a+b", " a", "a ", "/a", "a/", "x" * 256]
)
def test_bad_public_ids(cloud: Caller, public_id: str) -> None:
    assert cloud.post("raw/upload", b"x", public_id=public_id).status_code == 400


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (png(), ("image", "png")),
        (b"\xff\xd8\xff\xe0", ("image", "jpg")),
        (b"%PDF-1.7", ("image", "pdf")),
        (b'<?xml version="1.0"?><svg/>', ("image", "svg")),
        (b"\0\0\0\x18ftypisom", ("video", "mp4")),
        (b"\0\0\0\x18ftypheic", ("image", "heic")),
        (b"ID3\x03", ("video", "mp3")),
        (b"RIFF\0\0\0\0WAVE", ("video", "wav")),
        (b"hello", ("raw", "")),
        (b"", ("raw", "")),
    ],
)
def test_sniffing(head: bytes, found: tuple[str, str]) -> None:
    assert sniff_content(head) == found


def test_answer(cloud: Caller) -> None:
    asset = cloud.upload(png(), "auto", name="Zoë b.png", asset_folder="x/y", tags="b,a")
    assert (asset["resource_type"], asset["format"]) == ("image", "png")
    assert (asset["width"], asset["height"]) == (40, 20)
    assert asset["original_filename"] == "Zoë b"
    assert asset["asset_folder"] == "x/y"
    assert asset["display_name"] == asset["public_id"]
    assert asset["tags"] == ["a", "b"]
    assert asset["secure_url"].endswith(f"/v{asset['version']}/{asset['public_id']}.png")
    assert re.fullmatch(r"[0-9a-f]{40}", asset["signature"])
    assert [one["path"] for one in cloud.get("folders/x")["folders"]] == ["x/y"]


def test_overwriting(cloud: Caller) -> None:
    first = cloud.upload(b"1", public_id="a.txt", context="k=v", tags="t", asset_folder="f")
    second = cloud.upload(b"22", public_id="a.txt")
    assert second["overwritten"] is True
    assert second["asset_id"] == first["asset_id"]
    assert second["created_at"] == first["created_at"]
    assert second["bytes"] == 2
    assert second["asset_folder"] == "f"
    assert "context" not in second
    assert second["tags"] == []
    third = cloud.upload(b"333", public_id="a.txt", overwrite="0")
    assert third["existing"] is True
    assert third["bytes"] == 2


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("raw", b"", "Empty file"),
        ("image", b"text", "Invalid image file"),
        ("video", b"text", "Unsupported video format or file"),
        ("raw", bytes(101), "File size too large. Got 101. Maximum is 100."),
    ],
)
def test_refused_bodies(emulate: Emulate, kind: str, body: bytes, message: str) -> None:
    cloud = emulate(raw_max_bytes=100)
    answer = cloud.post(f"{kind}/upload", body)
    assert (answer.status_code, answer.json()) == (400, {"error": {"message": message}})


def test_data_uri_and_remote(cloud: Caller) -> None:
    text = "data:text/plain;base64," + base64.b64encode(b"hi").decode()
    assert cloud.post("raw/upload", file=text).json()["bytes"] == 2
    first = cloud.upload(b"abc", public_id="a")
    copy = cloud.post("raw/upload", file=first["secure_url"], public_id="b").json()
    assert copy["etag"] == first["etag"]
    sample = cloud.post("image/upload", file="http://cloudinary.com/images/old_logo.png").json()
    assert (sample["width"], sample["height"], sample["bytes"]) == (241, 51, 3381)
    assert cloud.post("raw/upload", file="https://example.com/x").status_code == 400


def test_incoming_transformation(cloud: Caller) -> None:
    sent = png()
    asset = cloud.upload(sent, "image", transformation="c_scale,w_10", format="jpg")
    assert (asset["format"], asset["width"], asset["height"]) == ("jpg", 10, 5)
    assert len(cloud.session.get(asset["secure_url"]).content) == asset["bytes"]
    assert cloud.post("image/upload", sent, allowed_formats="jpg").status_code == 400


def test_context_signs() -> None:
    assert pairs_of(r"a=b\|c\=d|e=f=g|h=") == {"a": "b|c=d", "e": "f=g", "h": ""}


def test_display_names(cloud: Caller) -> None:
    first = cloud.upload(b"1", display_name="n.txt", asset_folder="f")
    same = cloud.upload(b"2", display_name="n.txt", asset_folder="f")
    other = cloud.upload(b"3", display_name="n.txt", asset_folder="f", unique_display_name="1")
    assert first["display_name"] == same["display_name"] == "n.txt"
    assert other["display_name"] != "n.txt"
    named = cloud.upload(b"4", name="q.txt", use_filename_as_display_name="1")
    assert named["display_name"] == "q.txt"
    assert cloud.post("raw/upload", b"5", display_name="a/b").status_code == 400


def test_fixed_mode(emulate: Emulate) -> None:
    cloud = emulate(folder_mode="fixed")
    asset = cloud.upload(b"1", public_id="n.txt", folder="a/b")
    assert asset["public_id"] == "a/b/n.txt"
    assert asset["folder"] == "a/b"
    assert not {"asset_folder", "display_name"} & asset.keys()
    assert cloud.get("config", settings="true")["settings"] == {"folder_mode": "fixed"}
    refused = cloud.admin("GET", "resources/by_asset_folder", params={"asset_folder": "a/b"})
    assert refused.status_code == 400
    assert cloud.search('folder:"a/*"')["total_count"] == 1
    body = {"expression": 'asset_folder="a/b"'}
    assert cloud.admin("POST", "resources/search", json=body).status_code == 400
    moved = cloud.post("raw/rename", from_public_id="a/b/n.txt", to_public_id="c/n.txt").json()
    assert moved["folder"] == "c"
    assert cloud.admin("PUT", "folders/c", json={"to_folder": "d"}).status_code == 400
