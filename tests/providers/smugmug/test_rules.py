"""What SmugMug can hold, and what folders are called in addresses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core.errors import Unsupported
from mirrorfs.providers.smugmug import rules, url_names
from mirrorfs.providers.smugmug.records import Image, Media, Rendition
from mirrorfs.providers.smugmug.rules import Kind
from mirrorfs.providers.smugmug.translate import wanted_name

JPEG = b"\xff\xd8\xff\xe0" + bytes(60)
MP4 = b"\0\0\0\x18ftypisom" + bytes(52)
HEIC = b"\0\0\0\x18ftypheic" + bytes(52)
URL_NAME = re.compile(r"[A-Z0-9][A-Za-z0-9-]{0,59}")


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "head", "kind"),
        [
            ("a.jpg", JPEG, Kind.PICTURE),
            ("a.JPEG", JPEG, Kind.PICTURE),
            ("a.png", b"\x89PNG\r\n\x1a\n", Kind.PICTURE),
            ("a.gif", b"GIF89a", Kind.PICTURE),
            ("a.mp4", MP4, Kind.VIDEO),
            ("a.MOV", b"\0\0\0\x08wide", Kind.VIDEO),
            ("a.avi", b"RIFF\n\n\n\nAVI LIST", Kind.VIDEO),
            ("a.mkv", b"\x1aE\xdf\xa3", Kind.VIDEO),
            ("a.mpg", b"\0\0\x01\xba", Kind.VIDEO),
        ],
    )
    def test_pictures_and_videos(self, name: str, head: bytes, kind: Kind) -> None:
        assert rules.check_file(name, 1000, head, {}) is kind

    @pytest.mark.parametrize(
        ("name", "head", "why"),
        [
            ("a.txt", b"text", "pictures and videos only"),
            ("a.txt", JPEG, "pictures and videos only"),
            ("jpg", JPEG, "pictures and videos only"),
            (".jpg", JPEG, "pictures and videos only"),
            ("a.jpg", b"text", "no image/jpeg"),
            ("a.jpg", b"GIF89a", "no image/jpeg"),
            ("a.jpg", MP4, "no image/jpeg"),
            ("a.mov", JPEG, "no video/quicktime"),
            ("a.heic", HEIC, "HEIC"),
            ("a.HEIF", HEIC, "HEIC"),
            ("a.jpg", HEIC, "HEIC"),
            ("a.mov", HEIC, "HEIC"),
        ],
    )
    def test_what_is_refused(self, name: str, head: bytes, why: str) -> None:
        with pytest.raises(Unsupported, match=why):
            rules.check_file(name, 1000, head, {})

    def test_empty_files(self) -> None:
        with pytest.raises(Unsupported, match="empty"):
            rules.check_file("a.jpg", 0, b"", {})

    @pytest.mark.parametrize(
        ("name", "shown"),
        [("a.MP4", "a.MP4"), ("a.b.mov", "a.b.mp4"), ("a.AVI", "a.mp4"), ("a.JPG", "a.JPG")],
    )
    def test_a_video_is_read_back_as_mp4(self, name: str, shown: str) -> None:
        assert rules.shown_name(name) == shown
        media = Media(Rendition.VIDEO, "u", 1, extension="mp4")
        is_video = rules.kind_of(name) is Kind.VIDEO
        image = Image("u", "A", "K", 0, name, "", is_video, media if is_video else None)
        assert wanted_name(image) == shown

    def test_limits(self) -> None:
        rows = [
            {"Type": "Image", "MimeTypes": ["image/jpeg", "image/png"], "MaxSize": 999},
            {"Type": "Video", "MimeTypes": ["video/mp4"], "MaxSize": "3000000000"},
            {"Type": "?", "MimeTypes": None, "MaxSize": 1},
            {"Type": "?", "MimeTypes": ["image/gif"], "MaxSize": None},
            "nonsense",
        ]
        limits = rules.parse_limits(rows)
        assert limits == {"image/jpeg": 999, "image/png": 999, "video/mp4": 3_000_000_000}
        assert rules.check_file("a.mp4", 1000, MP4, limits)
        with pytest.raises(Unsupported, match="999"):
            rules.check_file("a.jpg", 1000, JPEG, limits)
        assert rules.parse_limits(None) == {}

    def test_long_names_of_folders(self) -> None:
        rules.check_folder("x" * 254)
        with pytest.raises(Unsupported, match="254"):
            rules.check_folder("x" * 255)


class TestUrlNames:
    @pytest.mark.parametrize(
        ("name", "url_name"),
        [
            ("Summer 2020", "Summer-2020"),
            ("wp-album", "Wp-album"),
            ("2020: a/b?", "2020-a-b"),
            ("Été à Zürich", "Ete-a-Zurich"),
            (" dots...", "Dots"),
            ("x" * 80, "X" + "x" * 59),
        ],
    )
    def test_plain(self, name: str, url_name: str) -> None:
        assert url_names.plain(name) == url_name

    def test_nothing_is_left_of_the_name(self) -> None:
        assert url_names.plain("日本") == url_names.marked("日本") != url_names.plain("中国")
        assert url_names.plain("日本").startswith("Folder-")

    @given(st.text(min_size=1, max_size=100))
    def test_they_are_lawful(self, name: str) -> None:
        assert URL_NAME.fullmatch(url_names.plain(name))
        assert URL_NAME.fullmatch(url_names.marked(name))

    @given(st.text(min_size=1), st.text(min_size=1))
    def test_marked_ones_differ(self, one: str, two: str) -> None:
        assert (url_names.marked(one) == url_names.marked(two)) == (one == two)
