"""The proof that a stored block is whole and is the one that was asked for.

Each block has a trailer of 32 bytes: ``MFB2``, the block's length (4 bytes) and its XXH3-64
(8 bytes, both little-endian), and 16 bytes of BLAKE2b of the block's name. Trailers stand behind
the blocks, as bytes that begin on a page are written and read at twice the speed. The sum misses
one damage in 2**64. It is meant against failing disks and cut files: who can write into the
folder could also rewrite any checksum.
"""

from __future__ import annotations

import hashlib
import struct

import xxhash

_TRAILER = struct.Struct("<4sIQ16s")
_MAGIC = b"MFB2"
TRAILER_SIZE = _TRAILER.size
LONGEST = 1 << 20
"""The longest block, in bytes."""


def checksum(block: bytes) -> int:
    """Return the XXH3-64 of ``block``: meant against damage, not against malice."""
    return xxhash.xxh3_64_intdigest(block)


def trailer(name: str, block: bytes) -> bytes:
    """Return what stands behind ``block`` in its file; ``name`` is unique in the cache."""
    return _TRAILER.pack(_MAGIC, len(block), checksum(block), _identity(name))


def length_in(tail: bytes) -> int | None:
    """Return the length that a trailer tells; ``None`` when it is not one."""
    return int(_TRAILER.unpack(tail)[1]) if len(tail) == TRAILER_SIZE else None


def proves(tail: bytes, name: str, block: bytes) -> bool:
    """Say whether ``tail`` was made by :func:`trailer` for this ``name`` and ``block``."""
    return tail == trailer(name, block)


def _identity(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()
