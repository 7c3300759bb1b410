"""What the service says of a picture, as facts. Pure.

Besides those of :mod:`mirrorfs.core.facts` these are ``image_key``, ``album_key``, ``serial``,
``uri`` (its place in the album), ``file_name`` (as the service has it) and ``hidden``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from mirrorfs.core import facts
from mirrorfs.providers.smugmug import times, uploads
from mirrorfs.providers.smugmug.envelope import Json
from mirrorfs.providers.smugmug.fields import said


def facts_of(item: Json, album_key: str) -> Mapping[str, str]:
    """Return all facts of a picture that do not depend on which bytes are given."""
    told = {
        facts.TITLE: said(item, "Title"),
        facts.CAPTION: said(item, "Caption"),
        facts.KEYWORDS: _keywords(item),
        **_location(item),
        facts.TAKEN: times.wall_clock(said(item, "DateTimeOriginal")),
        "image_key": said(item, "ImageKey"),
        "album_key": sys.intern(album_key),
        "serial": str(item.get("Serial", 0)),
        "uri": said(item, "Uri"),
        "file_name": said(item, "FileName"),
        "hidden": "true" if item.get("Hidden") is True else "",
        facts.REPLACES: _replaced(item, album_key),
    }
    return {name: value for name, value in told.items() if value}


def _replaced(item: Json, album_key: str) -> str:
    """Return the identity of the picture in whose place this one was to be."""
    key = uploads.key_beside(said(item, "FileName")) if item.get("Hidden") is True else ""
    return f"{album_key}/{key}" if key else ""


def _keywords(item: Json) -> str:
    listed = item.get("KeywordArray")
    if isinstance(listed, list) and listed:
        return facts.KEYWORDS_SEPARATOR.join(str(one) for one in listed)
    return said(item, "Keywords")


def _location(item: Json) -> dict[str, str]:
    """Return where it was taken; the service writes nought and nought where it does not know."""
    told = [str(item.get(name, "")) for name in ("Latitude", "Longitude")]
    try:
        is_told = any(float(one) for one in told)
    except ValueError:
        return {}
    return dict(zip((facts.LATITUDE, facts.LONGITUDE), told, strict=True)) if is_told else {}
