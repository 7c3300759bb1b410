"""A short film in the plainest container there is: Motion JPEG in AVI.

Layout after Microsoft's "AVI RIFF File Reference": ``RIFF('AVI ' LIST('hdrl' avih
LIST('strl' strh strf)) LIST('movi' 00dc…) idx1)``, all numbers little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_HAS_INDEX = 0x10
_KEY_FRAME = 0x10


def film(frames: Sequence[bytes], size: tuple[int, int], rate: int = 12) -> bytes:
    """Return an AVI file of JPEG ``frames``, all of ``size`` (width, height) pixels.

    ``rate`` is in frames per second.
    """
    width, height = size
    largest = max(map(len, frames))
    header = struct.pack(
        "<14I", 1_000_000 // rate, largest * rate, 0, _HAS_INDEX, len(frames), 0, 1, largest,
        width, height, 0, 0, 0, 0,
    )  # fmt: skip
    stream = struct.pack(
        "<4s4sIHHIIIIIIII4H", b"vids", b"MJPG", 0, 0, 0, 0, 1, rate, 0, len(frames), largest,
        0xFFFFFFFF, 0, 0, 0, width, height,
    )  # fmt: skip
    picture = struct.pack(
        "<IiiHH4sIiiII", 40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0
    )
    head = _list(
        b"hdrl",
        _chunk(b"avih", header)
        + _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", picture)),
    )
    movie, index, offset = [], [], 4
    for frame in frames:
        chunk = _chunk(b"00dc", frame)
        index.append(struct.pack("<4sIII", b"00dc", _KEY_FRAME, offset, len(frame)))
        movie.append(chunk)
        offset += len(chunk)
    body = head + _list(b"movi", b"".join(movie)) + _chunk(b"idx1", b"".join(index))
    return _chunk(b"RIFF", b"AVI " + body)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _list(name: bytes, body: bytes) -> bytes:
    return _chunk(b"LIST", name + body)
