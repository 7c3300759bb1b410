"""The accounts of SmugMug that are measured, and the same pictures in one of Cloudinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from scripts.bench.album import Album


@dataclass(frozen=True, slots=True)
class Gallery:
    """``photos`` spread over ``albums`` in ``folders``, as the emulator's fill door makes them.

    Pictures have ``size`` bytes, give or take a third; the first of an account a third less.
    """

    folders: int
    albums: int
    photos: int
    size: int

    @property
    def service(self) -> str:
        """The service whose emulator takes it."""
        return "smugmug"

    @property
    def files(self) -> int:
        """The number of files."""
        return self.photos

    def orders(self) -> Iterator[tuple[str, Any]]:
        """Yield what the emulator's fill door takes."""
        yield "fill", asdict(self)

    def twin(self, volume: int) -> Album:
        """Return an album for Cloudinary: as many folders and files, of ``volume`` bytes or less.

        It leaves folders that hold folders away.
        """
        each, size = self.photos // self.albums, volume // self.photos
        return Album(self.albums, each, size, distinct=True)
