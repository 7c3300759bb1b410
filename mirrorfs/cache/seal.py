"""A checksum around bytes in a database, bound to the row that they belong to."""

from __future__ import annotations

import struct
import zlib

_CRC = struct.Struct("<I")


def sealed(data: bytes, row: bytes, moment: float = 0.0) -> bytes:
    """Return ``data`` after its CRC-32 and those of its ``row`` and its ``moment``."""
    return _CRC.pack(_crc(data, row, moment)) + data


def opened(found: object, row: object, moment: object = 0.0) -> bytes | None:
    """Return what :func:`sealed` was given; ``None`` when anything of it is not as it was."""
    if not (isinstance(found, bytes) and isinstance(row, bytes) and isinstance(moment, float)):
        return None
    data = found[_CRC.size :]
    return data if found[: _CRC.size] == _CRC.pack(_crc(data, row, moment)) else None


def _crc(data: bytes, row: bytes, moment: float) -> int:
    return zlib.crc32(data, zlib.crc32(row, zlib.crc32(struct.pack("<d", moment))))
