"""What changes answer with: the object they made or changed."""

from __future__ import annotations

from mirrorfs.emulators.smugmug.answers import Answer
from mirrorfs.emulators.smugmug.catalog import CATALOG


def show(type_: str, *ids: str, status: int = 200) -> Answer:
    """Answer with the object of an endpoint; ``ids`` are those of its path."""
    return Answer(shows=CATALOG[type_].link(*ids), status=status)
