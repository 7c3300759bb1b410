"""Addresses that people set: where a service is spoken to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mirrorfs.core.errors import Misuse

_USER = re.compile(r"(?<=://)[^\s/?#@]*@")


def base(text: str, setting: str) -> str:
    """Return an address below which a service's API is, without a slash at its end.

    Raises:
        Misuse: it is no ``http(s)://host[:port][/path]``, or holds a user or a password. The
            message names ``setting`` and never repeats the address.
    """
    if not _is_plain(text):
        said = f"{setting} must be https:// or http:// and a host, without user and password."
        raise Misuse(said)
    return text.rstrip("/")


def proxy(text: str, setting: str) -> str:
    """Return the address of a proxy, which may hold a user and a password.

    Raises:
        Misuse: it is no ``http(s)://[user[:password]@]host[:port]``; the address is not repeated.
    """
    if not _is_plain(_USER.sub("", text, count=1)):
        raise Misuse(f"{setting} must be https:// or http:// and a host.")
    return text


def _is_plain(text: str) -> bool:
    if not (text.isascii() and text.isprintable()) or set(text) & set(" @?#\\"):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
