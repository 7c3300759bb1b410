"""What other upload tools wrote down of their work, taken over where it can be proven.

They kept a JSON file for each folder: ``successful_uploads`` maps what was uploaded (a path, or
a Drive file's id) to ``public_id``, ``cloudinary_url`` and more. It says that something was once
sent, not that it is still the same; so each file is believed only when both sides hold it now
and their checksums are equal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import RemotePath
from sync.compare import same_digest
from sync.model import Agreed, Tree, fact_of

Digests = Callable[[Entry, str], Digest | None]
"""Entry, algorithm → its checksum; ``None`` when there is no way to it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """``source`` (a path or an id) was uploaded as the asset ``public_id``."""

    source: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Cache:
    """One such file: the folder it is about (a path or an id), what was and was not uploaded."""

    folder: str
    done: tuple[Upload, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows for what is proven, and source → reason for what is not."""

    rows: tuple[Agreed, ...]
    doubts: Mapping[str, str]


def read_cache(text: str) -> Cache:
    """Return what one such file says.

    Raises:
        Misuse: it is none of them.
    """
    try:
        told: dict[str, Any] = json.loads(text)
        folder = told["folder_path"] if "folder_path" in told else told["source_path"]
        done = tuple(
            Upload(str(source), str(upload["public_id"]))
            for source, upload in told["successful_uploads"].items()
        )
        return Cache(str(folder), done, tuple(told.get("failed_uploads", {})))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misuse(
            "This is no record of uploads.", "It has successful_uploads and folder_path in JSON."
        ) from error


def take_over(cache: Cache, source: Tree, target: Tree, digests: Digests) -> Taken:
    """Return rows with ``source`` as path1 and ``target``, a Cloudinary account, as path2.

    A folder that was moved since is no hindrance: paths count from the cache's own folder.
    """
    by_id = {entry.id: entry for entry in source.entries.values() if not entry.is_folder}
    assets = _assets(target.entries.values())
    rows: list[Agreed] = []
    used: set[str] = set()
    doubts: dict[str, str] = {}
    for upload in cache.done:
        one = by_id.get(upload.source) or source.entries.get(_inside(cache, upload.source))
        found = assets.get(upload.public_id, [])
        if one is None or one.is_folder:
            doubts[upload.source] = "It is not there any more."
        elif len(found) != 1:
            doubts[upload.source] = f"There is no single asset {upload.public_id!r}."
        elif found[0].id in used:
            doubts[upload.source] = "Another file was uploaded as the same asset."
        elif (row := _proven(one, found[0], digests)) is None:
            doubts[upload.source] = "Its bytes are not those of the asset."
        else:
            rows.append(row)
            used.add(row.two.id)
    return Taken(tuple(rows), doubts)


def _inside(cache: Cache, source: str) -> RemotePath:
    """Return the path of ``source`` from the cache's folder on; the file itself has its name."""
    path, folder = PurePosixPath(source), PurePosixPath(cache.folder)
    if path == folder or not path.is_relative_to(folder):
        return RemotePath(path.name)
    return RemotePath(path.relative_to(folder).as_posix())


def _assets(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if public_id := entry.facts.get("public_id"):
            found.setdefault(public_id, []).append(entry)
    return found


def _proven(one: Entry, two: Entry, digests: Digests) -> Agreed | None:
    if one.size != two.size or two.digest is None:
        return None
    digest = one.digest or digests(one, two.digest.algorithm)
    if not same_digest(digest, two.digest):
        return None
    return Agreed(one.path, fact_of(replace(one, digest=digest)), fact_of(two))
