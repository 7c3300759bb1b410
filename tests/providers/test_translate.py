from typing import Any

import pytest

from mirrorfs.core import facts
from mirrorfs.core.digest import md5
from mirrorfs.core.errors import BadAnswer
from mirrorfs.core.paths import parse
from mirrorfs.providers.cloudinary.times import SECOND
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset, to_entry, wanted_name
from tests.providers.items import MD5, item


def read(*, dynamic: bool = True, **changes: Any) -> Asset:
    asset = parse_asset(item(**changes), dynamic=dynamic)
    assert asset
    return asset


class TestNames:
    @pytest.mark.parametrize(
        ("display_name", "format_", "name"),
        [
            ("photo", "jpg", "photo.jpg"),
            ("photo.jpg", "jpg", "photo.jpg"),
            ("photo.JPEG", "jpg", "photo.JPEG"),
            ("photo.jpeg", "jpg", "photo.jpeg"),
            ("scan.TIF", "tiff", "scan.TIF"),
            ("photo.png", "jpg", "photo.png.jpg"),
            ("a.b", "jpg", "a.b.jpg"),
            ("jpg", "jpg", "jpg.jpg"),
            ("photo", "", "photo"),
            ("..", "jpg", "...jpg"),
        ],
    )
    def test_images(self, display_name: str, format_: str, name: str) -> None:
        assert wanted_name(read(display_name=display_name, format=format_)) == name

    def test_raw_files_are_called_as_they_are(self) -> None:
        raw = read(resource_type="raw", format=None, display_name="index.ts")
        assert wanted_name(raw) == "index.ts"
        odd = read(resource_type="raw", format="ts", display_name="index")
        assert wanted_name(odd) == "index"

    def test_without_display_name_the_public_id_tells(self) -> None:
        assert wanted_name(read(display_name=None, public_id="a/b/c")) == "c.jpg"

    @pytest.mark.parametrize(
        ("public_id", "context", "folder", "name"),
        [
            ("a/b/photo", {}, "a/b", "photo.jpg"),
            ("photo", {}, "", "photo.jpg"),
            ("photo.JPG", {}, "", "photo.JPG"),
            ("photo", {"mirrorfs_name": "photo.PNG"}, "", "photo.PNG"),
            ("photo.png", {"mirrorfs_name": "photo.png"}, "", "photo.png"),
            ("renamed", {"mirrorfs_name": "photo.PNG"}, "", "renamed.jpg"),
        ],
    )
    def test_fixed_mode(self, public_id: str, context: Any, folder: str, name: str) -> None:
        fields = {"asset_folder": None, "display_name": None, "folder": folder}
        asset = read(dynamic=False, public_id=public_id, context=context, **fields)
        assert (asset.folder, wanted_name(asset)) == (folder, name)

    def test_a_kept_name_ends_with_a_rename_elsewhere(self) -> None:
        context = {"mirrorfs_name": "x.png"}
        assert wanted_name(read(display_name="x.png", context=context)) == "x.png"
        assert wanted_name(read(display_name="y", context=context)) == "y.jpg"


class TestEntries:
    def test_a_whole_entry(self) -> None:
        entry = to_entry(read(tags=["b", "a"], context={"alt": "A cat"}), parse("a/b/photo.jpg"))
        assert (entry.id, entry.revision, entry.size) == ("a1", MD5, 1000)
        assert entry.digest == md5(MD5)
        assert entry.modified == 1719305903 * SECOND
        assert entry.facts["url"].endswith("/v1719305903/xyz123.jpg")
        assert entry.facts["keywords"] == "b; a"
        assert entry.facts["caption"] == "A cat"
        assert entry.facts["context.alt"] == "A cat"
        assert all(isinstance(value, str) for value in entry.facts.values())

    def test_an_address_that_opens_it_to_anybody_is_not_shown(self) -> None:
        url = "https://res.cloudinary.com/demo/image/private/s--AbCd-_gh--/v1719305903/xyz123.jpg"
        entry = to_entry(read(type="private", secure_url=url), parse("x.jpg"))
        assert entry.facts[facts.PRIVATE_URL] == url
        assert not [text for text in facts.shown(entry.facts).values() if "AbCd" in text]
        public = to_entry(read(), parse("x.jpg")).facts
        assert facts.shown(public) == public

    def test_times_are_never_the_creation(self) -> None:
        def modified(**changes: Any) -> int:
            return to_entry(read(**changes), parse("x")).modified

        assert modified(uploaded_at=None) == 1719305903 * SECOND
        assert modified(context={"mtime": "2020-01-01T00:00:00.5Z"}) == 1577836800_500000000
        assert modified(context={"custom": {"mtime": "1577836800.5"}}) == 1577836800_500000000
        assert modified(context={"mtime": "yesterday"}) == 1719305903 * SECOND

    def test_the_revision_is_the_content(self) -> None:
        assert read(version=5).revision == read(version=6, tags=["new"]).revision
        assert read(etag=None).revision != read(etag=None, version=6).revision
        assert read(etag=None, version=5).revision == read(etag="", version=5).revision
        assert to_entry(read(etag=None), parse("x")).digest is None
        assert to_entry(read(etag="W/x"), parse("x")).digest is None
        assert to_entry(read(etag=MD5.upper()), parse("x")).digest == md5(MD5)

    def test_a_revision_is_known_with_and_without_etag(self) -> None:
        with_etag, without = read(), read(etag=None)
        assert with_etag.is_at(without.revision)
        assert with_etag.is_at(with_etag.revision)
        assert not with_etag.is_at("f" * 32)

    @pytest.mark.parametrize(
        "changes",
        [{"placeholder": True, "bytes": 0}, {"status": "deleted"}, {"status": "not_found"}],
    )
    def test_what_is_gone_is_not_there(self, changes: dict[str, Any]) -> None:
        assert parse_asset(item(**changes), dynamic=True) is None

    @pytest.mark.parametrize(
        "field",
        ["asset_id", "public_id", "resource_type", "type", "version", "bytes", "secure_url",
         "asset_folder"],
    )  # fmt: skip
    def test_a_missing_field_is_an_error(self, field: str) -> None:
        with pytest.raises(BadAnswer):
            parse_asset(item(**{field: None}), dynamic=True)

    @pytest.mark.parametrize(
        "changes",
        [{"bytes": -1}, {"bytes": True}, {"bytes": "many"}, {"resource_type": "text"},
         {"asset_id": 5}, {"public_id": ""}],
    )  # fmt: skip
    def test_nonsense_is_an_error(self, changes: dict[str, Any]) -> None:
        with pytest.raises(BadAnswer):
            parse_asset(item(**changes), dynamic=True)

    def test_what_the_service_may_leave_open(self) -> None:
        asset = parse_asset({**item(), "asset_folder": None, "etag": None}, dynamic=True)
        assert asset
        assert (asset.folder, asset.etag) == ("", "")
        assert read(version="5").version == 5
        assert read(created_at="2021-06-25T08:58:23Z").created_at == read().created_at
