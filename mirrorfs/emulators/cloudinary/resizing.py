"""The crop modes: https://cloudinary.com/documentation/resizing_and_cropping."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image, ImageOps

from mirrorfs.emulators.cloudinary.transformation import invalid

Size = tuple[int, int]

_MOST = 10_000
_ANCHORS = {
    "north": (0.5, 0.0), "south": (0.5, 1.0), "west": (0.0, 0.5), "east": (1.0, 0.5),
    "north_west": (0.0, 0.0), "north_east": (1.0, 0.0),
    "south_west": (0.0, 1.0), "south_east": (1.0, 1.0),
}  # fmt: skip
_INSIDE = {"fit", "limit", "mfit", "mpad", "lpad", "pad"}
_COVER = {"fill", "lfill", "thumb", "auto", "fill_pad"}
_CUT = {"crop"}
_EXACT = {"scale"}


def resize(image: Image.Image, step: Mapping[str, str]) -> Image.Image:
    """Resize an image as one step asks; 400 for values that mean nothing."""
    width = _length(step, "w", image.width)
    height = _length(step, "h", image.height)
    ratio = _ratio(step)
    if ratio and width and not height:
        height = max(1, round(width / ratio))
    elif ratio and height and not width:
        width = max(1, round(height * ratio))
    mode = step.get("c", "scale")
    if mode not in _INSIDE | _COVER | _CUT | _EXACT:
        raise invalid("c", mode)
    if not width and not height:
        return image
    if mode in _EXACT or not (width and height):
        return _scale(image, mode, (width, height))
    return _fit(image, mode, (width, height), step)


def _scale(image: Image.Image, mode: str, size: tuple[int, int]) -> Image.Image:
    """Resize to one or two given sides; a missing one follows the aspect ratio."""
    width, height = size
    if mode == "crop":
        return image.crop((0, 0, width or image.width, height or image.height))
    if not width:
        width = max(1, round(image.width * height / image.height))
    if not height:
        height = max(1, round(image.height * width / image.width))
    shrinks = mode in {"limit", "lpad", "lfill"}
    if shrinks and (width > image.width or height > image.height):
        return image
    return image.resize((width, height))


def _fit(image: Image.Image, mode: str, size: Size, step: Mapping[str, str]) -> Image.Image:
    anchor = _ANCHORS.get(step.get("g", ""), (0.5, 0.5))
    smaller = image.width <= size[0] and image.height <= size[1]
    if mode == "crop":
        return _crop(image, size, step, anchor)
    if mode in _COVER:
        return ImageOps.fit(image, size, centering=anchor)
    if mode == "fit" or (mode in {"limit", "lpad"} and not smaller):
        inner = ImageOps.contain(image, size)
    elif mode in {"limit", "lpad", "mpad"}:
        inner = image
    else:
        inner = ImageOps.contain(image, size)
    if mode in {"pad", "lpad", "mpad"} and (inner.width <= size[0] and inner.height <= size[1]):
        ground = Image.new(image.mode, size, "white")
        ground.paste(inner, ((size[0] - inner.width) // 2, (size[1] - inner.height) // 2))
        return ground
    return inner


def _crop(
    image: Image.Image, size: Size, step: Mapping[str, str], anchor: tuple[float, float]
) -> Image.Image:
    width, height = min(size[0], image.width), min(size[1], image.height)
    if "x" in step or "y" in step:
        left, top = _offset(step, "x"), _offset(step, "y")
    else:
        left = round((image.width - width) * anchor[0])
        top = round((image.height - height) * anchor[1])
    left, top = min(left, image.width - width), min(top, image.height - height)
    return image.crop((left, top, left + width, top + height))


def _length(step: Mapping[str, str], name: str, side: int) -> int:
    """Read a side in pixels: a whole number, a fraction of the image, or ``auto``; 0 if absent."""
    text = step.get(name, "")
    if text in {"", "auto"} or text.startswith("auto:"):
        return 0
    if text in {"iw", "ih"}:
        return side
    try:
        length = round(float(text) * side) if "." in text else int(text)
    except ValueError:
        raise invalid(name, text) from None
    if not 0 < length <= _MOST:
        raise invalid(name, text)
    return length


def _ratio(step: Mapping[str, str]) -> float:
    text = step.get("ar", "")
    left, colon, right = text.partition(":")
    try:
        value = float(left) / float(right) if colon else float(text or 0)
    except (ValueError, ZeroDivisionError):
        raise invalid("ar", text) from None
    return value


def _offset(step: Mapping[str, str], name: str) -> int:
    text = step.get(name, "0")
    if not text.lstrip("-").isdigit():
        raise invalid(name, text)
    return max(0, int(text))
