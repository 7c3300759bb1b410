"""An account that outlives its server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.asset import dump_asset, load_asset
from mirrorfs.emulators.cloudinary.cloud import open_cloud
from mirrorfs.emulators.cloudinary.seeding import seed_assets
from mirrorfs.emulators.cloudinary.settings import Settings

from .conftest import png

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Emulate


def test_a_restarted_emulator_has_the_same_account(emulate: Emulate, tmp_path: Path) -> None:
    cloud = emulate(data=tmp_path)
    asset = cloud.upload(
        png(), "image", public_id="p", asset_folder="a/b", context="k=v", eager="w_5", backup="1"
    )
    cloud.upload(b"gone", public_id="gone")
    cloud.post("raw/destroy", public_id="gone")
    cloud.admin("POST", "folders/empty")
    cloud.admin("POST", "folders/c")
    cloud.admin("DELETE", "folders/c")
    cloud.admin("POST", "upload_presets", json={"name": "one", "unsigned": True})
    before = cloud.get("resources/image/upload/p", versions="true")
    cloud.server.stop()

    again = emulate(data=tmp_path)
    after = again.get("resources/image/upload/p", versions="true")
    for one in (before, after):
        del one["url"], one["secure_url"], one["derived"]
    assert after == before
    assert again.search()["total_count"] == 1
    assert [one["path"] for one in again.get("folders")["folders"]] == ["a", "empty"]
    assert again.get("upload_presets/one")["unsigned"] is True
    path = asset["secure_url"].split("/", 3)[3]
    assert again.session.get(f"{again.server.url}/{path}").content == png()


def test_assets_survive_writing_and_reading(tmp_path: Path) -> None:
    cloud = open_cloud(Settings(), tmp_path)
    seed_assets(cloud, [{"path": "a/b.png", "resource_type": "image", "size": 3, "tags": ["t"]}])
    (asset,) = cloud.account
    assert load_asset(dump_asset(asset)) == asset
    cloud.close()
