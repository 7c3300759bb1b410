"""Generated accounts, and what they are said to hold."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import requests

from mirrorfs.emulators.smugmug import Settings, Shape, add_quirks, fill_account, open_service
from mirrorfs.emulators.smugmug.truth import tell_truth

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.truth import Truth

    from .conftest import Caller


def _fetch(owner: Caller, truth: Truth) -> bytes:
    """Get an image as its owner, by what the API says of it."""
    path = f"/image/{truth.image_key}"
    told = owner.read(path)
    if truth.offer == "film":
        address = owner.read(f"{path}!largestvideo")["Url"]
    elif truth.offer == "original":
        address = told["ArchivedUri"]
    else:
        address = owner.read(f"{path}!largestimage")["Url"]
    return owner.session.get(address).content


def test_everything_gives_what_is_said(owner: Caller) -> None:
    add_quirks(owner.state, "demo")
    found = list(tell_truth(owner.state, "demo"))
    for one in found:
        if one.offer == "nothing":
            assert owner.status(f"/image/{one.image_key}!largestimage") == 404
            continue
        body = _fetch(owner, one)
        assert (len(body), hashlib.md5(body).hexdigest()) == (one.size, one.md5), one
    offers = Counter(one.offer for one in found)
    assert offers.keys() == {"original", "film", "copy", "nothing"}


def test_everything_is_listed(owner: Caller) -> None:
    add_quirks(owner.state, "demo")
    listed: Counter[tuple[str, str]] = Counter()
    for album in owner.state.albums("demo"):
        images = owner.read(f"/album/{album.album_key}!images") or []
        listed.update((album.album_key, image["ImageKey"]) for image in images)
    truth = tell_truth(owner.state, "demo")
    assert listed == Counter((one.album_key, one.image_key) for one in truth)


def test_every_quirk_is_there(owner: Caller) -> None:
    add_quirks(owner.state, "demo")
    state = owner.state
    nodes = [node for node in state.tree.nodes.values() if node.parent]
    siblings = Counter((node.parent, node.name) for node in nodes)
    truth = list(tell_truth(state, "demo"))
    images = [state.image(one.image_key) for one in truth]
    albums = Counter(one.image_key for one in truth)
    assert {node.type for node in nodes} == {"Folder", "Album", "Page", "System Album"}
    assert any("/" in node.name for node in nodes)
    assert max(siblings.values()) == 2
    assert Counter((one.album_key, one.file_name) for one in truth).most_common(1)[0][1] == 3
    assert sum(one.file_name == "" for one in truth) == 2
    assert max(albums.values()) == 3
    assert any(image.serial == 3 and not image.md5 for image in images)
    assert any(image.hidden for image in images)
    assert any(node.security_type == "Password" for node in nodes)


def test_accounts_repeat() -> None:
    accounts: list[list[Any]] = []
    for _ in range(2):
        service = open_service(Settings())
        fill_account(service.state, "demo", Shape(folders=10, albums=30, photos=300))
        accounts.append(list(tell_truth(service.state, "demo")))
    assert accounts[0] == accounts[1]


def test_large_account() -> None:
    service = open_service(Settings())
    fill_account(service.state, "demo", Shape())
    assert len({one.md5 for one in tell_truth(service.state, "demo")}) == 24_000
    assert len(service.state.albums("demo")) == 1_200
    tree = service.state.tree
    assert len(tree.nodes) == 1 + 115 + 1_200
    assert max(tree.depth(node_id) for node_id in tree.nodes) <= 6


def test_doors(owner: Caller) -> None:
    base = f"{owner.server.url}/_emulator"
    shape = {"folders": 2, "albums": 4, "photos": 8}
    assert requests.post(f"{base}/fill", json=shape).json() == {"albums": 4}
    truth = requests.get(f"{base}/truth").json()
    assert len(truth) == 8
    assert {one["offer"] for one in truth} == {"original"}
    assert requests.post(f"{base}/fill", json={"quirks": True}).json()["albums"] > 30
