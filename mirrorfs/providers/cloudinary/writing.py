"""Storing files so that nothing is lost, whatever the service makes of the bytes.

A new file is uploaded under an id that nothing has, with ``overwrite=false``, so that a request
whose answer was lost may be repeated. A file that replaces another is stored as a new asset
first; the old one is untouched until the service's ETag and size are those of what was sent.
Then it takes the old one's place (:mod:`~mirrorfs.providers.cloudinary.replacing`). At every
moment the old or the new bytes are stored whole. What was stored for a write that fails is
deleted again. Tags and context are sent along, as an overwrite may clear them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Changed,
    Corrupt,
    MirrorError,
    NotFound,
    Unsupported,
)
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary import placing, rules
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.describing import description
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.placing import Place
from mirrorfs.providers.cloudinary.removing import destroy_id, taken_back
from mirrorfs.providers.cloudinary.replacing import WITHOUT_PROOF, Replacer, Swap
from mirrorfs.providers.cloudinary.sending import Source, is_refusal_of_type, send
from mirrorfs.providers.cloudinary.times import write_time
from mirrorfs.providers.cloudinary.translate import (
    MTIME,
    NAME,
    REPLACES,
    Asset,
    to_entry,
    wanted_name,
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is stored beside the bytes: the file's time in nanoseconds, and what describes it."""

    modified: int
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Job:
    """One file on its way: where to, what goes with it, and which asset it replaces."""

    place: Place
    extra: Mapping[str, Any]
    old: Asset | None = None


@dataclass(frozen=True, slots=True)
class _Stored:
    """What an upload made; ``is_ours`` says that nobody else can have stored it."""

    asset: Asset
    is_ours: bool


