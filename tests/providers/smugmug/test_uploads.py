"""What goes with an upload, and what the uploader's answer means."""

import base64
import hashlib
from io import BytesIO, RawIOBase
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import facts
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Corrupt,
    Denied,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.providers.smugmug import uploads
from mirrorfs.providers.smugmug.parcel import PIECE, Parcel


class Pipe(RawIOBase):
    """A body that cannot seek and gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(min(size, 1000) if size > 0 else size)

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("name", ["a.jpg", "x~new-1.y.png", "no kind", "ä.gif"])
def test_a_copy_tells_what_it_is_to_replace(name: str) -> None:
    beside = uploads.name_beside(name, "4VKNDVB", "0123abcd")
    assert uploads.key_beside(beside) == ("4VKNDVB" if "." in name else "")
    assert uploads.key_beside(uploads.header_text(beside)) == uploads.key_beside(beside)
    assert uploads.key_beside(name) == ""


class TestHeaders:
    @pytest.mark.parametrize("text", ["photo.jpg", "a (1) & b.jpg", "100%.jpg"])
    def test_plain_texts_are_sent_as_they_are(self, text: str) -> None:
        assert uploads.header_text(text) == text

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_decoding_gives_the_text_back(self, text: str) -> None:
        sent = uploads.header_text(text)
        assert unquote(sent) == text
        assert sent.isascii()
        assert "\n" not in sent
        assert "\r" not in sent
        assert sent == sent.strip()

    def test_a_file(self) -> None:
        headers = uploads.placing_headers("/api/v2/album/A", "Zoë.PNG", is_encoded=True)
        assert headers == {
            "X-Smug-AlbumUri": "/api/v2/album/A",
            "X-Smug-FileName": "Zo%C3%AB.PNG",
            "Content-Type": "image/png",
        }

    def test_a_description(self) -> None:
        told = {facts.TITLE: "T", facts.KEYWORDS: "a; ü", facts.TAKEN: "2020-01-01T00:00:00"}
        assert uploads.describing_headers(told) == {"X-Smug-Title": "T"}
        assert uploads.describing_fields({}, told) == {"Title": "T", "Keywords": "a; ü"}

    def test_what_says_the_same_is_not_sent_again(self) -> None:
        known = {facts.KEYWORDS: "a; b", facts.LATITUDE: "47.50000000", facts.TITLE: "T"}
        wanted = {facts.KEYWORDS: "a;b", facts.LATITUDE: "47.5", facts.CAPTION: ""}
        assert uploads.describing_fields(known, wanted) == {}
        assert uploads.describing_fields(known, {facts.TITLE: "", facts.LATITUDE: ""}) == {
            "Title": "",
            "Latitude": "0",
        }


class TestAnswers:
    def test_stored(self) -> None:
        answer = {
            "stat": "ok",
            "method": "smugmug.images.upload",
            "Image": {
                "StatusImageReplaceUri": None,
                "ImageUri": "/api/v2/image/CVvj69L-0",
                "AlbumImageUri": "/api/v2/album/7dFHSm/image/CVvj69L-0",
                "URL": "https://something.cc/Test/n-DQcbP6/i-CVvj69L",
            },
        }
        assert uploads.parse_answer(answer, "x.jpg") == uploads.Stored(
            "/api/v2/image/CVvj69L-0", "/api/v2/album/7dFHSm/image/CVvj69L-0"
        )

    @pytest.mark.parametrize("image", [None, {}, {"ImageUri": "/api/v2/image/K-0"}, "x"])
    def test_stored_but_where(self, image: Any) -> None:
        with pytest.raises(BadAnswer):
            uploads.parse_answer({"stat": "ok", "Image": image}, "x.jpg")

    @pytest.mark.parametrize(
        ("code", "message", "error"),
        [
            (5, "system error", Unavailable),
            (5, "album is full", Unsupported),
            (5, "The user has not granted the required permissions", Denied),
            (6, "wrong format", Unsupported),
            (9, "invalid album", NotFound),
            (36, "invalid/expired token", Denied),
            (99, "read-only mode", Unavailable),
            (409, "Conflict", AlreadyExists),
            (77, "MD5 checksum mismatch", Corrupt),
            (1234, None, Unsupported),
        ],
    )
    def test_refused(self, code: int, message: str | None, error: type[Exception]) -> None:
        answer = {"stat": "fail", "method": "smugmug.images.upload", "code": code}
        with pytest.raises(error, match=r"x\.jpg"):
            uploads.parse_answer({**answer, "message": message}, "x.jpg")


class TestParcels:
    @pytest.mark.parametrize("size", [0, 1, 63, 64, 65, PIECE + 100])
    @pytest.mark.parametrize("kind", [BytesIO, Pipe])
    def test_it_can_be_sent_again(self, kind: Any, size: int) -> None:
        data = bytes(index % 251 for index in range(size))
        parcel = Parcel(kind(data), size, "x")
        assert parcel.head == data[:64]
        parcel.seal()
        digest = hashlib.md5(data, usedforsecurity=False)
        assert parcel.md5 == digest.hexdigest()
        assert base64.b64decode(parcel.content_md5) == digest.digest()
        assert parcel.open().read(10) == data[:10]
        assert len(parcel.open()) == size
        assert b"".join(parcel.open()) == data
        parcel.close()

    def test_a_body_that_does_not_stand_at_its_beginning(self) -> None:
        body = BytesIO(b"skipped" + b"x" * 100)
        body.seek(7)
        parcel = Parcel(body, 100, "x")
        parcel.seal()
        assert parcel.open().read() == b"x" * 100

    @pytest.mark.parametrize("size", [0, 10, 99, 101, 3_000_000])
    @pytest.mark.parametrize("kind", [BytesIO, Pipe])
    def test_another_length_than_promised(self, kind: Any, size: int) -> None:
        parcel = Parcel(kind(b"x" * 100), size, "the file")
        with pytest.raises(Corrupt, match="the file"):
            parcel.seal()
        parcel.close()

    def test_a_file_cut_while_it_is_sent(self) -> None:
        body = BytesIO(b"x" * 100)
        parcel = Parcel(body, 100, "the file")
        parcel.seal()
        stream = parcel.open()
        stream.read(50)
        body.truncate(60)
        stream.read(50)
        with pytest.raises(Corrupt, match="the file"):
            stream.read(50)
