"""Photographs drawn from a number: the same number gives the same bytes."""

from __future__ import annotations

import datetime
import io
import itertools
import random
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageOps

SIZE = (1280, 853)
"""Width and height in pixels, the 3:2 of a camera."""

_SKIES = (
    ((24, 40, 92), (247, 166, 106)),
    ((58, 123, 186), (214, 232, 240)),
    ((70, 40, 88), (250, 196, 132)),
    ((18, 28, 50), (122, 150, 178)),
    ((92, 148, 190), (252, 226, 180)),
)
_CAMERAS = (("Fujifilm", "X100V"), ("NIKON CORPORATION", "Z 6"), ("Canon", "EOS R6"))


@dataclass(frozen=True, slots=True)
class Shot:
    """What the camera noted: when (local time) and where (degrees north and east)."""

    taken: datetime.datetime
    latitude: float
    longitude: float


def photograph(seed: int, shot: Shot, kind: str = "JPEG") -> bytes:
    """Return a landscape as an image file of ``kind`` (a Pillow format name) with EXIF."""
    chance = random.Random(seed)
    image = _landscape(chance)
    body = io.BytesIO()
    options = {"quality": 88} if kind in {"JPEG", "WEBP"} else {}
    image.save(body, kind, exif=_exif(shot, *chance.choice(_CAMERAS)), **options)
    return body.getvalue()


def frames(seed: int, count: int) -> list[bytes]:
    """Return ``count`` JPEG frames of 320 × 213 pixels that pan over a landscape."""
    wide = _landscape(random.Random(seed)).resize((480, 320))
    result = []
    for n in range(count):
        left = round(160 * n / max(1, count - 1))
        body = io.BytesIO()
        wide.crop((left, 40, left + 320, 253)).save(body, "JPEG", quality=80)
        result.append(body.getvalue())
    return result


def _landscape(chance: random.Random) -> Image.Image:
    top, bottom = chance.choice(_SKIES)
    image = ImageOps.colorize(Image.linear_gradient("L").resize(SIZE), top, bottom)
    _draw_sun(image, chance, bottom)
    for layer in range(5):
        _draw_ridge(image, chance, layer, (top, bottom))
    grain = Image.frombytes("L", SIZE, chance.randbytes(SIZE[0] * SIZE[1])).convert("RGB")
    return Image.blend(image, grain, 0.03)


def _draw_sun(image: Image.Image, chance: random.Random, glow: tuple[int, int, int]) -> None:
    x, y = chance.randrange(200, SIZE[0] - 200), chance.randrange(120, 420)
    light = Image.new("L", SIZE)
    ImageDraw.Draw(light).ellipse((x - 150, y - 150, x + 150, y + 150), fill=120)
    light = light.filter(ImageFilter.GaussianBlur(70))
    ImageDraw.Draw(light).ellipse((x - 34, y - 34, x + 34, y + 34), fill=240)
    light = light.filter(ImageFilter.GaussianBlur(2))
    warm = tuple((channel + 2 * 255) // 3 for channel in glow)
    image.paste(Image.new("RGB", SIZE, warm), mask=light)


def _draw_ridge(
    image: Image.Image,
    chance: random.Random,
    layer: int,
    sky: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    width, height = SIZE
    base = height * (0.45 + 0.11 * layer)
    points = _ridge(chance, base, 150 - 18 * layer)
    near = (layer + 1) / 5
    colour = tuple(
        round((1 - near) * (far * 0.55 + haze * 0.45) + near * (far * 0.22 + 8))
        for far, haze in zip(*sky, strict=True)
    )
    ImageDraw.Draw(image).polygon([(0, height), *points, (width, height)], fill=colour)


def _ridge(chance: random.Random, base: float, rough: float) -> list[tuple[float, float]]:
    heights = [base + chance.uniform(-rough, rough) / 2 for _ in range(2)]
    while len(heights) < 129:
        rough *= 0.55
        middles = [
            (a + b) / 2 + chance.uniform(-rough, rough) for a, b in itertools.pairwise(heights)
        ]
        heights = [y for pair in zip(heights, middles, strict=False) for y in pair] + heights[-1:]
    return [(SIZE[0] * n / 128, y) for n, y in enumerate(heights)]


def _exif(shot: Shot, maker: str, model: str) -> Image.Exif:
    exif = Image.Exif()
    taken = shot.taken.strftime("%Y:%m:%d %H:%M:%S")
    exif[ExifTags.Base.Make] = maker
    exif[ExifTags.Base.Model] = model
    exif[ExifTags.Base.DateTime] = taken
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.DateTimeOriginal] = taken
    detail[ExifTags.Base.FNumber] = 5.6
    detail[ExifTags.Base.ISOSpeedRatings] = 200
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N" if shot.latitude >= 0 else "S"
    place[ExifTags.GPS.GPSLatitude] = _degrees(shot.latitude)
    place[ExifTags.GPS.GPSLongitudeRef] = "E" if shot.longitude >= 0 else "W"
    place[ExifTags.GPS.GPSLongitude] = _degrees(shot.longitude)
    return exif


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, seconds = divmod(abs(value) * 3600, 60)
    degrees, minutes = divmod(minutes, 60)
    return degrees, minutes, round(seconds, 2)
