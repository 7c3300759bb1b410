"""gallery-dl downloads everything there is, byte by byte."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.smugmug import Shape, add_quirks, fill_account
from mirrorfs.emulators.smugmug.truth import tell_truth

from .smugmug import NICK, SITE, Bench, bench, digests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNED = (
    "-o", "api-key=key", "-o", "api-secret=secret",
    "-o", "access-token=token", "-o", "access-token-secret=token-secret",
)  # fmt: skip
KEY_ONLY = ("-o", "api-key=key", "-o", "api-secret=secret")


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as found:
        yield found


def _download(table: Bench, url: str, *options: str) -> Counter[str]:
    target = table.home / "target"
    table.run("gallery_dl", "--config-ignore", *options, "-d", str(target), url)
    return digests(target)


def _truth(table: Bench) -> Counter[str]:
    return Counter(one.md5 for one in tell_truth(table.server.state, NICK))


def test_account_with_quirks(table: Bench) -> None:
    state = table.server.state
    add_quirks(state, NICK)
    for one in list(tell_truth(state, NICK)):
        if one.offer == "nothing":  # gallery-dl ends with a KeyError at an image without sizes
            state.remove_image(one.album_key, one.image_key)
    found = _download(table, f"{SITE}/", *SIGNED)
    assert found == _truth(table)
    assert found.total() > 60
    assert table.statuses() == {200}


def test_pages(table: Bench) -> None:
    fill_account(table.server.state, NICK, Shape(folders=3, albums=2, photos=250))
    assert _download(table, f"{SITE}/", *KEY_ONLY) == _truth(table)
    pages = [path for path in table.paths("GET") if path.endswith("!images")]
    assert len(pages) == 4


def test_visitor_gets_what_is_public(table: Bench) -> None:
    state = table.server.state
    fill_account(state, NICK, Shape(folders=0, albums=3, photos=6))
    listed, unlisted, private = state.albums(NICK)
    state.change_node(unlisted.node_id, privacy="Unlisted")
    state.change_node(private.node_id, privacy="Private")
    public = Counter(image.md5 for image in state.images(listed.album_key))
    assert _download(table, f"{SITE}/", *KEY_ONLY) == public
    assert _download(table, f"{SITE}/", *SIGNED) - public == _truth(table) - public


def test_one_folder_by_its_path(table: Bench) -> None:
    state = table.server.state
    fill_account(state, NICK, Shape(folders=20, albums=40, photos=80))
    folder = next(node for node in state.tree.nodes.values() if node.name == "Folder 003")
    path = state.tree.path(folder)
    below = {node.album_key for node in state.tree.below(folder.node_id)}
    wanted = Counter(one.md5 for one in tell_truth(state, NICK) if one.album_key in below)
    assert _download(table, SITE + path, *KEY_ONLY) == wanted
    assert wanted.total() >= 4


def test_one_image(table: Bench) -> None:
    state = table.server.state
    fill_account(state, NICK, Shape(folders=0, albums=1, photos=2))
    image = state.images(state.albums(NICK)[0].album_key)[1]
    found = _download(table, f"{SITE}/Album-0000/i-{image.image_key}", *KEY_ONLY)
    assert found == Counter([image.md5])
