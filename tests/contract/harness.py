"""What a provider brings to the contract suite: a way to make an empty one.

A new provider adds one :class:`Case` to ``CASES``; everything else is in ``test_contract``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Target
from mirrorfs.emulators.cloudinary import FolderMode, Server, Settings
from mirrorfs.net.patience import Patience
from mirrorfs.providers import cloudinary
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider

Fresh = Callable[[], Target]
"""Makes an empty provider, one for each test."""


@dataclass(frozen=True)
class Case:
    """A provider: its name, and what serves it during all tests (a scratch folder is given)."""

    name: str
    serve: Callable[[Path], AbstractContextManager[Fresh]]


@contextmanager
def serve_memory(_: Path) -> Iterator[Fresh]:
    yield MemoryProvider


@contextmanager
def serve_local(scratch: Path) -> Iterator[Fresh]:
    numbers = itertools.count()

    def fresh() -> Target:
        root = scratch / f"root{next(numbers)}"
        root.mkdir()
        return LocalProvider(root)

    yield fresh


def cloudinary_case(mode: FolderMode, lag: float = 0.0) -> Case:
    @contextmanager
    def serve(_: Path) -> Iterator[Fresh]:
        numbers = itertools.count()
        settings = Settings(folder_mode=mode, search_lag=lag, hourly_limit=100_000)
        with Server(settings) as server:
            credentials = cloudinary.parse_url(server.cloudinary_url)
            clock, patience = SystemClock(), Patience(tries=2, pause=0.01)
            account = cloudinary.open(credentials, clock, patience)

            def fresh() -> Target:
                root = account.mkdir(RemotePath(f"Root {next(numbers)}")).path
                return cloudinary.open(credentials, clock, patience, root)

            yield fresh

    return Case(f"cloudinary-{mode}{'-lagging' if lag else ''}", serve)


CASES = (
    Case("memory", serve_memory),
    Case("local", serve_local),
    cloudinary_case("dynamic"),
    cloudinary_case("fixed"),
    cloudinary_case("dynamic", lag=2.0),
    cloudinary_case("fixed", lag=2.0),
)
