"""What handlers answer with, before verbosity, filters and expansions are applied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Endpoint

Shape = Literal["Object", "Objects", "List", ""]


@dataclass(frozen=True)
class Link:
    """An entry of ``Uris``: its name there, the endpoint it leads to, and the URI."""

    name: str
    endpoint: Endpoint
    uri: str


@dataclass(frozen=True)
class Body:
    """One object: its fields in order, and its links. ``Uri`` and the like are fields too."""

    fields: Mapping[str, Any]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list, of which only the page that is asked for is written."""

    items: Sequence[Any]
    write: Callable[[Any], Body]


@dataclass(frozen=True)
class Answer:
    """What a handler gives: nothing, an object, a list to page through, or a list given whole.

    ``endpoint`` and ``uri`` are those of the object where they are not those of the request (a new
    node answers a POST to its parent's ``!children``); ``locator`` is named where the endpoint has
    several. A change ``shows`` the object it has made or changed: that is read and answered with.
    """

    value: Body | Listing | Sequence[Mapping[str, Any]] | None = None
    status: int = 200
    endpoint: Endpoint | None = None
    uri: str | None = None
    locator: str | None = None
    shows: Link | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
