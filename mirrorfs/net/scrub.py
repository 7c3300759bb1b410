"""Keeping secrets out of messages."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MASK = "***"
_TELLTALES = re.compile(
    r"(?P<kept>(?:signature|api_secret|api_?key|token)[\"']?\s*[=:]\s*[\"']?"
    r"|(?:Basic|Bearer)\s+)(?P<secret>[^\s\"'&@,}]+)",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"(://[^/@\s:\[]*:)(?:[^\s\"'@]+(?=@)|(?!\d{1,5}\b)[^\s\"'&@,}]+)"
)  # up to an "@", or else anything but a port
_URL_SIGNATURE = re.compile(r"s--[\w-]{8,32}--")
_MEDIA_SECRET = re.compile(r"(/i-\w+/\d+/)[A-Za-z0-9]+(?=/)")  # opens a SmugMug file to anybody
_QUERY = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']*")


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without ``secrets``, signatures, and what URLs hold of credentials."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _MASK)
    text = _QUERY.sub(r"\1", text)
    text = _URL_SIGNATURE.sub(f"s--{_MASK}--", text)
    text = _MEDIA_SECRET.sub(rf"\1{_MASK}", text)
    text = _PASSWORD.sub(rf"\1{_MASK}", text)
    return _TELLTALES.sub(rf"\g<kept>{_MASK}", text)
