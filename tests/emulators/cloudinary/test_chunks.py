"""Uploads in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mirrorfs.emulators.cloudinary.chunks import Piece, parse_piece
from mirrorfs.emulators.cloudinary.errors import ApiError

if TYPE_CHECKING:
    import requests

    from .conftest import Caller

SIZE = 5_100_000
BODY = bytes(range(256)) * 40_000


def _send(cloud: Caller, start: int, stop: int, **params: str) -> requests.Response:
    headers = {
        "X-Unique-Upload-Id": "one",
        "Content-Range": f"bytes {start}-{stop - 1}/{len(BODY)}",
    }
    return cloud.post("raw/upload", BODY[start:stop], headers=headers, name="big.bin", **params)


def test_pieces_make_one_asset(cloud: Caller) -> None:
    first = _send(cloud, 0, SIZE, public_id="big.bin").json()
    assert first["done"] is False
    assert first["bytes"] == SIZE
    assert first["public_id"] == "big.bin"
    for _ in range(2):
        again = _send(cloud, SIZE, 2 * SIZE, public_id="big.bin").json()
        assert again["bytes"] == 2 * SIZE
    asset = _send(cloud, 2 * SIZE, len(BODY), public_id="big.bin").json()
    assert asset["bytes"] == len(BODY)
    assert asset["original_filename"] == "big"
    assert cloud.session.get(asset["secure_url"]).content == BODY


def test_missing_pieces_are_noticed(cloud: Caller) -> None:
    _send(cloud, 0, SIZE, public_id="x")
    answer = _send(cloud, 2 * SIZE, len(BODY), public_id="x")
    assert answer.status_code == 400
    assert "missing" in answer.json()["error"]["message"]


def test_first_piece_comes_first(cloud: Caller) -> None:
    assert _send(cloud, SIZE, 2 * SIZE).status_code == 400


def test_parse_piece() -> None:
    assert parse_piece("bytes 0-9/10", 10) == Piece(0, 10, 10)
    for text, size in (("bytes 0-9/100", 10), ("bytes 0-9/10", 9), ("0-9/10", 10)):
        with pytest.raises(ApiError):
            parse_piece(text, size)
