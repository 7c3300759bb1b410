"""A row of the manifest as a database holds it: a flat record. Pure.

The columns are the common path, then of each side its own path (``None`` where that is the
common one), kind, id, revision, size, modified, and algorithm and value of its checksum.
"""

from __future__ import annotations

import sys
from typing import Any

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath
from sync.model import Agreed, Fact

Record = tuple[Any, ...]

_FACT = "path{0} TEXT, kind{0} TEXT, id{0} TEXT, revision{0} TEXT, size{0} INTEGER, "
_FACT += "modified{0} INTEGER, algorithm{0} TEXT, digest{0} TEXT"
COLUMNS = f"path TEXT PRIMARY KEY, {_FACT.format(1)}, {_FACT.format(2)}"
"""The columns in SQL."""

_KINDS = {kind.value: kind for kind in Kind}


def record_of(agreed: Agreed) -> Record:
    """Return a row as a record."""
    path = agreed.path
    return (path, *_columns(path, agreed.one), *_columns(path, agreed.two))


def flipped(record: Record) -> Record:
    """Return a record with its sides in the other order."""
    return (record[0], *record[9:], *record[1:9])


def agreed_of(record: Record) -> Agreed:
    """Return the row of a record.

    Raises:
        ValueError: it makes no sense; the words say what is odd about it.
    """
    path = record[0]
    if not isinstance(path, str):
        raise ValueError(f"{path!r} is no path")
    return Agreed(
        RemotePath(path), *(_fact(RemotePath(path), one) for one in (record[1:9], record[9:]))
    )


def is_at_rest(record: Record, one: Entry, two: Entry) -> bool:
    """Say whether the row is what ``one`` and ``two`` tell, and one checksum at most."""
    path1, kind1, id1, revision1, size1, modified1, algorithm1, value1 = record[1:9]
    path2, kind2, id2, revision2, size2, modified2, algorithm2, value2 = record[9:]
    return (
        modified1 == one.modified
        and modified2 == two.modified
        and revision1 == one.revision
        and revision2 == two.revision
        and id1 == one.id
        and id2 == two.id
        and size1 == one.size
        and size2 == two.size
        and path1 is path2 is None
        and _KINDS.get(kind1) is one.kind
        and _KINDS.get(kind2) is two.kind
        and _is_told(one.digest, algorithm1, value1)
        and _is_told(two.digest, algorithm2, value2)
        and bool(one.digest or two.digest or (algorithm1, value1) == (algorithm2, value2))
    )


def untold(record: Record, one: Entry, two: Entry) -> Digest | None:
    """Return the checksum of a row at rest that an entry does not tell itself."""
    told = one.digest or two.digest
    algorithm, value = record[15:] if one.digest else record[7:9]
    if told and (told.algorithm, told.value) == (algorithm, value):
        return told
    return Digest(sys.intern(algorithm), value) if algorithm else None


def _is_told(digest: Digest | None, algorithm: str | None, value: str | None) -> bool:
    return digest is None or (digest.value == value and digest.algorithm == algorithm)


def _columns(path: RemotePath, fact: Fact) -> Record:
    own = None if fact.path == path else fact.path
    digest = (fact.digest.algorithm, fact.digest.value) if fact.digest else (None, None)
    return (own, fact.kind.value, fact.id, fact.revision, fact.size, fact.modified, *digest)


def _fact(common: RemotePath, record: Record) -> Fact:
    own, kind, id_, revision, size, modified, algorithm, value = record
    if kind not in _KINDS:
        raise ValueError(f"{kind!r} is neither a file nor a folder")
    texts = (common if own is None else own, id_, revision, algorithm or "", value or "")
    if not all(isinstance(text, str) for text in texts) or bool(algorithm) != bool(value):
        raise ValueError(f"{texts!r} are no names and no checksum")
    if not isinstance(size, int) or not isinstance(modified, int):
        raise ValueError(f"{size!r} and {modified!r} are no size and no time")
    digest = Digest(sys.intern(algorithm), value) if algorithm else None
    return Fact(own or common, _KINDS[kind], id_, revision, size, modified, digest)
