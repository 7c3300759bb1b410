"""Small named things of an account: presets, mappings, transformations, metadata fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mirrorfs.emulators.cloudinary.errors import ApiError

Definition = dict[str, Any]
Keep = Callable[[str, str, "Definition | None"], None]
"""Told of every change as (kind, name, new content or None)."""


class Definitions:
    """Definitions of one kind by name, in order of creation."""

    def __init__(self, kind: str, keep: Keep) -> None:
        self._kind = kind
        self._keep = keep
        self._found: dict[str, Definition] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[Definition]:
        return iter(list(self._found.values()))

    def load(self, name: str, definition: Definition) -> None:
        """Take over a definition kept from an earlier run."""
        self._found[name] = definition

    def find(self, name: str) -> Definition | None:
        """Look one up."""
        return self._found.get(name)

    def demand(self, name: str) -> Definition:
        """Look one up; 404 when there is none."""
        found = self._found.get(name)
        if found is None:
            raise ApiError(404, f"Resource not found - {name}")
        return found

    def add(self, name: str, definition: Definition) -> Definition:
        """Define a new name; 409 when it is taken."""
        if name in self._found:
            raise ApiError(409, f"{name} already exists")
        return self.put(name, definition)

    def put(self, name: str, definition: Definition) -> Definition:
        """Define or redefine a name."""
        self._found[name] = definition
        self._keep(self._kind, name, definition)
        return definition

    def remove(self, name: str) -> Definition:
        """Forget a name; 404 when there is none."""
        found = self.demand(name)
        del self._found[name]
        self._keep(self._kind, name, None)
        return found
