"""Single fields of what the service lists, read strictly. Pure."""

from __future__ import annotations

from typing import Any

from mirrorfs.core.errors import BadAnswer
from mirrorfs.providers.smugmug.envelope import Json


def said(item: Json, name: str) -> str:
    """Return a text; empty for anything else."""
    value: Any = item.get(name)
    return value if isinstance(value, str) else ""


def text(item: Json, name: str, what: str) -> str:
    """Return a text that MUST be there; ``what`` is listed without it otherwise."""
    value = said(item, name)
    if not value:
        raise BadAnswer(f"SmugMug lists {what} without {name}.")
    return value


def count(item: Json, name: str, what: str) -> int:
    """Return a number from 0 that MUST be there; ``what`` is listed without it otherwise."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadAnswer(f"SmugMug lists {what} without {name}.")
    return value
