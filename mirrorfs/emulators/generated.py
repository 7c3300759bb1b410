"""Bytes made on demand from a seed: nothing is kept, any range costs the same.

A ``jpeg`` begins with a small picture that every decoder reads, an ``mp4`` with the boxes of a
film; what follows is noise, which decoders pass over.
"""

from __future__ import annotations

import functools
import hashlib
import io
import struct
import zlib
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CHUNK = 1 << 20
JPEG_SIZE = (64, 48)
"""Width and height of generated pictures in pixels."""

_UNIT = 1 << 16
_COLORS = 16


def generate(kind: str, seed: str, span: tuple[int, int, int]) -> Iterator[bytes]:
    """Give the bytes ``[start, stop)`` of a body; ``span`` is start, stop and the body's size."""
    start, stop, size = span
    head = _HEADS[kind](seed, size)[:size]
    if start < len(head):
        yield head[start:stop]
    yield from _noise(seed, max(0, start - len(head)), stop - len(head))


def _noise(seed: str, start: int, stop: int) -> Iterator[bytes]:
    """Give bytes of an endless stream: a pseudo-random unit, numbered every 64 KiB."""
    if start >= stop:
        return
    unit = hashlib.shake_128(seed.encode()).digest(min(_UNIT - 8, stop))
    while start < stop:
        first = start // _UNIT
        last = min((stop - 1) // _UNIT, first + CHUNK // _UNIT - 1)
        block = b"".join(number.to_bytes(8, "big") + unit for number in range(first, last + 1))
        piece = block[start - first * _UNIT : stop - first * _UNIT]
        yield piece
        start += len(piece)


def _jpeg(seed: str, _size: int) -> bytes:
    return _picture(zlib.crc32(seed.encode()) % _COLORS)


@functools.cache
def _picture(number: int) -> bytes:
    target = io.BytesIO()
    shade = number * 255 // _COLORS
    image = Image.linear_gradient("L").resize(JPEG_SIZE)
    Image.merge(
        "RGB", (image, image.point(lambda level: 255 - level), image.point([shade] * 256))
    ).save(target, "JPEG", quality=80)
    return target.getvalue()


def _mp4(_seed: str, size: int) -> bytes:
    """Give the boxes before the noise: type, a movie header of ten seconds, the data's header."""
    kind = _box(b"ftyp", b"mp42" + bytes(4) + b"mp42isom")
    header = struct.pack(">5I", 0, 0, 0, 1000, 10_000) + struct.pack(">IH", 0x10000, 0x100)
    movie = _box(b"moov", _box(b"mvhd", header.ljust(96, b"\0") + struct.pack(">I", 1)))
    rest = max(8, size - len(kind) - len(movie))
    return kind + movie + struct.pack(">I", min(rest, 2**32 - 1)) + b"mdat"


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


_HEADS: Mapping[str, Callable[[str, int], bytes]] = {
    "": lambda _seed, _size: b"",
    "jpeg": _jpeg,
    "mp4": _mp4,
}
