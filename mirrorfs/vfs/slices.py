"""Cutting a body that arrives in pieces of any length into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mirrorfs.cache.blocks import BLOCK_SIZE


def in_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield blocks of ``BLOCK_SIZE`` bytes, the last as long as what is left, none empty."""
    parts: list[bytes] = []
    length = 0
    for piece in pieces:
        parts.append(piece)
        length += len(piece)
        if length >= BLOCK_SIZE:
            whole = parts[0] if len(parts) == 1 else b"".join(parts)
            for start in range(0, length - BLOCK_SIZE + 1, BLOCK_SIZE):
                yield whole[start : start + BLOCK_SIZE]
            rest = whole[length - length % BLOCK_SIZE :]
            parts, length = [rest] if rest else [], len(rest)
    if length:
        yield b"".join(parts)
