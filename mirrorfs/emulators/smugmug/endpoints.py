"""What an endpoint is: how the service names it, and the paths that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from mirrorfs.emulators.smugmug.answers import Link, Shape
from mirrorfs.emulators.smugmug.keys import Permissions

ROOT = "/api/v2"
_PART = re.compile(r"\{(\w+)\}")
_REST = "path"
"""Name of the path part that may hold slashes or nothing at all: a folder's URL path."""

Row = tuple[str, str, str, Shape, str]
"""Type, path below ``/api/v2``, locator, locator type and description of an endpoint."""


@dataclass(frozen=True)
class Parameter:
    """A documented parameter of GET; ``facts`` are what else ``Options`` tells of it."""

    name: str
    type: str = "Varchar"
    default: Any = None
    options: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """A kind of resource; ``template`` is its path below ``/api/v2``, ``{name}`` an id in it.

    ``several`` names the id of which a path may hold many, separated by commas. ``permissions``
    are those that its methods need beside GET and OPTIONS, which need Read.
    """

    type: str
    template: str
    locator: str
    shape: Shape
    description: str
    doc: str = ""
    several: str = ""
    parameters: tuple[Parameter, ...] = ()
    permissions: Mapping[str, Permissions] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def uri(self, *ids: str) -> str:
        """Give the URI for these ids, in the order of the template."""
        given = iter(ids)
        return ROOT + _PART.sub(lambda _: quote(next(given), safe="/,"), self.template)

    def link(self, *ids: str, name: str = "") -> Link:
        """Give the entry of ``Uris`` that leads here."""
        return Link(name or self.type, self, self.uri(*ids))

    def pattern(self) -> re.Pattern[str]:
        """Give what matches this endpoint's paths, percent-encoded as they are sent."""
        pieces = re.split(r"(\{\w+\})", self.template)
        return re.compile("".join(_piece(piece) for piece in pieces))


@dataclass(frozen=True)
class Match:
    """A path that was understood: the endpoint and its ids, decoded."""

    endpoint: Endpoint
    ids: Mapping[str, str]

    @property
    def several(self) -> list[str]:
        """The ids of a multi-get; fewer than two otherwise."""
        text = self.ids.get(self.endpoint.several, "")
        return [one for one in text.split(",") if one]


class Router:
    """Finds the endpoint of a path; the first one in the given order that matches."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._table: Sequence[tuple[re.Pattern[str], Endpoint]] = [
            (endpoint.pattern(), endpoint) for endpoint in endpoints
        ]

    def find(self, path: str) -> Match | None:
        """Give the endpoint of a percent-encoded path that begins with ``/api/v2``."""
        below = path.removeprefix(ROOT)
        for pattern, endpoint in self._table:
            found = pattern.fullmatch(below.rstrip("/"))
            if found:
                ids = {name: unquote(text) for name, text in found.groupdict().items()}
                return Match(endpoint, ids)
        return None


def _piece(piece: str) -> str:
    found = _PART.fullmatch(piece)
    if not found:
        return re.escape(piece)
    return f"(?P<{found[1]}>" + (r"(?:/[^!]*)?)" if found[1] == _REST else r"[^/!]+)")
