"""Checksums: what a service says of a file's bytes, and the proof that they are those."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mirrorfs.core.errors import Corrupt


@dataclass(frozen=True, slots=True)
class Digest:
    """A checksum: ``algorithm`` as :mod:`hashlib` names it, ``value`` in lower-case hex."""

    algorithm: str
    value: str


def md5(value: str) -> Digest:
    """Return an MD5 digest from its 32 hexadecimal digits in either case."""
    return Digest("md5", value.lower())


def of(data: bytes, algorithm: str = "md5") -> Digest:
    """Return the digest of ``data``."""
    return Digest(algorithm, hashlib.new(algorithm, data, usedforsecurity=False).hexdigest())


def proven(body: Iterable[bytes], size: int, digest: Digest | None, what: str) -> Iterator[bytes]:
    """Yield ``body`` and prove at its end that it was ``size`` bytes with that ``digest``.

    Raises:
        Corrupt: after the last piece, when either differs; ``what`` names the file.
    """
    hasher = hashlib.new(digest.algorithm, usedforsecurity=False) if digest else None
    seen = 0
    for piece in body:
        seen += len(piece)
        if hasher:
            hasher.update(piece)
        yield piece
    if seen != size:
        raise Corrupt(f"{what}: {seen} bytes came where {size} were promised.")
    if hasher and digest and hasher.hexdigest() != digest.value:
        raise Corrupt(f"{what}: the bytes do not match the service's {digest.algorithm}.")
