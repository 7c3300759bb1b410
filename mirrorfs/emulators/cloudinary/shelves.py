"""Sorted views over the assets, kept up to date by single insertions.

A page of any list is a slice of one shelf: nothing is sorted again per request, so an account of
100 000 assets answers as fast as a small one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mirrorfs.emulators.cloudinary.asset import Asset

Place = tuple[float | str, str]
"""A sort value and the asset id that breaks ties."""

Name = tuple[str, ...]
"""A shelf's name, e.g. ``("tag", "image", "holiday")``."""


_FEW = 64


class Shelf:
    """Places in ascending order.

    Places added out of order wait until the next look: many are then sorted in at once.
    """

    def __init__(self) -> None:
        self._sorted: list[Place] = []
        self._waiting: list[Place] = []

    def __len__(self) -> int:
        return len(self._sorted) + len(self._waiting)

    def __iter__(self) -> Iterator[str]:
        return (asset_id for _, asset_id in self._places())

    def add(self, place: Place) -> None:
        """Insert a place; appending in order costs nothing extra."""
        if not self._sorted or self._sorted[-1] < place:
            self._sorted.append(place)
        else:
            self._waiting.append(place)

    def discard(self, place: Place) -> None:
        """Take a place out if it is there."""
        places = self._places()
        at = bisect_left(places, place)
        if at < len(places) and places[at] == place:
            del places[at]

    def ascending(self, after: Place | None, count: int) -> Sequence[Place]:
        """Give up to ``count`` places that follow ``after`` (from the start if None)."""
        places = self._places()
        start = bisect_right(places, after) if after else 0
        return places[start : start + count]

    def descending(self, before: Place | None, count: int) -> Sequence[Place]:
        """Give up to ``count`` places that precede ``before``, last first."""
        places = self._places()
        stop = bisect_left(places, before) if before else len(places)
        return places[max(0, stop - count) : stop][::-1]

    def starting(self, text: str) -> Iterator[str]:
        """Give the ids of places whose sort value is exactly a text."""
        places = self._places()
        at = bisect_left(places, (text, ""))
        while at < len(places) and places[at][0] == text:
            yield places[at][1]
            at += 1

    def _places(self) -> list[Place]:
        if len(self._waiting) > _FEW:
            self._sorted += self._waiting
            self._sorted.sort()
        else:
            for place in self._waiting:
                insort(self._sorted, place)
        self._waiting.clear()
        return self._sorted


class Shelves:
    """All shelves of one view of the account."""

    def __init__(self) -> None:
        self._shelves: dict[Name, Shelf] = {}

    def get(self, *name: str) -> Shelf:
        """Give a shelf, empty when nothing was ever put there."""
        return self._shelves.get(name) or Shelf()

    def names(self, kind: str) -> list[Name]:
        """Name the shelves of a kind that hold something."""
        return [name for name in self._shelves if name[0] == kind]

    def move(self, old: Asset | None, new: Asset | None) -> None:
        """Replace an asset's old places by its new ones."""
        before = dict(_places(old)) if old else {}
        after = dict(_places(new)) if new else {}
        for name, place in before.items():
            if after.get(name) != place:
                self._discard(name, place)
        for name, place in after.items():
            if before.get(name) != place:
                self._make(name).add(place)

    def _make(self, name: Name) -> Shelf:
        shelf = self._shelves.get(name)
        if shelf is None:
            shelf = self._shelves[name] = Shelf()
        return shelf

    def _discard(self, name: Name, place: Place) -> None:
        shelf = self._shelves[name]
        shelf.discard(place)
        if not shelf:
            del self._shelves[name]


def folder_key(path: str) -> str:
    """Fold a folder's name for look-up: the service does not tell upper from lower case there."""
    return path.casefold()


def _places(asset: Asset) -> Iterator[tuple[Name, Place]]:
    kind, type_ = asset.resource_type, asset.type
    created: Place = (asset.created_at, asset.asset_id)
    named: Place = (asset.public_id, asset.asset_id)
    yield ("created",), created
    yield ("public_id",), named
    yield ("resource_type", kind), created
    yield ("type", kind, type_), created
    yield ("ids", kind, type_), named
    yield ("folder", folder_key(asset.asset_folder)), created
    for tag in asset.tags:
        yield ("tag", kind, tag), created
    for name, value in asset.context.items():
        yield ("context", kind, name), created
        yield ("context", kind, name, value), created
    for one in asset.moderation:
        yield ("moderation", kind, one["kind"], one["status"]), created
