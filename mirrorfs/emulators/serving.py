"""Sending stored bytes as a CDN does: ranges and conditional requests."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import Receive, Scope, Send

    from mirrorfs.emulators.blobs import Blob, Blobs

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Content:
    """What is to be sent: size in bytes, MD5, time of change (Unix seconds) and file name.

    ``read`` gives the bytes from a start to a stop in chunks; ``headers`` are sent along. Without
    ``ranges`` a ranged request is answered with the whole.
    """

    size: int
    etag: str
    modified: float
    name: str
    read: Callable[[int, int], Iterable[bytes]]
    headers: Mapping[str, str] = field(default_factory=dict)
    ranges: bool = True


@dataclass(frozen=True)
class Span:
    """The bytes ``[start, stop)`` a request asks for."""

    start: int
    stop: int


class Unsatisfiable(Exception):
    """A range that begins behind the end."""


def parse_range(text: str, size: int) -> Span | None:
    """Read a Range header against a size in bytes.

    None means the whole: no header, several ranges, or one that is not understood (RFC 9110 lets
    a server ignore those). Raises ``Unsatisfiable``.
    """
    match = _RANGE.fullmatch(text.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        if int(match[2]) == 0 or size == 0:
            raise Unsatisfiable
        return Span(max(0, size - int(match[2])), size)
    start, stop = int(match[1]), int(match[2]) + 1 if match[2] else size
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(stop, size)) if stop > start else None


def send_content(content: Content, request: Headers) -> Response:
    """Answer 200, 206, 304 or 416 as the request's headers ask."""
    headers = {
        "ETag": f'"{content.etag}"',
        "Last-Modified": formatdate(content.modified, usegmt=True),
        "Accept-Ranges": "bytes" if content.ranges else "none",
        **content.headers,
    }
    if content.etag in request.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    size = content.size
    try:
        span = parse_range(request.get("range", ""), size) if content.ranges else None
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if span and request.get("if-range", content.etag).strip('"') != content.etag:
        span = None
    if span:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    headers["Content-Type"] = media_type(content.name)
    whole = span or Span(0, size)
    chunks = content.read(whole.start, whole.stop)
    return ChunkResponse(chunks, whole.stop - whole.start, 206 if span else 200, headers)


def stored(blobs: Blobs, blob: Blob) -> Callable[[int, int], Iterable[bytes]]:
    """Give what reads a stored blob."""
    return lambda start, stop: blobs.read(blob, start, stop)


def in_memory(body: bytes) -> Callable[[int, int], Iterable[bytes]]:
    """Give what reads a body made on the way."""
    return lambda start, stop: (body[start:stop],)


def media_type(name: str) -> str:
    """Give the Content-Type of a file by its extension."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


class ChunkResponse(Response):
    """Sends large chunks as they are read, without copies in between."""

    def __init__(
        self, chunks: Iterable[bytes], size: int, status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__(status_code=status, headers=dict(headers))
        self.headers["Content-Length"] = str(size)
        self._chunks = chunks

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the head, and the body unless only the head was asked for."""
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        if scope["method"] != "HEAD":
            for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
