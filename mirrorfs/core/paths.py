"""The path law: relative, joined by ``/``, NFC, the root is the empty string."""

from __future__ import annotations

import unicodedata
from typing import NewType

from mirrorfs.core.errors import Misuse

RemotePath = NewType("RemotePath", str)
"""A lawful path: no leading or trailing ``/``, no empty, ``.`` or ``..`` segment, no NUL."""

ROOT = RemotePath("")
SEGMENT_BYTES = 255
"""The longest name that Linux file systems hold, in UTF-8 bytes (``NAME_MAX``)."""


def parse(text: str) -> RemotePath:
    """Return ``text`` as a lawful path; outer slashes and NFD are put right.

    Raises:
        Misuse: a segment is empty, ``.`` or ``..``, holds NUL, or is over 255 bytes.
    """
    path = unicodedata.normalize("NFC", text.strip("/"))
    if not path:
        return ROOT
    for segment in path.split("/"):
        if not is_lawful(segment):
            raise Misuse(f"{segment!r} cannot be part of a path.")
    return RemotePath(path)


def is_lawful(segment: str) -> bool:
    """Say whether ``segment`` may stand between two slashes of a path."""
    return (
        segment not in {"", ".", ".."}
        and "/" not in segment
        and "\0" not in segment
        and len(segment.encode("utf-8", "surrogatepass")) <= SEGMENT_BYTES
    )


def join(folder: RemotePath, name: str) -> RemotePath:
    """Return the path of ``name`` inside ``folder``; ``name`` MUST be lawful."""
    return RemotePath(f"{folder}/{name}" if folder else name)


def parent(path: RemotePath) -> RemotePath:
    """Return the folder that holds ``path``; the root is its own parent."""
    return RemotePath(path.rpartition("/")[0])


def name(path: RemotePath) -> str:
    """Return the last segment; empty for the root."""
    return path.rpartition("/")[2]


def ancestors(path: RemotePath) -> list[RemotePath]:
    """Return the folders above ``path`` from the root down, without ``path`` itself."""
    if not path:
        return []
    parts = path.split("/")
    return [ROOT, *(RemotePath("/".join(parts[:n])) for n in range(1, len(parts)))]


def is_within(path: RemotePath, folder: RemotePath) -> bool:
    """Say whether ``path`` is ``folder`` or lies below it."""
    return not folder or path == folder or path.startswith(f"{folder}/")
