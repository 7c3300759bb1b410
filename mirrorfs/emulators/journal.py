"""A bounded record of the requests that were answered."""

from __future__ import annotations

from collections import deque
from typing import Any

_KEPT = 200_000


class Journal:
    """Method, path with query, and status of each request (0 when the connection was cut)."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, str, int]] = deque(maxlen=_KEPT)

    def add(self, method: str, path: str, status: int) -> None:
        """Record one answered request."""
        self._entries.append((method, path, status))

    def entries(self) -> list[dict[str, Any]]:
        """Give the record, oldest first."""
        return [
            {"method": method, "path": path, "status": status}
            for method, path, status in self._entries
        ]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
