"""Facts about image files, and a picture that stands for remote samples."""

from __future__ import annotations

import io
import re
import struct
import zlib
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageDraw, UnidentifiedImageError

_SAMPLE_SIZE = (241, 51)
_SAMPLE_BYTES = 3381


@dataclass(frozen=True)
class Shape:
    """Width and height in pixels (None when not known) and the number of pages or frames."""

    width: int | None = None
    height: int | None = None
    pages: int = 1


def measure(body: IO[bytes], format_: str) -> Shape | None:
    """Measure an image file; None when it is broken."""
    body.seek(0)
    if format_ == "svg":
        return _measure_svg(body.read(1 << 16))
    if format_ in {"pdf", "psd", "heic", "heif", "avif"}:
        return Shape(pages=max(1, body.read(1 << 20).count(b"/Type /Page\n")))
    if format_ == "bmp":
        return _measure_bmp(body.read(26))
    try:
        with Image.open(body) as image:
            return Shape(image.width, image.height, getattr(image, "n_frames", 1))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


def sample_picture() -> bytes:
    """Make a PNG of 241 × 51 pixels and 3381 bytes, the measure of the documentation's logo."""
    image = Image.new("RGB", _SAMPLE_SIZE, "white")
    draw = ImageDraw.Draw(image)
    for step in range(0, _SAMPLE_SIZE[0], 12):
        draw.rectangle((step, 10, step + 7, 40), fill=(step, 90, 255 - step))
    target = io.BytesIO()
    image.save(target, "PNG")
    body = target.getvalue()
    return body[:-12] + _padding(_SAMPLE_BYTES - len(body)) + body[-12:]


def _padding(size: int) -> bytes:
    """Make a PNG text chunk of ``size`` bytes in all."""
    data = b"Comment\x00" + b" " * (size - 20)
    check = zlib.crc32(b"tEXt" + data)
    return struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", check)


def _measure_bmp(head: bytes) -> Shape | None:
    if len(head) < 26:
        return None
    width, height = struct.unpack("<ii", head[18:26])
    return Shape(abs(width), abs(height)) if width and height else None


def _measure_svg(head: bytes) -> Shape:
    sizes = [
        re.search(rb"<svg[^>]*\b" + name + rb'="(\d+)', head) for name in (b"width", b"height")
    ]
    width, height = (int(found[1]) if found else None for found in sizes)
    return Shape(width, height)
