"""Reading: exactly the bytes of one revision.

An address may be stale: it names the folders that the album was in, the Serial, and a secret. So
a file that is not brought, or is another, is looked at once more; if it still is at the same
revision it is read from where it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from mirrorfs.core.digest import proven
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import BadAnswer, Changed, Corrupt, Denied, MirrorError, NotFound
from mirrorfs.core.facts import PRIVATE_URL
from mirrorfs.core.paths import ROOT
from mirrorfs.net.patience import Patience
from mirrorfs.net.ranged import Body, Span, fetch
from mirrorfs.net.session import Sessions
from mirrorfs.providers.smugmug import translate
from mirrorfs.providers.smugmug.listing import Lister

HELD = 8 << 20
"""Files up to this size (bytes) are proven before their first byte is handed out."""

_REFUSALS = (Corrupt, Denied, NotFound, BadAnswer)

T = TypeVar("T")


class Delivery:
    """Reads files; safe to use from several threads."""

    def __init__(
        self,
        lister: Lister,
        sessions: Sessions,
        patience: Patience,
        suspect: Callable[[str], None],
    ) -> None:
        """``suspect`` is given the key of an album that holds something else than was known."""
        self._lister = lister
        self._sessions = sessions
        self._patience = patience
        self._suspect = suspect

    def read(self, entry: Entry, span: Span) -> Iterator[bytes]:
        """Yield the bytes of ``span``; a whole file is proven by its MD5 where one is told.

        Raises:
            Changed: the service has another revision. NotFound: the picture is gone.
            Corrupt: the bytes are others than the service promises. Denied: it gives none.
        """
        if span.is_whole and span.size <= HELD:
            yield self._try(entry, lambda now: self._whole(now, span))
            return
        body = self._try(entry, lambda now: self._open(now, span))
        if not span.is_whole:
            yield from body.pieces()
            return
        yield from proven(body.pieces(), span.size, entry.digest, entry.path)

    def _current(self, entry: Entry) -> Entry:
        """Return a file as the service has it now, at the path that it was known by."""
        album_key = entry.facts["album_key"]
        try:
            image = self._lister.image(entry.facts["image_key"], album_key)
        except NotFound:
            self._suspect(album_key)
            raise NotFound(f"{entry.path} is gone from SmugMug.") from None
        if image.media is None or image.media.size is None:
            raise NotFound(f"{entry.path}: {image.withheld or translate.NOT_GIVEN}")
        now = replace(translate.to_entry(image, ROOT), path=entry.path)
        if now.revision != entry.revision:
            self._suspect(album_key)
            raise Changed(f"{entry.path} is not what it was.")
        return now

    def _try(self, entry: Entry, attempt: Callable[[Entry], T]) -> T:
        try:
            return attempt(entry)
        except _REFUSALS as error:
            return self._again(entry, attempt, error)

    def _again(self, entry: Entry, attempt: Callable[[Entry], T], first: MirrorError) -> T:
        now = self._current(entry)
        if now.facts[PRIVATE_URL] == entry.facts[PRIVATE_URL] and not isinstance(first, Corrupt):
            raise _told(entry, first) from None
        try:
            return attempt(now)
        except _REFUSALS as error:
            raise _told(entry, error) from None

    def _whole(self, entry: Entry, span: Span) -> bytes:
        pieces = self._open(entry, span).pieces()
        return b"".join(proven(pieces, span.size, entry.digest, entry.path))

    def _open(self, entry: Entry, span: Span) -> Body:
        return fetch(self._sessions, entry.facts[PRIVATE_URL], span, self._patience)


def _told(entry: Entry, error: MirrorError) -> MirrorError:
    """Return the error for a file that is there and is not brought: never that it is gone.

    It is ``Denied`` only where the service says so, which a 404 does not.
    """
    said = f"{entry.path}: {error.message.removeprefix(f'{entry.path}: ')}"
    kind = BadAnswer if isinstance(error, NotFound) else type(error)
    return kind(said, error.hint)
