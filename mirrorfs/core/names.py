"""Names for the files of services that know no file names.

A service may hold ``a/b``, ``..``, control characters, names of any length, and several
files of one name in one folder. Each gets a lawful name that is unique in its folder (also
on a drive that ignores case), the same on every listing, and leads back to its id:

- :func:`encode` writes what no path may hold as ``%XX`` (and a ``%`` that would read as such
  as ``%25``); :func:`decode` is its exact inverse;
- :func:`assign` gives the plain name to the eldest of those that share it and marks the
  others with ``~`` and eight hexadecimal digits of their id's SHA-256, so a newcomer never
  renames what was there before.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from mirrorfs.core.paths import SEGMENT_BYTES

_UNLAWFUL = re.compile(r"[/\x00-\x1f\x7f\ud800-\udfff]|%(?=[0-9A-F]{2})")
_ESCAPE = re.compile(r"(?:%[0-9A-F]{2})+")
_NAMELESS = "%20"  # a space is never escaped, so no other name is written like this


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that wants a name: its id, the name it wants, and its rank among twins.

    The lowest ``rank`` keeps the plain name; ties go to the lowest id.
    """

    id: str
    name: str
    rank: str = ""


def encode(raw: str) -> str:
    """Return ``raw`` with what a path segment may not hold as ``%XX`` of its UTF-8 bytes."""
    if not raw or raw in {".", ".."}:
        return raw.replace(".", "%2E") or _NAMELESS
    return _UNLAWFUL.sub(_escape, raw)


def decode(name: str) -> str:
    """Return what :func:`encode` was given (NFC and length apart); what it never writes is kept."""
    if name == _NAMELESS:
        return ""
    return _ESCAPE.sub(_unescape, name)


def assign(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Return id → name, unique in the folder under NFC and without regard to case."""
    wanted: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for candidate in candidates:
        name = unicodedata.normalize("NFC", encode(candidate.name))
        wanted[fold(name)].append((candidate.rank, candidate.id, name))
    names: dict[str, str] = {}
    marked: list[tuple[str, str]] = []
    for twins in wanted.values():
        twins.sort()
        _, eldest, name = twins[0]
        if len(name.encode()) <= SEGMENT_BYTES:
            names[eldest] = name
        else:
            marked.append((eldest, name))
        marked.extend((id_, name) for _, id_, name in twins[1:])
    taken = set(map(fold, names.values()))
    for id_, name in sorted(marked):
        names[id_] = _mark(id_, name, taken)
        taken.add(fold(names[id_]))
    return names


def fold(name: str) -> str:
    """Return what two names share when a drive that ignores case takes them for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _escape(match: re.Match[str]) -> str:
    data = match.group().encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in data)


def _unescape(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match.group().replace("%", "")).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return match.group()


def _mark(id_: str, name: str, taken: set[str]) -> str:
    digits = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 16:
        stem, dot, extension = name, "", ""
    for length in range(8, len(digits) + 1):
        tail = f"~{digits[:length]}{dot}{extension}"
        marked = _cut(stem, SEGMENT_BYTES - len(tail.encode())) + tail
        if fold(marked) not in taken:
            return marked
    raise AssertionError(f"two things share the id {id_!r}")


def _cut(text: str, limit: int) -> str:
    return text.encode()[:limit].decode("utf-8", "ignore")
