"""UrlNames: what a folder or an album is called in addresses, derived from its Name.

A UrlName begins with a capital letter or a digit and has at most 60 characters (SmugMug API,
reference/node); letters, digits and ``-`` are known to be taken. It is unique among siblings,
which makes it a guard: whoever makes one folder twice is refused the second time.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 60
"""Characters."""

_OTHERS = re.compile(r"[^A-Za-z0-9]+")
_FALLBACK = "Folder"


def candidates(name: str) -> tuple[str, ...]:
    """Return the UrlNames that a Name may get, the best first, none of them twice."""
    return tuple(dict.fromkeys([plain(name), marked(name), _marked(_FALLBACK, name)]))


def plain(name: str) -> str:
    """Return the UrlName that a Name gets when no sibling has it.

    Accents are dropped and runs of other characters become one ``-``.
    """
    text = _letters(name)[:LONGEST].rstrip("-")
    return text[:1].upper() + text[1:] or marked(name)


def marked(name: str) -> str:
    """Return the UrlName for a Name whose plain one is taken: the same each time, never shared."""
    return _marked(_letters(name)[: LONGEST - 9].rstrip("-") or _FALLBACK, name)


def _marked(stem: str, name: str) -> str:
    digits = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem[:1].upper()}{stem[1:]}-{digits}"


def _letters(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    kept = "".join(one for one in letters if not unicodedata.combining(one))
    return _OTHERS.sub("-", kept).strip("-")
