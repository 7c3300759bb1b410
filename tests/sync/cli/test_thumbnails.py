"""Small pictures, from files of this machine alone."""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from mirrorfs.core.paths import RemotePath
from sync.cli.thumbnails import pictures_of, thumbnail
from sync.model import Side
from tests.sync import runs


def opened(address: str) -> Image.Image:
    head, _, body = address.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG", "a.png", "a.gif", "a.webp", "a.bmp", "a.tiff"])
def test_a_picture_becomes_a_small_one(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (1200, 800), "#38c").save(tmp_path / name)

    assert opened(thumbnail(tmp_path / name)).size == (320, 213)


def test_a_picture_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    picture = Image.new("RGB", (800, 400), "#38c")
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif)

    assert opened(thumbnail(tmp_path / "a.jpg")).size == (160, 320)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_any_kind_of_colours_will_do(tmp_path: Path, mode: str) -> None:
    name = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    Image.new(mode, (40, 30)).save(name)

    assert opened(thumbnail(name)).mode == "RGB"


def test_what_is_no_picture_has_none(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff no")
    (tmp_path / "page.html").write_text("<p>")
    (tmp_path / "folder.jpg").mkdir()

    for name in ("broken.jpg", "page.html", "folder.jpg", "none.jpg"):
        assert thumbnail(tmp_path / name) == ""


def test_a_picture_that_would_fill_the_memory_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("1", (4000, 4000)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)

    assert thumbnail(tmp_path / "bomb.png") == ""


def test_only_what_is_here_is_looked_for(tmp_path: Path) -> None:
    asked: list[tuple[Side, str]] = []

    def place(side: Side, path: RemotePath) -> Path | None:
        asked.append((side, path))
        return None

    found = pictures_of(runs.RUN, place)

    assert (dict(found.done), dict(found.conflicts)) == ({}, {})
    assert (Side.TWO, "a/new.jpg") in asked
    assert (Side.ONE, "a/new.jpg") in asked


def test_without_pillow_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.Image", None)

    assert not pictures_of(runs.RUN, lambda _side, _path: Path("/")).done
