"""An account outlives its server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from mirrorfs.emulators.smugmug import Server, Settings, add_quirks
from mirrorfs.emulators.smugmug.truth import tell_truth

from .conftest import Caller, signing
from .files import film, picture, post

if TYPE_CHECKING:
    from pathlib import Path


def test_everything_is_there_again(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, processing_time=100)
    with Server(settings) as server:
        owner = Caller(server, signing(server))
        add_quirks(server.state, "demo")
        album = owner.add_album("Kept", keywords=("a", "b"))
        post(owner, album, picture())
        post(owner, album, film(), "clip.mov")
        address = owner.read(f"/album/{album.album_key}!images")[0]["ArchivedUri"]
        before = owner.get(f"/node/{album.node_id}")
        truth = list(tell_truth(server.state, "demo"))
    with Server(settings) as server:
        owner = Caller(server, signing(server))
        assert owner.get(f"/node/{album.node_id}") == before
        again = list(tell_truth(server.state, "demo"))
        assert again[:-1] == truth[:-1]
        assert (truth[-1].offer, again[-1].offer) == ("nothing", "film")
        path = address.removeprefix("http://").partition("/")[2]
        assert requests.get(f"{server.url}/{path}").content == picture()
        keys = {one.image_key for one in again}
        new = post(owner, album, picture("blue"))["Image"]["ImageUri"]
        assert new.rpartition("/")[2].removesuffix("-0") not in keys
        uploads = {image.upload_key for image in server.state.images(album.album_key)}
        assert len(uploads) == 3
    assert (tmp_path / "account.json").stat().st_mode & 0o777 == 0o600
