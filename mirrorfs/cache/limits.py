"""How much room the cache may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_bytes``: all blocks together; ``min_free_bytes``: room left on their disk."""

    max_bytes: int
    min_free_bytes: int
