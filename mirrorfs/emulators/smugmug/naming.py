"""URL names: unique below one parent, and part of every path.

They have 1 to 60 characters and begin with a capital letter or a digit; without one the service
makes it of the name (SmugMug API, reference/node).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from string import ascii_lowercase

from mirrorfs.emulators.smugmug.errors import bad_request

_LONGEST = 60
_ALLOWED = re.compile(r"[^\W_][\w-]{0,59}")
_UNWANTED = re.compile(r"[^\w\s-]|_")


def make_url_name(name: str) -> str:
    """Make a URL name of a name: "Hoary marmots, 2019" becomes "Hoary-marmots-2019"."""
    words = _UNWANTED.sub("", name).split()
    text = "-".join(words).strip("-")[:_LONGEST]
    if text[:1].isascii():
        text = text[:1].upper() + text[1:]
    return text or "Untitled"


def check_url_name(url_name: str) -> str:
    """Give a URL name back; 400 when it is not allowed."""
    if not _ALLOWED.fullmatch(url_name) or url_name[0] in ascii_lowercase:
        raise bad_request("UrlName", "Must start with a capital letter")
    return url_name


def free_url_name(url_name: str, taken: Container[str]) -> str:
    """Give the name, or with the first number that makes it free: ``Trip``, ``Trip-1``."""
    numbered = (f"{url_name[: _LONGEST - 5]}-{number}" for number in itertools.count(1))
    return next(one for one in itertools.chain([url_name], numbered) if one not in taken)
