"""One request as handlers see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.answers import Answer
from mirrorfs.emulators.smugmug.errors import ApiError, not_found

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.endpoints import Endpoint
    from mirrorfs.emulators.smugmug.hosts import Site
    from mirrorfs.emulators.smugmug.keys import Token
    from mirrorfs.emulators.smugmug.state import State


@dataclass(frozen=True)
class Viewer:
    """Who asks: an application, and the user who let it in, if any.

    ``just_made`` says that the answer to a change is shown, which tells of what it made at once.
    """

    consumer: str
    token: Token | None = None
    just_made: bool = False

    def owns(self, nick: str) -> bool:
        """Tell whether the viewer is the owner and let the application see all of it."""
        return bool(self.token and self.token.nick == nick and self.token.access == "Full")


@dataclass(frozen=True)
class Call:
    """An endpoint with its ids, its parameters (query, or the body of a change), and the viewer."""

    state: State
    viewer: Viewer
    site: Site
    endpoint: Endpoint
    ids: Mapping[str, str]
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """Give a parameter as text."""
        value = self.params.get(name, default)
        return value if isinstance(value, str) else str(value)

    def require_owner(self, nick: str) -> None:
        """Refuse with 403 anybody but the owner; 404 where the object is not to be known of."""
        if not self.viewer.owns(nick):
            raise ApiError(403) if self.viewer.token else not_found()


Handler = Callable[[Call], Answer]
"""Answers a request or raises ``ApiError``."""
