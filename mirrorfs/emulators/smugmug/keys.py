"""Applications, and what users have granted them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Access = Literal["Public", "Full"]
Permissions = Literal["Read", "Add", "Modify"]

LEVELS: tuple[Permissions, ...] = ("Read", "Add", "Modify")
"""From the least to the most: each includes those before it."""


@dataclass(frozen=True)
class Consumer:
    """An application: its API key and secret."""

    key: str
    secret: str = field(repr=False)
    name: str = "Application"


@dataclass(frozen=True)
class RequestToken:
    """A request for access, alive five minutes; ``nick`` and ``verifier`` once it is granted."""

    token: str
    secret: str = field(repr=False)
    consumer: str
    callback: str
    created: float
    nick: str = ""
    verifier: str = field(default="", repr=False)
    access: Access = "Public"
    permissions: Permissions = "Read"


@dataclass(frozen=True)
class Token:
    """A user's grant to an application; it ends when the user takes it back."""

    token: str
    secret: str = field(repr=False)
    consumer: str
    nick: str
    access: Access = "Full"
    permissions: Permissions = "Modify"

    def allows(self, permissions: Permissions) -> bool:
        """Tell whether the grant includes a level."""
        return LEVELS.index(permissions) <= LEVELS.index(self.permissions)
