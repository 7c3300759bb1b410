"""Storing files: everything is checked before the first byte, and proven after the last.

A picture is read back exactly as it was sent, or the write fails and nothing of it is left. Of a
video the service keeps a transcoded MP4 only: the entry tells of that one, and its name ends in
``.mp4``. Until it is made the entry's size is that of what was sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import NO_FACTS, Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Changed,
    Denied,
    MirrorError,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import RemotePath
from mirrorfs.net.turns import Turns
from mirrorfs.providers.smugmug import files, looking, rules, sharing, translate, uploads
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.ground import Ground, raw_name, spelled
from mirrorfs.providers.smugmug.making import Maker
from mirrorfs.providers.smugmug.parcel import Parcel
from mirrorfs.providers.smugmug.records import Image
from mirrorfs.providers.smugmug.replacing import Replacer
from mirrorfs.providers.smugmug.rules import Kind
from mirrorfs.providers.smugmug.sending import Sender, Shipment


@dataclass(frozen=True, slots=True)
class _File:
    """A file that may be sent: its FileName, what it is read back as, and its body."""

    path: RemotePath
    name: str
    kind: Kind
    parcel: Parcel
    facts: Mapping[str, str]

    def shipment(self, album_uri: str, others: frozenset[str]) -> Shipment:
        """Return it on its way to an album that has ``others`` already."""
        headers = uploads.describing_headers(self.facts)
        is_video = self.kind is Kind.VIDEO
        return Shipment(album_uri, self.name, self.parcel, is_video, headers, others)


class Writer:
    """Writes files; safe to use from several threads."""

    def __init__(self, api: Api, ground: Ground, maker: Maker) -> None:
        self._api = api
        self._ground = ground
        self._maker = maker
        self._sender = Sender(api)
        self._replacer = Replacer(self._sender)
        self._turns = Turns()
        self._limits: Mapping[str, int] | None = None

    def write(
        self, path: RemotePath, parcel: Parcel, replaces: Entry | None, facts: Mapping[str, str]
    ) -> Entry:
        """Store a file; see :class:`~mirrorfs.core.provider.Target`."""
        if not path:
            raise AlreadyExists("The root is a folder.")
        with contextlib.closing(parcel):
            if replaces:
                return self._replace(path, parcel, replaces, facts)
            file = self._checked(path, raw_name(paths.name(path)), parcel, facts)
            with self._turns.take(file.path):
                try:
                    return self._store(file)
                except NotFound:
                    self._ground.forget()
                    return self._store(file)

    def _checked(
        self, path: RemotePath, name: str, parcel: Parcel, facts: Mapping[str, str]
    ) -> _File:
        """Return a file that the service can hold."""
        kind = rules.check_file(name, parcel.size, parcel.head, self._known_limits())
        shown = paths.join(paths.parent(path), spelled(rules.shown_name(name)))
        return _File(shown, name, kind, parcel, facts)

    def _store(self, file: _File) -> Entry:
        above = paths.parent(file.path)
        way = self._ground.follow(above)
        if not way.missing:
            self._ground.check_free(way.last, paths.name(file.path))
        planned = self._maker.plan_album(way)
        file.parcel.seal()
        album_uri = self._maker.album(way, planned)
        others = self._ground.keys(album_uri)
        image = self._sender.send_new(file.shipment(album_uri, others))
        shown = spelled(translate.wanted_name(image))
        with self._sender.taken_back(image):
            if file.kind is Kind.PICTURE and shown != paths.name(file.path):
                raise Unsupported(f"{file.path} would be read back as {shown!r}.")
            image = files.described(self._api, image, file.facts)
        self._ground.note(album_uri, image.key, shown)
        return files.entry_of(image, paths.join(above, shown), file.parcel.size)

    def _replace(
        self, path: RemotePath, parcel: Parcel, replaces: Entry, facts: Mapping[str, str]
    ) -> Entry:
        old = self._replaced(path, replaces)
        file = self._checked(path, old.name, parcel, NO_FACTS)
        if translate.wanted_name(old) != rules.shown_name(old.name):
            raise Unsupported(f"{path} would be called otherwise with these bytes.")
        sharing.check_alone(self._api, old, "changed")
        parcel.seal()
        album_uri = looking.album_uri(old)
        shipment = file.shipment(album_uri, self._ground.keys(album_uri) | {old.key})
        new = self._replacer.replace(shipment, old, lambda: self._replaced(path, replaces))
        kept = {name: text for name, text in old.facts.items() if name in uploads.KEPT}
        try:
            new = files.described(self._api, new, {**kept, **facts})
        except MirrorError as error:
            said = f"{path} is stored, but what describes it may not be: {error.message}"
            raise Changed(said, error.hint) from error
        return files.entry_of(new, path, parcel.size)

    def _replaced(self, path: RemotePath, replaces: Entry) -> Image:
        """Return the picture that is to be replaced.

        Raises:
            Changed: it is gone, at another revision, or not at ``path``.
        """
        if replaces.path != path or replaces.is_folder:
            raise Changed(f"What is to be replaced is not at {path}.")
        try:
            return files.current(self._api, replaces)
        except NotFound as error:
            raise Changed(error.message) from None

    def _known_limits(self) -> Mapping[str, int]:
        """Return the account's limits, asked for once; none where the service does not tell."""
        if self._limits is None:
            limits: Mapping[str, int] = {}
            with contextlib.suppress(NotFound, Unsupported, Denied, BadAnswer):
                user = self._api.get("/api/v2!authuser", {"_verbosity": 1}).one("User")
                told = self._api.get(f"{user.get('Uri')}!uploadlimits", {"_verbosity": 1})
                limits = rules.parse_limits(told.response.get("UploadLimits"))
            self._limits = limits
        return self._limits
