"""Names on the disk and lawful names.

A name in NFC is kept as it is. Others (NFD, bytes that are no UTF-8) are written in NFC with
escapes, and marked where that is somebody else's name already; each leads back to its file.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from mirrorfs.core import paths
from mirrorfs.core.errors import Unsupported

_TEMPORARY = re.compile(r"\.mirrorfs-[0-9a-f]{16}\.part")


def check_name(name: str) -> None:
    """Check a name that is to be looked for or made.

    Raises:
        Unsupported: it is not lawful, or kept for files that are being written.
    """
    if not paths.is_lawful(name):
        raise Unsupported(f"{name!r} cannot be the name of a file.")
    if is_temporary(name):
        raise Unsupported(f"{name!r} is reserved for files that are being written.")


def is_ours(one: os.DirEntry[str]) -> bool:
    """Say whether it is a file or folder that is shown: no link, device or temporary file."""
    if is_temporary(one.name):
        return False
    return one.is_file(follow_symlinks=False) or one.is_dir(follow_symlinks=False)


def new_temporary() -> str:
    """Return a name for a file that is being written."""
    return f".mirrorfs-{secrets.token_hex(8)}.part"


def is_temporary(name: str) -> bool:
    """Say whether it is the name of a file that is, or was, being written."""
    return name.startswith(".m") and bool(_TEMPORARY.fullmatch(name))


def lawful_names(raws: Iterable[str]) -> dict[str, str]:
    """Return lawful name → name on disk; NFC names as they are, others made lawful and unique."""
    names: dict[str, str] = {}
    odd: list[tuple[str, str]] = []
    for raw in raws:
        if raw.isascii():
            names[raw] = raw
            continue
        name = raw.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        name = unicodedata.normalize("NFC", name)
        if name == raw:
            names[name] = raw
        else:
            odd.append((raw, name))
    for raw, name in sorted(odd):
        if name in names or not paths.is_lawful(name):
            names[_marked(name, raw)] = raw
        else:
            names[name] = raw
    return names


def _marked(name: str, raw: str) -> str:
    """Return ``name`` with sixteen digits of the SHA-256 of the name on the disk."""
    digits = hashlib.sha256(os.fsencode(raw)).hexdigest()[:16]
    suffix = Path(name).suffix
    extension = suffix if len(suffix.encode()) <= 16 else ""
    stem = name.removesuffix(extension).encode()[:200].decode("utf-8", "ignore")
    return f"{stem}~{digits}{extension}"
