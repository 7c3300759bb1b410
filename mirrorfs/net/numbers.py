"""Numbers as headers and answers have them, however odd those are."""

from __future__ import annotations

_MOST_DIGITS = 18


def whole(text: str) -> int | None:
    """Return a number from 0 to 10¹⁸ in plain digits; ``None`` for anything else."""
    is_plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_plain else None
