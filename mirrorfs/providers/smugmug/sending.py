"""Sending files, and the proof of what was stored.

The service has no condition for a write and no id for a request, so an upload whose answer was
lost is looked for in its album before it is sent again, and a file is never there twice.
Its Content-MD5 lets the service refuse what was damaged on the way. What it stored is looked at:
name, and for pictures MD5 and size. Where a name came percent-encoded it is sent once more as it
is, and so are all after it. A video is transcoded and its own digest is told nowhere
(SmugMug API, reference/upload); there the refusal by Content-MD5 is all the proof there is.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast

from mirrorfs.core.entry import NO_FACTS
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Corrupt,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.net.patience import persist
from mirrorfs.providers.smugmug import looking, uploads
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.parcel import Parcel
from mirrorfs.providers.smugmug.records import Image, Rendition
from mirrorfs.providers.smugmug.translate import BROKEN, PROCESSING, revision_of

WITHOUT_PROOF = (Unavailable, BadAnswer)
"""Errors after which the service may have done what was asked."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A file on its way to an album; ``headers`` go with it.

    ``others`` are the keys of pictures that are known to have been there before: whatever the
    service says, none of them is this file.
    """

    album_uri: str
    name: str
    parcel: Parcel
    is_video: bool
    headers: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)
    others: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and what it would be called by a service that does not decode headers."""
        return tuple(dict.fromkeys([self.name, uploads.header_text(self.name)]))

    def is_same(self, image: Image) -> bool:
        """Say whether ``image`` can be what was sent: by its bytes, where the service tells."""
        if self.is_video:
            return image.is_video
        media = image.media
        if image.is_video or media is None or media.rendition is not Rendition.ORIGINAL:
            return False
        return media.size == self.parcel.size and media.md5 in {"", self.parcel.md5}


