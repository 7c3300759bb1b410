"""Reading: exactly the bytes of one revision, by whichever way brings them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from mirrorfs.core.digest import proven
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    BadAnswer,
    Changed,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    Unsupported,
)
from mirrorfs.net.patience import Patience
from mirrorfs.net.ranged import Body, Span, fetch
from mirrorfs.net.session import Sessions
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.diagnoses import Diagnoses
from mirrorfs.providers.cloudinary.ways import Way, Ways, url_by

HELD = 8 << 20
"""Files up to this size (bytes) are proven before their first byte is handed out."""

_MD5 = re.compile(r'"([0-9a-fA-F]{32})"')
_REFUSALS = (Corrupt, Denied, NotFound, BadAnswer, Changed, Unsupported)

T = TypeVar("T")


class Delivery:
    """Reads files; safe to use from several threads."""

    def __init__(
        self, api: Api, sessions: Sessions, patience: Patience, current: Callable[[Entry], object]
    ) -> None:
        self._api = api
        self._sessions = sessions
        self._patience = patience
        self._diagnoses = Diagnoses(current, sessions.clock)
        self._ways = Ways()

    def read(self, entry: Entry, span: Span) -> Iterator[bytes]:
        """Yield the bytes of ``span``; a whole file is proven by its MD5.

        A file over 8 MiB whose MD5 does not match at its end is ``Corrupt`` then; the way it
        came is remembered, so that the next read of it takes another.
        """
        if span.is_whole and span.size <= HELD:
            yield self._whole(entry, span)
            return
        way, body = self._first(entry, lambda way: (way, self._open(entry, span, way)))
        if not span.is_whole:
            yield from body.pieces()
            return
        try:
            yield from proven(body.pieces(), span.size, entry.digest, entry.path)
        except Corrupt:
            self._ways.failed(entry, way)
            raise

    def _whole(self, entry: Entry, span: Span) -> bytes:
        def get(way: Way) -> bytes:
            pieces = self._open(entry, span, way).pieces()
            return b"".join(proven(pieces, span.size, entry.digest, entry.path))

        return self._first(entry, get)

    def _first(self, entry: Entry, attempt: Callable[[Way], T]) -> T:
        """Return what the first way that works gives, or say why none does."""
        failures: list[MirrorError] = []
        for way in self._ways.order(entry):
            try:
                found = attempt(way)
            except _REFUSALS as error:
                self._ways.failed(entry, way)
                failures.append(error)
            else:
                self._ways.worked(entry, way)
                return found
        raise self._diagnosis(entry, failures)

    def _open(self, entry: Entry, span: Span, way: Way) -> Body:
        """Open a file one way; the size and the ETag must be those of the stored original.

        The CDN's ETag of an original is its MD5; another one means another encoding.
        """
        url = url_by(way, entry, self._api)
        if not url:
            raise BadAnswer("Cloudinary gave a delivery URL without a version.")
        body = fetch(self._sessions, url, span, self._patience)
        told = _MD5.fullmatch(body.etag)
        if told and entry.digest and told[1].lower() != entry.digest.value:
            body.close()
            raise Corrupt(f"{entry.path}: Cloudinary delivers other bytes than it stores.")
        return body

    def _diagnosis(self, entry: Entry, failures: list[MirrorError]) -> MirrorError:
        """Return the error for a file that no way brings: that it changed, or what was said."""
        changed = self._diagnoses.of(entry)
        if changed:
            return changed
        for kind in (Corrupt, Denied):
            found = next((error for error in failures if isinstance(error, kind)), None)
            if found:
                said = found.message.removeprefix(f"{entry.path}: ")
                return kind(f"{entry.path}: {said}", found.hint)
        return BadAnswer(f"{entry.path}: Cloudinary does not deliver it: {failures[0].message}")