class Writer:
    """Writes files; safe to use from several threads."""

    def __init__(
        self, api: Api, catalogue: Catalogue, neighbours: Neighbours, preset: str = ""
    ) -> None:
        self._api = api
        self._catalogue = catalogue
        self._neighbours = neighbours
        self._preset = preset
        self._replacer = Replacer(api, catalogue)

    def write(
        self, path: RemotePath, source: Source, beside: Beside, replaces: Entry | None
    ) -> Entry:
        """Store a file; see :class:`~mirrorfs.core.provider.Target`."""
        if not source.size:
            raise Unsupported(f"Cloudinary holds no empty files, such as {path}.")
        old = self._replaced(path, replaces) if replaces else None
        if old:
            place = Place(path, old.folder, wanted_name(old))
        else:
            place = placing.find_place(self._catalogue, self._neighbours, path)
            self._neighbours.check_free(place.above, paths.name(path))
        job = _Job(place, self._extra(beside, old), old)
        stored = self._proven(job, source)
        if old:
            swap = Swap(path, old, stored.asset, self._description(job))
            asset = self.settle(self._replacer.swap(swap), place)
        else:
            asset = self._settle_new(stored, place)
        self.note(place, asset)
        return to_entry(asset, path)

    def settle(self, asset: Asset, place: Place) -> Asset:
        """Return the asset so that its name is read back as the one wanted.

        Where it would not be, as for a JPEG named ``x.png``, the name is kept in context. What
        the asset was to replace is no longer told of.

        Raises:
            BadAnswer: the service does not keep it.
        """
        context = {key: text for key, text in asset.context.items() if key != REPLACES}
        if wanted_name(asset) != place.name:
            context[NAME] = place.name
        if context != asset.context:
            asset = self._catalogue.parse_stored(
                self._api.update(asset.id, {"context": context}), context
            )
        if wanted_name(asset) != place.name:
            raise BadAnswer(f"Cloudinary calls {place.path} {wanted_name(asset)!r}.")
        return asset

    def note(self, place: Place, asset: Asset) -> None:
        """Remember our own write until a search shows it."""
        self._catalogue.recent.wrote(asset)
        self._catalogue.atlas.add(asset.folder)
        if self._catalogue.layout.dynamic and asset.folder:
            self._catalogue.recent.made_folder(asset.folder)
        self._neighbours.wrote(place.above, asset)

    def _settle_new(self, stored: _Stored, place: Place) -> Asset:
        if not stored.is_ours:
            return self.settle(stored.asset, place)
        with taken_back(self._api, self._catalogue.recent, stored.asset):
            return self.settle(stored.asset, place)

    def _replaced(self, path: RemotePath, replaces: Entry) -> Asset:
        """Return the asset to be replaced.

        Raises:
            Changed: it is gone, at another revision, or no longer at ``path``.
        """
        try:
            asset = self._catalogue.current(replaces)
        except NotFound:
            raise Changed(f"{path} is gone.") from None
        known = (replaces.facts.get("display_name"), replaces.facts.get("public_id"))
        if replaces.path != path or known != (asset.name, asset.public_id):
            raise Changed(f"What is to be replaced is not at {path}.")
        return asset

    def _extra(self, beside: Beside, old: Asset | None) -> Mapping[str, Any]:
        """Return what is stored beside the bytes; an overwrite would lose what is not sent."""
        extra: dict[str, Any] = description(beside.facts, old)
        extra["context"].pop(REPLACES, None)
        extra["context"][MTIME] = write_time(beside.modified)
        extra["type"] = old.type if old else "upload"
        if not extra["tags"]:
            del extra["tags"]
        if self._preset:
            extra["upload_preset"] = self._preset
        return extra

    def _proven(self, job: _Job, source: Source) -> _Stored:
        """Store the bytes as a new asset; nothing of it is left when they are not the same."""
        wanted = job.old.resource_type if job.old else rules.resource_type(job.place.name)
        try:
            stored = self._store(job, source, wanted)
        except Unsupported as error:
            if not is_refusal_of_type(error, wanted):
                raise
            if not source.is_small:
                source.rewind()
            stored = self._store(job, source, "raw")
        asset = stored.asset
        is_same = asset.size == source.size and asset.etag in {"", source.md5}
        if is_same and (asset.etag or stored.is_ours):
            return stored
        if not stored.is_ours:
            raise AlreadyExists(f"There is something at {job.place.path} already.")
        with taken_back(self._api, self._catalogue.recent, asset):
            raise Corrupt(
                f"{job.place.path}: Cloudinary stored {asset.size} other bytes than were sent.",
                "An upload preset with an incoming transformation does that. What was there "
                "before is untouched.",
            )

    def _store(self, job: _Job, source: Source, resource_type: str) -> _Stored:
        """Upload the bytes; what may be left of an upload that failed is deleted."""
        public_id, is_random = self._new_id(job, resource_type)
        context = {**job.extra["context"], **({REPLACES: job.old.id} if job.old else {})}
        params = {**self._description(job), "context": context}
        params |= {"overwrite": False, "public_id": public_id}
        try:
            answer = send(self._api, source, resource_type, params)
            asset = self._catalogue.parse_stored(answer, context)
        except (*WITHOUT_PROOF, KeyboardInterrupt):
            if is_random:
                with contextlib.suppress(MirrorError):
                    destroy_id(self._api, resource_type, job.extra["type"], public_id)
            raise
        return _Stored(asset, is_random or not answer.get("existing"))

    def _new_id(self, job: _Job, resource_type: str) -> tuple[str, bool]:
        """Return a public id for a new asset, and whether chance makes it nobody else's.

        Raises:
            AlreadyExists: every id that the file could have is taken.
        """
        layout, place = self._catalogue.layout, job.place
        if job.old and not layout.dynamic and job.old.resource_type == resource_type:
            return f"{job.old.public_id}_{placing.random_text(8)}", True
        ids = placing.public_ids(layout, place, resource_type)
        if len(ids) > 1:
            taken = self._neighbours.public_ids(place.above)
            key = (resource_type, job.extra["type"])
            ids = [one for one in ids if (*key, one) not in taken]
        if not ids:
            raise AlreadyExists(f"Other files have all public ids that {place.path} could have.")
        return ids[0], layout.dynamic

    def _description(self, job: _Job) -> Mapping[str, Any]:
        return {**job.extra, **placing.name_params(self._catalogue.layout, job.place)}
