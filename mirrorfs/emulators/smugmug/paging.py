"""The page of a list that a client asks for, and what ``Pages`` tells of it.

``start`` counts from 1. A count above the endpoint's limit is lowered, which ``RequestedCount``
shows; the addresses of other pages carry the endpoint's own parameters and no magic ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mirrorfs.emulators.smugmug.errors import bad_request

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.settings import Settings

_LONGEST = 9
"""How many digits a number may have."""


@dataclass(frozen=True)
class Page:
    """A stretch of a list of ``total`` items."""

    start: int
    count: int
    total: int

    def cut(self, items: Sequence[Any]) -> Sequence[Any]:
        """Give the items of this page."""
        return items[self.start - 1 : self.start - 1 + self.count]

    def describe(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Give ``Pages``; ``NextPage`` and ``PrevPage`` only where there is one."""
        held = max(0, min(self.count, self.total - self.start + 1))
        last = 1 + max(0, self.total - 1) // self.count * self.count
        pages: dict[str, Any] = {
            "Total": self.total,
            "Start": self.start,
            "Count": held,
            "RequestedCount": self.count,
            "FirstPage": self._address(path, params, 1),
            "LastPage": self._address(path, params, last),
        }
        if self.start > 1:
            previous = max(1, self.start - self.count)
            pages["PrevPage"] = self._address(path, params, previous)
        if self.start + self.count <= self.total:
            pages["NextPage"] = self._address(path, params, self.start + self.count)
        return pages

    def _address(self, path: str, params: Mapping[str, str], start: int) -> str:
        own = {name: value for name, value in params.items() if name not in {"start", "count"}}
        pairs = {**own, "start": str(start), "count": str(self.count)}
        query = "&".join(
            f"{quote(name, safe='')}={quote(value, safe='/')}" for name, value in pairs.items()
        )
        return f"{path}?{query}"


def choose_page(
    params: Mapping[str, str], settings: Settings, endpoint_type: str, total: int
) -> Page:
    """Read ``start`` and ``count``; 400 when they are no positive numbers."""
    default = settings.default_count(endpoint_type)
    count = min(_number(params, "count", default), settings.most(endpoint_type))
    return Page(_number(params, "start", 1), count, total)


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > _LONGEST or int(text) < 1:
        raise bad_request(name, "Must be a positive integer")
    return int(text)
