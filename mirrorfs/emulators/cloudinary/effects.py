"""How a step changes the look of an image: angle, effects, opacity, background, text overlay."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont, ImageOps

from mirrorfs.emulators.cloudinary.transformation import invalid

Look = Callable[[Image.Image], Image.Image]


def apply_look(image: Image.Image, step: Mapping[str, str]) -> Image.Image:
    """Apply what a step says besides size; 400 for unknown effects and angles."""
    for name, change in (("e", _effect), ("a", _turn), ("o", _fade), ("b", _ground), ("l", _write)):
        if name in step:
            image = change(image, step[name])
    return image


def _effect(image: Image.Image, value: str) -> Image.Image:
    name, _, amount = value.partition(":")
    looks: dict[str, Look] = {
        "grayscale": lambda one: _keep_alpha(one, ImageOps.grayscale(one.convert("RGB"))),
        "blackwhite": lambda one: _keep_alpha(one, ImageOps.grayscale(one).convert("1")),
        "negate": lambda one: _keep_alpha(one, ImageOps.invert(one.convert("RGB"))),
        "sepia": _sepia,
        "blur": lambda one: one.filter(ImageFilter.GaussianBlur(_number(amount, 100) / 100)),
        "sharpen": lambda one: one.filter(ImageFilter.SHARPEN),
        "pixelate": lambda one: _pixelate(one, _number(amount, 5)),
        "improve": lambda one: one,
        "trim": lambda one: one,
    }
    if name not in looks:
        raise invalid("e", value)
    return looks[name](image)


def _turn(image: Image.Image, value: str) -> Image.Image:
    for part in value.split("."):
        if part == "hflip":
            image = ImageOps.mirror(image)
        elif part == "vflip":
            image = ImageOps.flip(image)
        elif part.lstrip("-").isdigit():
            image = _rotate(image, int(part))
        elif part not in {"auto_right", "auto_left", "ignore", "exif"}:
            raise invalid("a", value)
    return image


def _rotate(image: Image.Image, degrees: int) -> Image.Image:
    """Turn clockwise; the sides are those of the turned rectangle, rounded to whole pixels."""
    sine, cosine = (abs(turn(math.radians(degrees))) for turn in (math.sin, math.cos))
    width = round(image.width * cosine + image.height * sine)
    height = round(image.width * sine + image.height * cosine)
    turned = image.rotate(-degrees, expand=True)
    left, top = (turned.width - width) // 2, (turned.height - height) // 2
    return turned.crop((left, top, left + width, top + height))


def _fade(image: Image.Image, value: str) -> Image.Image:
    if not value.isdigit() or int(value) > 100:
        raise invalid("o", value)
    faded = image.convert("RGBA")
    faded.putalpha(faded.getchannel("A").point(lambda level: level * int(value) // 100))
    return faded


def _ground(image: Image.Image, value: str) -> Image.Image:
    if image.mode != "RGBA" or value.startswith("auto"):
        return image
    name = value.replace("rgb:", "#")
    try:
        ground = Image.new("RGBA", image.size, ImageColor.getrgb(name))
    except ValueError:
        raise invalid("b", value) from None
    ground.alpha_composite(image)
    return ground


def _write(image: Image.Image, value: str) -> Image.Image:
    """Write ``text:<font>_<size>:<text>`` in the middle; other overlays change nothing."""
    kind, _, rest = value.partition(":")
    if kind == "text":
        style, _, text = rest.rpartition(":")
        size = next((int(part) for part in style.split("_") if part.isdigit()), 12)
        place = (image.width // 2, image.height // 2)
        font = ImageFont.load_default(size)
        ImageDraw.Draw(image).text(place, text, fill="black", font=font, anchor="mm")
    return image


def _sepia(image: Image.Image) -> Image.Image:
    gray = ImageOps.grayscale(image.convert("RGB"))
    return _keep_alpha(image, ImageOps.colorize(gray, "#140f09", "#fff0c0"))


def _pixelate(image: Image.Image, block: int) -> Image.Image:
    small = (max(1, image.width // block), max(1, image.height // block))
    return image.resize(small).resize(image.size, Image.Resampling.NEAREST)


def _keep_alpha(image: Image.Image, changed: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return changed.convert("RGB")
    result = changed.convert("RGBA")
    result.putalpha(image.getchannel("A"))
    return result


def _number(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdigit() or not int(text):
        raise invalid("e", text)
    return int(text)
