"""The official SDK on what its own suite only mocks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import cloudinary
import pytest
from cloudinary import Search, SearchFolders, api, exceptions, uploader, utils

from mirrorfs.emulators.cloudinary import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["dynamic", "fixed"])
def mode(request: pytest.FixtureRequest) -> Iterator[str]:
    with Server(Settings(folder_mode=request.param)) as server:
        settings = server.settings
        cloudinary.config(
            cloud_name=settings.cloud_name,
            api_key=settings.api_key,
            api_secret=settings.api_secret,
            upload_prefix=server.url,
        )
        yield request.param
    cloudinary.reset_config()


def _upload(body: bytes, **options: Any) -> dict[str, Any]:
    return uploader.upload(io.BytesIO(body), resource_type="raw", **options)


def test_config_and_folders(mode: str) -> None:
    assert api.config(settings=True)["settings"]["folder_mode"] == mode
    api.create_folder("a/b")
    assert [one["path"] for one in api.root_folders()["folders"]] == ["a"]
    assert [one["path"] for one in api.subfolders("a")["folders"]] == ["a/b"]
    assert SearchFolders().expression("path:a/*").execute()["total_count"] == 2
    if mode == "dynamic":
        assert api.rename_folder("a/b", "c")["to"] == {"name": "c", "path": "c"}
    else:
        with pytest.raises(exceptions.BadRequest):
            api.rename_folder("a/b", "c")
    assert api.delete_folder("a")["deleted"][0] == "a"
    with pytest.raises(exceptions.NotFound, match="Can't find folder with path a"):
        api.subfolders("a")


def test_listing_by_folder(mode: str) -> None:
    _upload(b"1", public_id="one.txt", folder="x")
    if mode == "fixed":
        with pytest.raises(exceptions.BadRequest):
            api.resources_by_asset_folder("x")
        found = Search().expression("folder=x").execute()["resources"]
        assert [one["public_id"] for one in found] == ["x/one.txt"]
        return
    found = api.resources_by_asset_folder("x")["resources"]
    assert [(one["public_id"], one["display_name"]) for one in found] == [("x/one.txt", "one.txt")]
    api.update("x/one.txt", resource_type="raw", asset_folder="y", display_name="two")
    assert api.resources_by_asset_folder("x")["resources"] == []
    assert api.resources_by_asset_folder("y")["resources"][0]["display_name"] == "two"


def test_paging(mode: str) -> None:
    for number in range(12):
        _upload(b"x", public_id=f"p{number:02}")
    seen: list[str] = []
    cursor = None
    while True:
        page = api.resources(resource_type="raw", max_results=5, next_cursor=cursor)
        seen += [one["public_id"] for one in page["resources"]]
        cursor = page.get("next_cursor")
        if not cursor:
            break
    assert sorted(seen) == [f"p{number:02}" for number in range(12)]
    assert page.rate_limit_remaining == 497


def test_download_links(mode: str) -> None:
    asset = _upload(b"secret", public_id="s.txt", type="authenticated", backup=True)
    options = {"resource_type": "raw", "type": "authenticated"}
    link = utils.private_download_url("s.txt", "", **options)
    assert _fetch(link) == b"secret"
    signed = utils.cloudinary_url("s.txt", sign_url=True, version=asset["version"], **options)[0]
    path = signed.split("cloudinary.com", 1)[1]
    assert _fetch(cloudinary.config().upload_prefix + path) == b"secret"
    details = api.resource("s.txt", versions=True, **options)
    version = details["versions"][0]["version_id"]
    assert _fetch(utils.download_backedup_asset(asset["asset_id"], version)) == b"secret"


def test_errors(mode: str) -> None:
    with pytest.raises(exceptions.BadRequest, match="Empty file"):
        _upload(b"")
    with pytest.raises(exceptions.BadRequest, match="cannot be parsed"):
        Search().expression("bytes>").execute()
    cloudinary.config(api_secret="wrong")
    with pytest.raises(exceptions.AuthorizationRequired):
        api.ping()
    with pytest.raises(exceptions.AuthorizationRequired, match="Invalid Signature"):
        _upload(b"x")


def test_rate_limit() -> None:
    with Server(Settings(hourly_limit=1)) as server:
        cloudinary.config(
            cloud_name="demo", api_key="key", api_secret="secret", upload_prefix=server.url
        )
        api.ping()
        with pytest.raises(exceptions.RateLimited, match="Try again on"):
            api.ping()
    cloudinary.reset_config()


def _fetch(url: str) -> bytes:
    response = uploader._http.request("GET", url)
    assert response.status == 200, response.headers
    return response.data
