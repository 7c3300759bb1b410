"""Where an upload's bytes come from: the request itself, a data URI, or a remote URL.

Of remote URLs only loopback ones are fetched. The pictures the documentation and the SDKs use as
examples (``cloudinary.com/images/old_logo.png`` and the ``demo`` account) are replaced by a picture
made here, so nothing ever leaves the machine.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

from mirrorfs.emulators.cloudinary.errors import bad_request
from mirrorfs.emulators.cloudinary.params import Params, Sent
from mirrorfs.emulators.cloudinary.picture import sample_picture

_DATA = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+=[^;,]*)*)(;base64)?,(.*)", re.DOTALL)
_REMOTE = re.compile(r"(https?|ftp|s3|gs)://", re.IGNORECASE)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TIMEOUT = 30.0


def open_source(params: Params) -> Sent:
    """Give the bytes of the ``file`` parameter; 400 when it is missing or cannot be loaded."""
    if params.file:
        return params.file
    text = params.text("file").strip()
    if not text:
        raise bad_request("Missing required parameter - file")
    if text.startswith("data:"):
        return _decode(text)
    if _REMOTE.match(text):
        return fetch(text)
    raise bad_request(f"Unsupported source URL: {text[:100]}")


def fetch(url: str) -> Sent:
    """Load a loopback URL, or the stand-in for a documented sample; 400 for any other."""
    parts = urlsplit(url)
    name = PurePosixPath(unquote(parts.path)).name or "file"
    sample = parts.path == "/images/old_logo.png" or parts.path.startswith("/demo/")
    if (parts.hostname or "").endswith("cloudinary.com") and sample:
        return _sent(sample_picture(), name)
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise bad_request(f"Error in loading {url} - only loopback addresses are reached here")
    try:
        return _sent(_get(parts), name)
    except OSError as error:
        raise bad_request(f"Error in loading {url} - {error}") from None


def is_remote(params: Params) -> bool:
    """Tell whether the bytes have to be fetched first."""
    return params.file is None and bool(_REMOTE.match(params.text("file").strip()))


def _get(parts: SplitResult) -> bytes:
    connection = HTTPConnection(parts.netloc, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            raise OSError(f"{answer.status} {answer.reason}")
        return answer.read()
    finally:
        connection.close()


def _decode(text: str) -> Sent:
    match = _DATA.fullmatch(text)
    if match is None:
        raise bad_request("Invalid data URI")
    try:
        body = (
            base64.b64decode(re.sub(r"\s", "", match[4]))
            if match[3]
            else unquote(match[4]).encode()
        )
    except binascii.Error:
        raise bad_request("Invalid data URI") from None
    return _sent(body, "file")


def _sent(body: bytes, name: str) -> Sent:
    return Sent(io.BytesIO(body), len(body), name)
