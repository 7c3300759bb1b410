"""What goes with an upload and what comes back. Pure (SmugMug API, reference/upload).

File names that are not plain ASCII are percent-encoded as UTF-8, as some published clients do;
others send the UTF-8 as it is. Which of them the service reads is documented nowhere, so every
upload is followed by a look at what it is called. Descriptions are sent in headers where they are
plain ASCII, and otherwise set by PATCH, whose JSON leaves nothing open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from mirrorfs.core import facts as known_facts
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    Unavailable,
    Unsupported,
)
from mirrorfs.providers.smugmug import rules
from mirrorfs.providers.smugmug.envelope import Json

_HEADERS: Mapping[str, str] = {
    known_facts.TITLE: "X-Smug-Title",
    known_facts.CAPTION: "X-Smug-Caption",
    known_facts.KEYWORDS: "X-Smug-Keywords",
    known_facts.LATITUDE: "X-Smug-Latitude",
    known_facts.LONGITUDE: "X-Smug-Longitude",
}
_FIELDS: Mapping[str, str] = {
    known_facts.TITLE: "Title",
    known_facts.CAPTION: "Caption",
    known_facts.KEYWORDS: "Keywords",
    known_facts.LATITUDE: "Latitude",
    known_facts.LONGITUDE: "Longitude",
}
_PASSING = "system error"
_PLACE = {known_facts.LATITUDE, known_facts.LONGITUDE}

KEPT = frozenset(_FIELDS)
"""Names of the facts that can be set."""

_BESIDE = re.compile(r".*~new-([A-Za-z0-9]+)-[0-9a-f]{8}\.[^.]*", re.DOTALL)
_SAFE = "!#$&'()*+,/:;<=>?@[]^_`{|}~"


@dataclass(frozen=True, slots=True)
class Stored:
    """What an upload made or replaced: the image, and its place in the album."""

    image_uri: str
    album_image_uri: str

    @property
    def key(self) -> str:
        """The image's key; after it the Uri has the serial."""
        return self.image_uri.rpartition("/")[2].partition("-")[0]


def name_beside(name: str, key: str, mark: str) -> str:
    """Return the name of new bytes on their way to the place of ``name``, whose key that is."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem}~new-{key}-{mark}{dot}{extension}"


def key_beside(name: str) -> str:
    """Return the key in a name that :func:`name_beside` made; empty for any other name."""
    found = _BESIDE.fullmatch(name)
    return found[1] if found else ""


def header_text(text: str) -> str:
    """Return ``text`` fit for a header, so that decoding ``%XX`` gives it back."""
    is_plain = text.isascii() and text.isprintable() and text == text.strip()
    return text if is_plain and unquote(text) == text else quote(text, safe=_SAFE)


def describing_headers(facts: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that send a description along, as far as it is plain text.

    The time taken is the file's own.
    """
    return {
        _HEADERS[name]: text
        for name, text in facts.items()
        if name in KEPT and text and header_text(text) == text
    }


def describing_fields(known: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that make a description of ``known`` facts the one that is wanted.

    An empty text clears a field (SmugMug API, reference/image: PATCH); a place that is not known
    is nought and nought.
    """
    return {
        _FIELDS[name]: text or ("0" if name in _PLACE else "")
        for name, text in wanted.items()
        if name in KEPT and _plain(name, known.get(name, "")) != _plain(name, text)
    }


def _plain(name: str, text: str) -> object:
    """Return what two texts share that mean the same: separators, number of digits."""
    if name == known_facts.KEYWORDS:
        return known_facts.keywords_of(text)
    if name not in _PLACE:
        return text
    try:
        return round(float(text or 0), 6)
    except ValueError:
        return text


def placing_headers(album_uri: str, name: str, *, is_encoded: bool) -> dict[str, str]:
    """Return the headers that say where a file goes and what it is.

    ``is_encoded``: the name goes as :func:`header_text`, and not as it is, which a signed request
    sends as UTF-8.
    """
    is_raw = name.isprintable() and not is_encoded
    kind = rules.MIME_TYPES[name.rpartition(".")[2].lower()]
    return {
        "X-Smug-AlbumUri": album_uri,
        "X-Smug-FileName": name if is_raw else header_text(name),
        "Content-Type": kind,
    }


def parse_answer(answer: Json, name: str) -> Stored:
    """Return what was stored, by the uploader's answer, which has status 200 either way.

    Raises:
        MirrorError: ``"stat": "fail"``, see :func:`failure`.
        BadAnswer: it names no image.
    """
    if answer.get("stat") != "ok":
        raise failure(answer, name)
    image = answer.get("Image")
    found = image if isinstance(image, dict) else {}
    image_uri, place = found.get("ImageUri"), found.get("AlbumImageUri")
    if not (isinstance(image_uri, str) and isinstance(place, str) and image_uri and place):
        raise BadAnswer(f"SmugMug: the uploader does not say what became of {name}.")
    return Stored(image_uri, place)


def failure(answer: Json, name: str) -> MirrorError:
    """Return the error for a refused upload: ``{"stat": "fail", "code", "message"}``."""
    code, message = answer.get("code"), str(answer.get("message") or "no reason was given")
    said = f"SmugMug did not store {name}: {message} ({code})."
    if "md5" in message.lower():
        return Corrupt(said)
    if "permission" in message.lower():
        return Denied(said, "The user sets what this application may do, under Account Settings.")
    kinds: Mapping[Any, type[MirrorError]] = {
        5: Unavailable if message == _PASSING else Unsupported,
        6: Unsupported,
        9: NotFound,
        99: Unavailable,
        409: AlreadyExists,
        **dict.fromkeys((30, 31, 32, 33, 34, 35, 36, 37), Denied),
    }
    return kinds.get(code, Unsupported)(said)
