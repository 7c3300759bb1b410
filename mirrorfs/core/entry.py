"""One file or folder as a service describes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from mirrorfs.core.digest import Digest
from mirrorfs.core.paths import RemotePath

NO_FACTS: Mapping[str, str] = MappingProxyType({})
ROOT_NUMBER = 1


class Kind(Enum):
    """What an entry is."""

    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder, frozen at the moment of a listing.

    ``id`` is the service's identity: unique in the account, the same after a rename (of a picture
    that may be in many albums another one in each; there ``content`` is the same).
    ``revision`` is opaque, empty for folders, and changes when and only when content does.
    ``size`` is in bytes; ``modified`` in nanoseconds since the epoch (UTC).
    ``digest`` is the service's own checksum of the stored bytes, when it tells one.
    ``facts`` is what else the service said (``public_id``, ``url``, …), text to text; the
    provider that made the entry may need it to read it again. Their common names are in
    :mod:`mirrorfs.core.facts`.
    ``content`` is what entries share whose bytes are the same at the same revision, such as one
    picture in many albums; empty where it is the id.
    """

    path: RemotePath
    kind: Kind
    id: str
    revision: str = ""
    size: int = 0
    modified: int = 0
    digest: Digest | None = None
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS, hash=False)
    content: str = ""

    @property
    def is_folder(self) -> bool:
        """Say whether this is a folder."""
        return self.kind is Kind.FOLDER


def number_of(id_: str) -> int:
    """Return a number below 2⁶³ for an id, as inodes have: the same after a restart or rename."""
    digest = hashlib.blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1 or 2


def folder(path: RemotePath, modified: int = 0, id_: str = "") -> Entry:
    """Return a folder's entry; its id is its path where the service has none."""
    return Entry(path, Kind.FOLDER, id_ or f"folder:{path}", modified=modified)
