"""Sending bytes: one request up to 20 MB, pieces beyond, and the proof of what was stored.

https://cloudinary.com/documentation/upload_images#chunked_asset_upload: each piece but the last
is over 5 MB and carries ``X-Unique-Upload-Id`` and ``Content-Range``; the answer to the last is
the asset. A piece whose answer was lost is sent again. No more than one piece is in memory.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from mirrorfs.core.errors import Corrupt, Unsupported
from mirrorfs.core.provider import Readable
from mirrorfs.providers.cloudinary import rules
from mirrorfs.providers.cloudinary.api import Api, Json, Piece

PIECE = 20_000_000
"""Bytes a request; the same as the official SDK's."""


class Source:
    """A body of known size; read piece by piece, or from its beginning where it can seek."""

    def __init__(self, body: Readable, size: int, what: str) -> None:
        self._body = body
        self._what = what
        self.size = size
        self._left = size
        self._hasher = hashlib.md5(usedforsecurity=False)
        self._first = b""

    @property
    def is_small(self) -> bool:
        """Say whether one request holds it all."""
        return self.size <= PIECE

    @property
    def md5(self) -> str:
        """The MD5 of what was read so far."""
        return self._hasher.hexdigest()

    def whole(self) -> bytes:
        """Return all of a small body; as often as wanted."""
        if not self._first:
            self._first = self.next()
        return self._first

    def next(self) -> bytes:
        """Return the next piece; the last one only when the body ends with it.

        Raises:
            Corrupt: the body is shorter or longer than promised.
        """
        wanted = min(PIECE, self._left)
        parts = []
        while wanted and (part := self._body.read(wanted)):
            parts.append(part)
            wanted -= len(part)
        piece = b"".join(parts)
        self._left -= len(piece)
        if wanted > 0 or wanted < 0 or (not self._left and self._body.read(1)):
            raise Corrupt(f"{self._what} is not {self.size} bytes long, as was promised.")
        self._hasher.update(piece)
        return piece

    def rewind(self) -> None:
        """Begin again.

        Raises:
            Unsupported: the body cannot.
        """
        seek = getattr(self._body, "seek", None)
        if seek is None:
            raise Unsupported(f"{self._what} is not what its name says.", "Send it from a file.")
        seek(-(self.size - self._left), 1)
        self._left = self.size
        self._hasher = hashlib.md5(usedforsecurity=False)


def send(api: Api, source: Source, resource_type: str, params: Mapping[str, Any]) -> Json:
    """Store a body as an asset and return the answer, not yet compared with what was sent."""
    if source.is_small:
        return api.act(resource_type, "upload", params, Piece(source.whole(), {}))
    upload_id = secrets.token_hex(10)
    answer: Json = {}
    at = 0
    while at < source.size:
        data = source.next()
        place = f"bytes {at}-{at + len(data) - 1}/{source.size}"
        headers = {"X-Unique-Upload-Id": upload_id, "Content-Range": place}
        answer = api.act(resource_type, "upload", params, Piece(data, headers))
        at += len(data)
    return answer


def is_refusal_of_type(error: Unsupported, resource_type: str) -> bool:
    """Say whether the same bytes may be sent as raw."""
    return resource_type != "raw" and rules.refuses_type(error.message)
