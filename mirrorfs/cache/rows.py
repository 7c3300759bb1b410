"""A folder's entries as compact JSON, and back, exactly.

A row is ``[name, folder?, id, revision, size, modified, algorithm, digest, facts]`` with
``folder?`` 0 or 1, and ``algorithm`` and ``digest`` null where the service tells none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from mirrorfs.core import paths
from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import NO_FACTS, Entry, Kind
from mirrorfs.core.paths import RemotePath

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def encode(entries: Iterable[Entry]) -> bytes:
    """Return the rows of ``entries`` in the order given."""
    return _encode([_row(entry) for entry in entries]).encode("ascii")


def decode(folder: RemotePath, rows: bytes) -> dict[str, Entry]:
    """Return name → entry, in the order that :func:`encode` was given them for ``folder``."""
    prefix = f"{folder}/" if folder else ""
    return {row[0]: _entry(f"{prefix}{row[0]}", *row[1:]) for row in json.loads(rows)}


def _row(entry: Entry) -> list[Any]:
    return [
        paths.name(entry.path),
        int(entry.is_folder),
        entry.id,
        entry.revision,
        entry.size,
        entry.modified,
        entry.digest and entry.digest.algorithm,
        entry.digest and entry.digest.value,
        dict(entry.facts),
    ]


def _entry(path: str, is_folder: int, *fields: Any) -> Entry:
    id_, revision, size, modified, algorithm, digest, facts = fields
    return Entry(
        RemotePath(path),
        Kind.FOLDER if is_folder else Kind.FILE,
        id_,
        revision,
        size,
        modified,
        Digest(algorithm, digest) if algorithm is not None else None,
        _frozen(facts),
    )


def _frozen(facts: dict[str, str]) -> Mapping[str, str]:
    return MappingProxyType(facts) if facts else NO_FACTS
