"""What every figure is taken with: sizes, runs, accounts, native trees and fresh folders."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.bench.album import Album
from scripts.bench.gallery import Gallery
from scripts.bench.mounting import Mount, mounted
from scripts.bench.service import Content, Service, serving
from scripts.bench.tools import Tool

_KIB = 1 << 10


@dataclass(frozen=True, slots=True)
class GallerySizes:
    """How large the accounts of SmugMug are."""

    calls: Gallery
    walk: Gallery
    copy: Gallery
    read: Gallery


@dataclass(frozen=True, slots=True)
class SyncSizes:
    """How large the albums are that are kept alike."""

    calls: Album
    still: Album
    copy: Album
    memory: Album
    shift: Album
    safety: Album
    burst: Album


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the albums are, and how often each figure is taken."""

    runs: int
    calls: Album
    walk: Album
    copy: Album
    read: Album
    smugmug: GallerySizes
    sync: SyncSizes


FULL = Sizes(
    runs=3,
    calls=Album(1000, 10, 4 * _KIB),
    walk=Album(1000, 100, 4 * _KIB),
    copy=Album(10, 100, 200 * _KIB, distinct=True),
    read=Album(1, 1, 1 << 30, distinct=True, kind="video"),
    smugmug=GallerySizes(
        calls=Gallery(115, 1200, 24_000, 3 * _KIB),
        walk=Gallery(0, 500, 50_000, 4 * _KIB),
        copy=Gallery(0, 10, 1000, 200 * _KIB),
        read=Gallery(0, 1, 1, 384 << 20),
    ),
    sync=SyncSizes(
        calls=Album(500, 40, 4 * _KIB),
        still=Album(1000, 100, 4 * _KIB),
        copy=Album(20, 100, 200 * _KIB, distinct=True),
        memory=Album(2500, 100, 1),
        shift=Album(1, 500, 200 * _KIB, distinct=True),
        safety=Album(5, 20, 4 * _KIB),
        burst=Album(500, 40, 4 * _KIB, distinct=True),
    ),
)
QUICK = Sizes(
    runs=1,
    calls=Album(50, 10, 4 * _KIB),
    walk=Album(50, 100, 4 * _KIB),
    copy=Album(4, 25, 200 * _KIB, distinct=True),
    read=Album(1, 1, 1 << 27, distinct=True, kind="video"),
    smugmug=GallerySizes(
        calls=Gallery(11, 120, 2400, 3 * _KIB),
        walk=Gallery(0, 50, 5000, 4 * _KIB),
        copy=Gallery(0, 4, 100, 200 * _KIB),
        read=Gallery(0, 1, 1, 96 << 20),
    ),
    sync=SyncSizes(
        calls=Album(50, 10, 4 * _KIB),
        still=Album(50, 100, 4 * _KIB),
        copy=Album(4, 25, 200 * _KIB, distinct=True),
        memory=Album(100, 100, 1),
        shift=Album(1, 50, 200 * _KIB, distinct=True),
        safety=Album(5, 20, 4 * _KIB),
        burst=Album(50, 10, 4 * _KIB, distinct=True),
    ),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the benches play; what they leave open ends with ``stack``."""

    sizes: Sizes
    scratch: Path
    stack: ExitStack
    _services: dict[tuple[Content, frozenset[tuple[str, float]]], Service] = field(
        default_factory=dict
    )
    _natives: dict[Album, Path] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def service(self, content: Content, **settings: float) -> Service:
        """Return the account that holds ``content``, started and filled on the first call.

        ``settings`` are those of its emulator, where they are not the usual ones.
        """
        key = (content, frozenset(settings.items()))
        if key not in self._services:
            self.say(f"filling an account of {content.service} with {content.files} files")
            opened = serving(self.folder("service"), content, settings)
            self._services[key] = self.stack.enter_context(opened)
        return self._services[key]

    def native(self, album: Album) -> Path:
        """Return a folder on disk that holds ``album``, written on the first call."""
        if album not in self._natives:
            self._natives[album] = album.write(self.folder("native"))
        return self._natives[album]

    def folder(self, purpose: str) -> Path:
        """Return a new path on the scratch disk; nothing is there yet."""
        return self.scratch / f"{purpose}-{next(self._numbers)}"

    @contextmanager
    def fresh(self, tool: Tool, *options: str) -> Iterator[Mount]:
        """Mount with an empty cache folder, which is removed afterwards."""
        cache = self.folder(tool.side)
        try:
            with mounted(tool, cache, *options) as mount:
                yield mount
        finally:
            shutil.rmtree(cache, ignore_errors=True)

    def alternate(self, sides: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
        """Take one sample of each side per run, another side going first each time."""
        samples: dict[str, list[float]] = {side: [] for side in sides}
        names = list(sides)
        for run in range(self.sizes.runs):
            first = run % len(names)
            for side in names[first:] + names[:first]:
                self.say(f"run {run + 1} of {self.sizes.runs}: {side}")
                samples[side].append(sides[side]())
        return samples

    @staticmethod
    def say(words: str) -> None:
        """Tell on standard error what is going on."""
        print(f"  {words}", file=sys.stderr, flush=True)
