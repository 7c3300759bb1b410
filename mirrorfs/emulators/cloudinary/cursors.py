"""Opaque page marks."""

from __future__ import annotations

import json
from typing import Any

from mirrorfs.emulators.cloudinary.errors import bad_request


def write_cursor(*parts: Any) -> str:
    """Write JSON values as the hexadecimal text clients pass back as ``next_cursor``."""
    return json.dumps(parts, separators=(",", ":")).encode().hex()


def read_cursor(text: str) -> list[Any] | None:
    """Read what ``write_cursor`` wrote; None for an empty text (the first page), else 400."""
    if not text:
        return None
    try:
        parts = json.loads(bytes.fromhex(text))
    except ValueError:
        raise bad_request(f"Invalid value for parameter next_cursor - {text}") from None
    if not isinstance(parts, list):
        raise bad_request(f"Invalid value for parameter next_cursor - {text}")
    return parts
