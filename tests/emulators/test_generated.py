"""Bytes made on demand."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mirrorfs.emulators.blobs import Blob, Blobs
from mirrorfs.emulators.generated import JPEG_SIZE

FOLDER = Path(tempfile.gettempdir())
SIZES = st.integers(0, 200_000)


@given(st.sampled_from(["", "jpeg", "mp4"]), SIZES, SIZES, SIZES)
def test_any_range_is_a_part_of_the_whole(kind: str, size: int, start: int, stop: int) -> None:
    blobs, blob = Blobs(FOLDER), Blob(size, seed="s", kind=kind)
    whole = blobs.whole(blob)
    assert len(whole) == size
    start, stop = min(start, size), min(stop, size)
    assert b"".join(blobs.read(blob, start, stop)) == whole[start:stop]


@pytest.mark.parametrize("size", [2_000, 300_000])
def test_pictures_can_be_read(tmp_path: Path, size: int) -> None:
    blobs = Blobs(tmp_path)
    bodies = [blobs.whole(Blob(size, seed=f"{number}", kind="jpeg")) for number in range(3)]
    for body in bodies:
        with Image.open(io.BytesIO(body)) as picture:
            picture.load()
            assert picture.size == JPEG_SIZE
    assert len(set(bodies)) == 3


def test_films_are_mp4(tmp_path: Path) -> None:
    body = Blobs(tmp_path).whole(Blob(5_000, seed="s", kind="mp4"))
    at, names = 0, []
    while at < len(body):
        names.append(body[at + 4 : at + 8])
        at += int.from_bytes(body[at : at + 4])
    assert (names, at) == ([b"ftyp", b"moov", b"mdat"], len(body))
