"""The proof that a stored block is whole and is the one that was asked for.

Each block's file begins with a header of 32 bytes: ``MFB1``, the block's length and CRC-32
(both little-endian, 4 bytes), 4 bytes of zeros, and 16 bytes of BLAKE2b of the block's name.
The CRC finds every burst of up to 32 bits and all but one in 2**32 of longer damage. It is
meant against failing disks and cut files: who can write into the folder could also rewrite
any checksum.
"""

from __future__ import annotations

import hashlib
import struct
import zlib

_HEADER = struct.Struct("<4sII4x16s")
_MAGIC = b"MFB1"
HEADER_SIZE = _HEADER.size


def header(name: str, block: bytes) -> bytes:
    """Return what stands before ``block`` in its file; ``name`` is unique in the cache."""
    return _HEADER.pack(_MAGIC, len(block), zlib.crc32(block), _identity(name))


def proves(head: bytes, name: str, block: bytes) -> bool:
    """Say whether ``head`` was made by :func:`header` for this ``name`` and ``block``."""
    return head == header(name, block)


def _identity(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()
