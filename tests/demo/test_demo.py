"""The demonstration, from beginning to end, as ``make demo ARGS=--once`` runs it."""

import datetime
import io
import re
import subprocess
import sys

import pytest
from PIL import Image

from mirrorfs.demo import album, pictures, video


@pytest.mark.parametrize("mode", ["dynamic", "fixed"])
def test_once(mode: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mirrorfs", "demo", "--once", "--folder-mode", mode],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "\n✓ 65 files, every one with the MD5 of what was uploaded\n" in run.stdout
    for name, file in (("Cloudinary", "IMG_4001.jpg"), ("SmugMug", "DSC_7501.jpg")):
        assert f"\n✓ {name} cost " in run.stdout
        assert f" {name}/" in run.stdout
        assert file in run.stdout
    assert "Alps/  IMG_4001.jpg … and 9 more\n" in run.stdout
    assert len(run.stdout.splitlines()) < 40
    assert not re.search(r"\d [kM]?B\b", run.stdout)


def test_album_has_every_kind_and_no_path_twice() -> None:
    paths = [item.path for item in album.items()]
    assert len(set(paths)) == len(paths) > 30
    assert {path.rpartition(".")[2] for path in paths} >= {"jpg", "png", "webp", "avi", "txt"}


def test_galleries_hold_photographs_only() -> None:
    paths = [item.path for item in album.galleries()]
    assert len(set(paths)) == len(paths) > 20
    assert {path.rpartition(".")[2] for path in paths} == {"jpg", "png"}


def test_photographs_are_the_same_every_time_and_hold_exif() -> None:
    shot = pictures.Shot(datetime.datetime(2024, 5, 1, 10, 30), 47.5, -11.25)
    body = pictures.photograph(3, shot)
    assert body == pictures.photograph(3, shot)
    exif = Image.open(io.BytesIO(body)).getexif()
    assert exif.get_ifd(0x8769)[0x9003] == "2024:05:01 10:30:00"
    assert exif.get_ifd(0x8825)[2] == (47.0, 30.0, 0.0)
    assert exif.get_ifd(0x8825)[3] == "W"


def test_film_is_a_whole_avi() -> None:
    frames = pictures.frames(1, 3)
    film = video.film(frames, (320, 213))
    assert film[:4] == b"RIFF"
    assert film[8:12] == b"AVI "
    assert int.from_bytes(film[4:8], "little") == len(film) - 8
    assert all(frame in film for frame in frames)
