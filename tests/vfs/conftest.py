import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mirrorfs.cache.blocks import BlockStore
from mirrorfs.cache.limits import Limits
from mirrorfs.cache.listings import ListingStore
from mirrorfs.vfs.reader import Reader
from mirrorfs.vfs.tree import Tree, TreeOptions
from tests.vfs.fakes import FakeClock, FakeSource


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def grow(source: FakeSource, clock: FakeClock, tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    """Opens the tree; called again it is a restart with the same listings on disk."""
    with ExitStack() as stack:

        def opener(offline: bool = False, memory: int = 50_000) -> Tree:
            stack.close()
            listings = ListingStore(tmp_path / "listings.sqlite")
            stack.callback(listings.close)
            return Tree(source, listings, TreeOptions(300.0, offline, memory, "cloud:"), clock)

        yield opener


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BlockStore]:
    opened = BlockStore(tmp_path / "blocks", Limits(1 << 30, 0))
    yield opened
    opened.close()


@pytest.fixture
def reader(source: FakeSource, store: BlockStore) -> Iterator[Reader]:
    opened = Reader(source, store, threading.Event())
    yield opened
    opened.close()
