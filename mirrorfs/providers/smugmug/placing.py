"""Where an album stands in the tree, and which album holds what stands somewhere. Pure.

SmugMug's folders hold folders and albums, albums hold pictures, and folders nest five deep
(SmugMug API, reference/node). So that a directory may hold pictures beside directories, and lie
as deep as one likes, two kinds of albums have a UrlName that says where their pictures are shown:

- ``Files-In-This-Folder``: directly in the folder that the album is in;
- ``Path-In-Name-…``: at the relative path that the album's Name spells, below that folder. Its
  segments are joined by ``/``, each as :func:`mirrorfs.core.names.encode` writes a name.

Any other album is a directory of its own, named by its Name. A ``Path-In-Name-`` album whose Name
spells no path, since somebody changed it by hand, is one of those.
"""

from __future__ import annotations

import hashlib
import unicodedata

from mirrorfs.core import names, paths
from mirrorfs.providers.smugmug.rules import LONGEST_NAME

HERE = "Files-In-This-Folder"
"""The UrlName, and the Name, of the album that holds the files of a folder."""

DEEPER = "Path-In-Name-"
"""How the UrlName of an album begins whose Name is a path."""

Segments = tuple[str, ...]
"""Names of directories, one inside the other, as lawful paths have them."""


def segments_of(url_name: str, name: str) -> Segments | None:
    """Return where an album's pictures are below its folder; ``None``: in a directory of its own.

    Of the service's spellings of one UrlName only the letters count, not their case.
    """
    if url_name.casefold() == HERE.casefold():
        return ()
    if not url_name.casefold().startswith(DEEPER.casefold()):
        return None
    segments = tuple(unicodedata.normalize("NFC", name).split("/"))
    return segments if all(map(_is_spelled, segments)) else None


def name_for(segments: Segments) -> str | None:
    """Return the Name of the album that holds the files at ``segments`` below its folder.

    ``None``: no Name spells that. It would be too long, begin or end with a space, which may be
    cut off, or one of the segments would be read as another.
    """
    if not segments:
        return HERE
    name = "/".join(segments)
    is_kept = len(name) <= LONGEST_NAME and name == name.strip()
    return name if is_kept and all(map(_is_spelled, segments)) else None


def url_name_for(segments: Segments) -> str:
    """Return the UrlName of that album: the same each time, so that nobody makes it twice."""
    if not segments:
        return HERE
    digits = hashlib.sha256("/".join(segments).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{DEEPER}{digits[:16].upper()}"


def _is_spelled(segment: str) -> bool:
    """Say whether a segment of a Name is how a directory's lawful name is written."""
    plain = unicodedata.normalize("NFC", names.encode(names.decode(segment)))
    return plain == segment and paths.is_lawful(segment)
