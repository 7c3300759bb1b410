"""What a service says of a picture, under one set of names: keys of ``Entry.facts``.

All are text. A fact that a service does not tell, or tells as empty, is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from mirrorfs.core.errors import Unsupported

TITLE = "title"
CAPTION = "caption"
KEYWORDS = "keywords"
"""Joined by :data:`KEYWORDS_SEPARATOR`, in the service's own order."""
LATITUDE = "latitude"
"""Decimal degrees, north positive."""
LONGITUDE = "longitude"
"""Decimal degrees, east positive."""
TAKEN = "taken"
"""The camera's wall clock, ``YYYY-MM-DDTHH:MM:SS`` without a zone (EXIF DateTimeOriginal)."""

REPLACES = "replaces"
"""Of new bytes on their way to the place of another file: the ``Entry.id`` of that file.

A writer stores them beside it first. When it is killed they stay there, and so does this.
"""

URL = "url"
"""The address of the bytes."""
PRIVATE = "private."
"""What the names of facts begin with that are for the provider alone: they open a file to all."""
PRIVATE_URL = f"{PRIVATE}{URL}"
"""The address of the bytes, where it holds such a secret."""

DESCRIPTION = (TITLE, CAPTION, KEYWORDS, LATITUDE, LONGITUDE, TAKEN)
"""What people see of a picture, in the order in which it is shown."""

KEYWORDS_SEPARATOR = "; "


def check_kept(given: Iterable[str], kept: Collection[str], who: str) -> None:
    """Check that a service, called ``who``, keeps all facts of these names.

    Raises:
        Unsupported: it does not; the message names them.
    """
    lost = [name for name in given if name not in kept]
    if lost:
        raise Unsupported(f"{who} keeps no {', '.join(lost)} of a file.")


def shown(known: Mapping[str, str]) -> dict[str, str]:
    """Return those of ``known`` facts that people may see."""
    return {name: text for name, text in known.items() if not name.startswith(PRIVATE)}


def described(known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return ``known`` facts with those ``given`` instead; an empty text takes one away."""
    return {name: text for name, text in {**known, **given}.items() if text}


def keywords_of(text: str) -> list[str]:
    """Return the keywords in the text of that fact, without blanks around them."""
    return [part.strip() for part in text.split(KEYWORDS_SEPARATOR.strip()) if part.strip()]
