"""Parts of files over HTTP, proven part by part (RFC 9110, section 14).

The pieces of a :class:`Body` are together exactly as long as was asked for. A stream that
breaks is taken up where it stopped, as long as the service still has the same bytes (If-Range).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import requests
import urllib3

from mirrorfs.core.errors import BadAnswer, Changed, Corrupt, Unavailable
from mirrorfs.net.numbers import whole
from mirrorfs.net.patience import Patience, persist
from mirrorfs.net.session import Sessions

CHUNK = 1 << 20
"""Bytes a piece; small pieces cost most of the speed."""

_MOST_SKIPPED = 8 << 20
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Span:
    """What is wanted of a file: bytes ``start`` up to ``stop`` of ``size``; never empty."""

    start: int
    stop: int
    size: int

    @property
    def is_whole(self) -> bool:
        """Say whether this is the whole file."""
        return self.start == 0 and self.stop == self.size


class Body:
    """An answer that has begun. Read :meth:`pieces` once, or :meth:`close` it."""

    def __init__(self, opened: _Opened, again: _Again) -> None:
        self._opened = opened
        self._again = again

    @property
    def etag(self) -> str:
        """The entity tag as sent, quotes included; empty when there is none."""
        return self._opened.etag

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes, taking a broken stream up again.

        Raises:
            Unavailable: it broke more often than the patience allows, with less than a piece
                between.
            Changed: it broke, and the service has other bytes now.
        """
        again, opened = self._again, self._opened
        at, stop = again.span.start, again.span.stop
        failures, broke_at = 0, again.span.start
        while True:
            try:
                for piece in opened.read(stop - at):
                    at += len(piece)
                    yield piece
            except Unavailable:
                failures = failures + 1 if at - broke_at < CHUNK else 1
                broke_at = at
                if failures >= again.patience.tries:
                    raise
            finally:
                opened.close()
            if at >= stop:
                return
            opened = again.open(at, self.etag)

    def close(self) -> None:
        """Give the connection back unread."""
        self._opened.close()


def fetch(sessions: Sessions, url: str, span: Span, patience: Patience) -> Body:
    """Open ``span`` of the file at ``url``; nothing of its body is read yet.

    Raises:
        Corrupt: the file there is not ``span.size`` bytes long.
        BadAnswer: the answer does not fit the question, or is a page instead of a file.
        Others: as :meth:`~mirrorfs.net.session.Sessions.get`.
    """
    again = _Again(sessions, url, span, patience)
    return Body(again.open(span.start, ""), again)


@dataclass(frozen=True, slots=True)
class _Again:
    """All it takes to open the rest of a span."""

    sessions: Sessions
    url: str
    span: Span
    patience: Patience

    def open(self, start: int, etag: str) -> _Opened:
        return persist(lambda: self._open(start, etag), self.patience, self.sessions.clock)

    def _open(self, start: int, etag: str) -> _Opened:
        span = Span(start, self.span.stop, self.span.size)
        headers = {} if span.is_whole else {"Range": f"bytes={start}-{span.stop - 1}"}
        if etag.startswith('"') and headers:
            headers["If-Range"] = etag
        opened = _Opened(self.sessions.get(self.url, headers))
        try:
            if etag and opened.etag != etag:
                raise Changed("The file changed while it was read.")
            opened.begin(span)
        except BaseException:
            opened.close()
            raise
        return opened


class _Opened:
    """One answer to one request."""

    def __init__(self, answer: requests.Response) -> None:
        self._answer = answer
        self.etag: str = answer.headers.get("ETag", "")

    def begin(self, span: Span) -> None:
        """Check that the answer is ``span`` and stand at its first byte."""
        headers = self._answer.headers
        if headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
            raise BadAnswer("The file came compressed though nobody asked for that.")
        if self._answer.status_code == 206:
            self._check_part(span, headers.get("Content-Range", ""))
        else:
            self._check_whole(span, headers.get("Content-Length"))
            self._skip(span.start)

    def read(self, length: int) -> Iterator[bytes]:
        """Yield ``length`` bytes.

        Raises:
            Unavailable: the stream ended or broke before.
        """
        while length:
            piece = self._take(min(CHUNK, length))
            length -= len(piece)
            yield piece

    def close(self) -> None:
        self._answer.close()

    def _check_part(self, span: Span, told: str) -> None:
        match = _CONTENT_RANGE.fullmatch(told.strip())
        if not match or int(match[1]) != span.start:
            raise BadAnswer(f"Another part came than was asked for: {told or 'it is not named'}.")
        if match[3] != "*" and int(match[3]) != span.size:
            raise Corrupt(f"The file is {match[3]} bytes long where {span.size} were promised.")
        if int(match[2]) != span.stop - 1:
            raise BadAnswer(f"Another part came than was asked for: {told}.")

    def _check_whole(self, span: Span, length: str | None) -> None:
        told = whole(length or "")
        if told is None:
            kind = self._answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind in {"text/html", "application/json"}:
                raise BadAnswer("A page came where a file was asked for.")
        elif told != span.size:
            raise Corrupt(f"The file is {length} bytes long where {span.size} were promised.")
        if span.start > _MOST_SKIPPED:
            raise BadAnswer("The service sends this file only from its beginning.")

    def _skip(self, length: int) -> None:
        for _ in self.read(length):
            pass

    def _take(self, length: int) -> bytes:
        try:
            piece: bytes = self._answer.raw.read(length, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(f"The connection broke: {type(error).__name__}.") from None
        if not piece:
            raise Unavailable("The file ended before it was complete.")
        return piece
