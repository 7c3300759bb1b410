"""What a provider brings to the contract suite: a way to make an empty one.

A new provider adds one :class:`Case` to ``CASES``; everything else is in ``test_contract``. One
that holds pictures only says how the tests' names and texts become names and bytes of pictures.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image as Picture

from mirrorfs.core import paths
from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.core.provider import Target
from mirrorfs.emulators.cloudinary import FolderMode, Server, Settings
from mirrorfs.emulators.smugmug import Server as SmugmugServer
from mirrorfs.emulators.smugmug import Settings as SmugmugSettings
from mirrorfs.net.patience import Patience
from mirrorfs.providers import cloudinary, smugmug
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

    def put(
        self,
        path: str,
        text: bytes = TEXT,
        replaces: Entry | None = None,
        facts: Mapping[str, str] = NO_FACTS,
    ) -> Entry:
        data = self.data(text)
        write = partial(self.target.write, size=len(data), modified=MTIME)
        return write(self.at(path), BytesIO(data), replaces=replaces, facts=facts)

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


def serve_smugmug(lag: float) -> Callable[[Path], AbstractContextManager[Fresh]]:
    @contextmanager
    def serve(_: Path) -> Iterator[Fresh]:
        numbers = itertools.count()
        settings = SmugmugSettings(visible_after=lag, requests_per_window=1_000_000)
        with SmugmugServer(settings) as server:
            credentials = smugmug.Credentials(
                settings.key, settings.secret, settings.token, settings.token_secret, server.url
            )
            clock, patience = SystemClock(), Patience(tries=2, pause=0.02)
            account = smugmug.open(credentials, clock, patience)
            clock.sleep(lag)

            def fresh() -> Target:
                root = account.mkdir(RemotePath(f"Root {next(numbers)}")).path
                return smugmug.open(credentials, clock, patience, root)

            yield fresh

    return serve


def jpeg_name(name: str) -> str:
    """Return a name of a JPEG: files that the tests give none get one."""
    stem, dot, extension = name.rpartition(".")
    if dot and extension in {"txt", "bin"}:
        return f"{stem}.jpg"
    return name if extension.lower() in {"jpg", "jpeg"} else f"{name}.jpg"


def jpeg_body(text: bytes) -> bytes:
    """Return a picture with the text in its comments (T.81, B.2.4.5)."""
    pieces = [text[at : at + _COMMENT] for at in range(0, len(text), _COMMENT)]
    comments = [b"\xff\xfe" + (len(piece) + 2).to_bytes(2) + piece for piece in pieces]
    start, rest = _DOT[:2], _DOT[2:]
    return b"".join([start, *comments, rest])


def _dot() -> bytes:
    made = BytesIO()
    Picture.new("RGB", (1, 1)).save(made, "JPEG")
    return made.getvalue()


_COMMENT = 65_000
_DOT = _dot()

CASES = (
    Case("memory", serve_memory),
    Case("local", serve_local),
    cloudinary_case("dynamic"),
    cloudinary_case("fixed"),
    cloudinary_case("dynamic", lag=2.0),
    cloudinary_case("fixed", lag=2.0),
    Case("smugmug", serve_smugmug(0.0), jpeg_name, jpeg_body),
    Case("smugmug-lagging", serve_smugmug(0.05), jpeg_name, jpeg_body),
)