class Sender:
    """Stores files in albums; safe to use from several threads."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._decodes = True

    def send_new(self, shipment: Shipment) -> Image:
        """Store a file that is not there yet and return it, proven.

        Raises:
            AlreadyExists: the album has a file of this name.
            Corrupt: other bytes were stored. Unsupported: under another name, or not at all.
                Nothing of it is left.
            Unavailable: it is not known whether it is stored, or whole.
        """
        self._check_alone(shipment)
        image = self._settled(shipment, self._deliver(shipment))
        if image.name != shipment.name and image.name in shipment.names:
            self._decodes = False
            self.destroy(image)
            image = self._settled(shipment, self._deliver(shipment))
        with self.taken_back(image):
            self._check(shipment, image)
            self._check_alone(shipment, image)
        return image

    def send_over(self, shipment: Shipment, old: Image, check: Callable[[], object]) -> Image:
        """Store a file in the place of ``old``, which keeps its key, and return it, proven.

        It is tried as often as the patience says; before each further time ``check`` may raise.

        Raises:
            RateLimited: before anything was sent.
            MirrorError: whether ``old`` is still there is to be looked at.
        """
        headers = {"X-Smug-ImageUri": looking.image_uri(old)}
        tries = refusals = 0

        def attempt() -> None:
            nonlocal tries, refusals
            if tries:
                check()
            tries += 1
            try:
                stored = self._upload(shipment, headers)
            except RateLimited:
                refusals += 1
                raise
            if stored.key != old.key:
                said = f"SmugMug stored {shipment.name} as another picture, {stored.key}"
                raise BadAnswer(f"{said}, which stays there, and not over {old.key}.")

        try:
            persist(attempt, self._api.patience, self._api.line.clock)
            image = looking.wait_for(
                self._api,
                lambda: self._ready(shipment, self.current(shipment, old), old),
                f"SmugMug does not show yet that {shipment.name} was replaced.",
            )
        except RateLimited as error:
            if tries == refusals:
                raise
            raise Unavailable(error.message) from error
        self._check(shipment, image)
        return image

    def current(self, shipment: Shipment, old: Image) -> Image:
        """Return what is in the place of ``old`` now."""
        return self._look(shipment, old.key)

    def await_other(self, shipment: Shipment, old: Image) -> Image:
        """Return what is in the place of ``old`` once it is something else, or still ``old``."""
        with contextlib.suppress(Unavailable):
            return looking.wait_for(
                self._api, lambda: self._ready(shipment, self.current(shipment, old), old), ""
            )
        return self.current(shipment, old)

    def destroy(self, image: Image) -> None:
        """Delete a picture from its album; errors as of any call."""
        self._api.delete(image.uri)

    @contextlib.contextmanager
    def taken_back(self, image: Image) -> Iterator[None]:
        """Delete our own new file when what is done inside fails; the error says if it stays."""
        try:
            yield
        except BaseException as error:
            try:
                self.destroy(image)
            except NotFound:
                pass
            except MirrorError:
                if isinstance(error, MirrorError):
                    stays = f"What was stored stays there, as {image.name} ({image.key})."
                    error.hint = f"{error.hint} {stays}".strip()
            raise

    def _check_alone(self, shipment: Shipment, ours: Image | None = None) -> None:
        """Check that an album has no file of this name but ``ours``, or ours came first.

        Of two clients that send one name at the same time so one file stays.
        """
        for other in looking.glimpsed(self._api, shipment.album_uri, shipment.name):
            if ours is None or (other.key != ours.key and _rank(other) < _rank(ours)):
                raise AlreadyExists(f"{shipment.name} is in the album already.")

    def _deliver(self, shipment: Shipment) -> str:
        """Upload a new file and return its key."""
        tries = 0

        def attempt() -> str:
            nonlocal tries
            if tries and (found := self._arrived(shipment)):
                return found[0].key
            tries += 1
            key = self._upload(shipment, {}).key
            if key in shipment.others:
                raise BadAnswer(f"SmugMug calls {shipment.name} what was there before it.")
            return key

        try:
            key = persist(attempt, self._api.patience, self._api.line.clock)
        except (*WITHOUT_PROOF, AlreadyExists):
            found = self._arrived(shipment)
            if not found:
                raise
            return found[0].key
        return self._eldest(shipment, key) if tries > 1 and not shipment.is_video else key

    def _eldest(self, shipment: Shipment, key: str) -> str:
        """Delete our own upload that arrived after it was given up and sent again.

        The first one stays, so that two clients that send the same file never delete both.
        """
        arrived = sorted(self._arrived(shipment), key=_rank)
        for image in arrived[1:]:
            if image.media and image.media.md5:
                self.destroy(image)
        return arrived[0].key if arrived else key

    def _upload(self, shipment: Shipment, headers: Mapping[str, str]) -> uploads.Stored:
        parcel = shipment.parcel
        sent = {
            **uploads.placing_headers(shipment.album_uri, shipment.name, is_encoded=self._decodes),
            "Content-MD5": parcel.content_md5,
            **shipment.headers,
            **headers,
        }
        body = cast("BinaryIO", parcel.open())
        return uploads.parse_answer(self._api.upload(sent, body), shipment.name)

    def _arrived(self, shipment: Shipment) -> list[Image]:
        """Return what is in the album of uploads whose answers were lost."""
        return [
            image
            for name in shipment.names
            for image in looking.named(self._api, shipment.album_uri, name)
            if image.key not in shipment.others and shipment.is_same(image)
        ]

    def _settled(self, shipment: Shipment, key: str) -> Image:
        """Return what was stored once the service tells enough of it; an error says that it is."""
        what = f"SmugMug has {shipment.name} but does not tell yet what it stored."
        try:
            return looking.wait_for(
                self._api, lambda: self._ready(shipment, self._look(shipment, key)), what
            )
        except MirrorError as error:
            stays = f"What was sent is there, as {' or '.join(shipment.names)} ({key})."
            error.hint = f"{error.hint} {stays}".strip()
            raise

    def _look(self, shipment: Shipment, key: str) -> Image:
        return looking.placed(self._api, looking.key_of(shipment.album_uri), key)

    def _ready(self, shipment: Shipment, image: Image, old: Image | None = None) -> Image | None:
        if old and revision_of(image) == revision_of(old):
            return None
        return None if image.withheld == PROCESSING and not shipment.is_video else image

    def _check(self, shipment: Shipment, image: Image) -> None:
        name = shipment.name
        if image.withheld == BROKEN:
            raise Unsupported(f"SmugMug cannot make anything of {name}.")
        if not shipment.is_same(image):
            raise Corrupt(f"{name}: SmugMug stored other bytes than were sent.")
        is_named = image.name.startswith(name.rpartition(".")[0]) if image.is_video else False
        if image.name != name and not is_named:
            raise Unsupported(f"SmugMug would call {name} {image.name!r}.")


def _rank(image: Image) -> tuple[str, str]:
    return image.uploaded, image.key


def staged(shipment: Shipment, old: Image) -> Shipment:
    """Return the same file on its way to a name that tells of ``old``; visitors do not see it."""
    name = uploads.name_beside(shipment.name, old.key, secrets.token_hex(4))
    return replace(shipment, name=name, headers={**shipment.headers, "X-Smug-Hidden": "true"})
