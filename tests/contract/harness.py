"""What a provider brings to the contract suite: a way to make an empty one.

A new provider adds one :class:`Case` to ``CASES``; everything else is in ``test_contract``. One
that holds pictures only says how the tests' names and texts become names and bytes of pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Target
from mirrorfs.emulators.cloudinary import FolderMode, Server, Settings
from mirrorfs.net.patience import Patience
from mirrorfs.providers import cloudinary
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider

MTIME = 1_600_000_000_123_456_789
TEXT = b"the quick brown fox" * 100

Fresh = Callable[[], Target]
"""Makes an empty provider, one for each test."""


def same_name(name: str) -> str:
    return name


def same_bytes(text: bytes) -> bytes:
    return text


@dataclass(frozen=True)
class Case:
    """A provider: its name, and what serves it during all tests (a scratch folder is given).

    ``file_name`` turns a test's file name into one that the provider holds, and ``body`` a text
    into bytes that it holds: another for each text.
    """

    name: str
    serve: Callable[[Path], AbstractContextManager[Fresh]]
    file_name: Callable[[str], str] = same_name
    body: Callable[[bytes], bytes] = same_bytes


@dataclass(frozen=True)
class Subject:
    """A provider under test; paths of files and texts are the tests', turned as the case says."""

    target: Target
    case: Case

    def at(self, path: str) -> RemotePath:
        folder, slash, name = path.rpartition("/")
        return paths.parse(f"{folder}{slash}{self.case.file_name(name)}")

    def data(self, text: bytes) -> bytes:
        return self.case.body(text)

    def put(self, path: str, text: bytes = TEXT, replaces: Entry | None = None) -> Entry:
        data = self.data(text)
        return self.target.write(
            self.at(path), BytesIO(data), size=len(data), modified=MTIME, replaces=replaces
        )

    def stat(self, path: str) -> Entry:
        return self.target.stat(self.at(path))

    def content(self, entry: Entry, start: int = 0, length: int | None = None) -> bytes:
        return b"".join(self.target.read(entry, start, length))

    def tree(self, folder: RemotePath = ROOT) -> dict[RemotePath, Entry]:
        return dict(self.target.scan(folder).entries)


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
