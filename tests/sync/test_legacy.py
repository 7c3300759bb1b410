from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirrorfs.core import digest
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import parse
from sync.legacy import Cache, Upload, read_cache, take_over
from sync.model import Tree


def upload(public_id: str, **more: object) -> dict[str, object]:
    url = f"https://res.cloudinary.com/demo/image/upload/v1/{public_id}.jpg"
    return {
        "timestamp": "2025-01-01T00:00:00",
        "cloudinary_url": url,
        "public_id": public_id,
    } | more


def cache(folder: str, done: dict[str, str], key: str = "folder_path") -> Cache:
    told = {
        key: folder,
        "last_run": "2025-01-01T00:00:00",
        "successful_uploads": {source: upload(asset) for source, asset in done.items()},
        "failed_uploads": {"x": {"error": "no"}},
    }
    return read_cache(json.dumps(told))


def source(path: str, data: bytes, id_: str = "") -> Entry:
    return Entry(
        parse(path), Kind.FILE, id_ or f"id {path}", "r", len(data), facts={"data": data.hex()}
    )


def asset(path: str, public_id: str, data: bytes) -> Entry:
    facts = {"public_id": public_id}
    return Entry(parse(path), Kind.FILE, f"asset {path}", "v", len(data), 0, digest.of(data), facts)


def tree(*entries: Entry) -> Tree:
    return Tree({entry.path: entry for entry in entries})


def computed(entry: Entry, algorithm: str) -> Digest:
    return digest.of(bytes.fromhex(entry.facts["data"]), algorithm)


def test_each_kind_of_file_is_read() -> None:
    assert cache("/photos", {"/photos/a.jpg": "photos/a"}) == Cache(
        "/photos", (Upload("/photos/a.jpg", "photos/a"),), ("x",)
    )
    assert cache("/home/me/photos", {}, "source_path").folder == "/home/me/photos"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"folder_path": "x"}', '{"folder_path": "x", "successful_uploads": 1}'],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Misuse):
        read_cache(text)


def test_only_what_is_proven_is_taken_over() -> None:
    told = cache(
        "/old/place/photos",
        {
            "/old/place/photos/a/same.jpg": "photos/same",
            "/old/place/photos/edited.jpg": "photos/edited",
            "/old/place/photos/gone.jpg": "photos/gone",
            "/old/place/photos/removed.jpg": "photos/removed",
        },
    )
    mine = tree(
        source("a/same.jpg", b"same"), source("edited.jpg", b"mine"), source("removed.jpg", b"x")
    )
    theirs = tree(
        asset("photos/same.jpg", "photos/same", b"same"),
        asset("photos/edited.jpg", "photos/edited", b"old!"),
        asset("photos/gone.jpg", "photos/gone", b"gone"),
    )
    taken = take_over(told, mine, theirs, computed)
    (row,) = taken.rows
    assert (row.path, row.one.path, row.two.path) == ("a/same.jpg", "a/same.jpg", "photos/same.jpg")
    assert row.one.digest == row.two.digest == digest.of(b"same")
    assert {Path(path).name: reason for path, reason in taken.doubts.items()} == {
        "edited.jpg": "Its bytes are not those of the asset.",
        "gone.jpg": "It is not there any more.",
        "removed.jpg": "There is no single asset 'photos/removed'.",
    }


def test_files_of_drive_are_known_by_their_ids() -> None:
    told = cache("folder id", {"file-1": "Drive/a"})
    mine = tree(source("renamed since.jpg", b"same", "file-1"))
    taken = take_over(told, mine, tree(asset("Drive/a.jpg", "Drive/a", b"same")), computed)
    assert [row.path for row in taken.rows] == ["renamed since.jpg"]


def test_two_files_that_became_one_asset_are_not_both_done() -> None:
    told = cache("/p", {"/p/a/x.jpg": "P/x", "/p/b/x.jpg": "P/x"})
    mine = tree(source("a/x.jpg", b"same"), source("b/x.jpg", b"same"))
    taken = take_over(told, mine, tree(asset("P/x.jpg", "P/x", b"same")), computed)
    assert [row.path for row in taken.rows] == ["a/x.jpg"]
    assert list(taken.doubts.values()) == ["Another file was uploaded as the same asset."]
