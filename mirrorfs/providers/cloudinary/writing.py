"""Storing files so that nothing is lost, whatever the service makes of the bytes.

A new file is uploaded under an id that nothing has, with ``overwrite=false``, so that a request
whose answer was lost may be repeated. A file that replaces another is stored as a new asset
first; the old one is untouched until the service's ETag and size are those of what was sent.
Then the service copies the new one over the old one (an upload from a URL), which keeps its
``asset_id``. Where that fails or brings other bytes, the new one is renamed over the old one,
which cannot change bytes but makes the file another asset
(https://cloudinary.com/documentation/image_upload_api_reference#rename). At every moment the old
or the new bytes are stored whole. Tags and context are sent along, as an overwrite may clear them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from mirrorfs.providers.cloudinary.api import Api, Json
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.placing import Place
from mirrorfs.providers.cloudinary.sending import Sent, Source, is_refusal_of_type, send
from mirrorfs.providers.cloudinary.times import write_time
from mirrorfs.providers.cloudinary.translate import MTIME, NAME, Asset, to_entry, wanted_name


@dataclass(frozen=True, slots=True)
class _Job:
    """One file on its way: where to, what goes with it, and which asset it replaces."""

    place: Place
    extra: Mapping[str, Any]
    old: Asset | None = None


class Writer:
    """Writes files; safe to use from several threads."""

    def __init__(
        self, api: Api, catalogue: Catalogue, neighbours: Neighbours, preset: str = ""
    ) -> None:
        self._api = api
        self._catalogue = catalogue
        self._neighbours = neighbours
        self._preset = preset

    def write(
        self, path: RemotePath, source: Source, modified: int, replaces: Entry | None
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
        job = _Job(place, self._extra(modified, old), old)
        asset = self._proven(job, source)
        if old:
            asset = self._swap(job, asset)
        asset = self.settle(asset, place)
        self.note(place, asset)
        return to_entry(asset, path)

    def settle(self, asset: Asset, place: Place) -> Asset:
        """Return the asset so that its name is read back as the one wanted.

        Where it would not be, as for a JPEG named ``x.png``, the name is kept in context.

        Raises:
            BadAnswer: the service does not keep it.
        """
        if wanted_name(asset) != place.name:
            context = {**asset.context, NAME: place.name}
            asset = self._parse(self._api.update(asset.id, {"context": dict(context)}), context)
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

    def destroy(self, asset: Asset) -> None:
        """Delete an asset and purge its copies in the CDN; it costs no quota.

        Raises:
            NotFound: it is gone already.
        """
        params = {"public_id": asset.public_id, "type": asset.type, "invalidate": True}
        told = self._api.act(asset.resource_type, "destroy", params).get("result")
        if told == "not found":
            raise NotFound(f"{asset.public_id} is no longer there.")
        if told != "ok":
            raise BadAnswer(f"Cloudinary did not delete {asset.public_id}: {told!r}.")
        self._catalogue.recent.removed(asset)

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

    def _extra(self, modified: int, old: Asset | None) -> Mapping[str, Any]:
        """Return what is stored beside the bytes; an overwrite would lose what is not sent."""
        context = {**old.context} if old else {}
        context[MTIME] = write_time(modified)
        extra: dict[str, Any] = {"context": context, "overwrite": False}
        extra["type"] = old.type if old else "upload"
        if old and old.tags:
            extra["tags"] = ",".join(old.tags)
        if self._preset:
            extra["upload_preset"] = self._preset
        return extra

    def _proven(self, job: _Job, source: Source) -> Asset:
        """Store the bytes as a new asset; nothing of it is left when they are not the same."""
        wanted = job.old.resource_type if job.old else rules.resource_type(job.place.name)
        try:
            sent = self._send(job, source, wanted)
        except Unsupported as error:
            if not is_refusal_of_type(error, wanted):
                raise
            if not source.is_small:
                source.rewind()
            sent = self._send(job, source, "raw")
        asset = self._parse(sent.answer, job.extra["context"])
        if asset.size == source.size and asset.etag in {"", sent.md5}:
            if sent.answer.get("existing") and not asset.etag:
                raise AlreadyExists(f"There is something at {job.place.path} already.")
            return asset
        if sent.answer.get("existing"):
            raise AlreadyExists(f"There is something at {job.place.path} already.")
        with contextlib.suppress(NotFound):
            self.destroy(asset)
        raise Corrupt(
            f"{job.place.path}: Cloudinary stored {asset.size} other bytes than were sent.",
            "An upload preset with an incoming transformation does that. What was there before "
            "is untouched.",
        )

    def _send(self, job: _Job, source: Source, resource_type: str) -> Sent:
        layout, place = self._catalogue.layout, job.place
        ids = placing.public_ids(layout, place, resource_type)
        if job.old and not layout.dynamic and job.old.resource_type == resource_type:
            ids = [f"{job.old.public_id}_{placing.random_text(8)}"]
        elif len(ids) > 1:
            taken = self._neighbours.public_ids(place.above)
            key = (resource_type, job.extra["type"])
            ids = [one for one in ids if (*key, one) not in taken]
        if not ids:
            raise AlreadyExists(f"Other files have all public ids that {place.path} could have.")
        params = {**job.extra, **placing.name_params(layout, place), "public_id": ids[0]}
        return send(self._api, source, resource_type, params)

    def _swap(self, job: _Job, staged: Asset) -> Asset:
        """Let the proven new asset take the place of the old one."""
        old = job.old
        assert old is not None
        try:
            self._catalogue.current(to_entry(old, job.place.path))
        except (NotFound, Changed):
            self.destroy(staged)
            raise Changed(f"{job.place.path} changed while it was replaced.") from None
        if staged.resource_type != old.resource_type:
            self.destroy(old)
            return staged
        copied = self._copy_over(job, staged)
        if copied:
            self.destroy(staged)
            return copied
        moved = self._rename_over(staged, old)
        self._catalogue.recent.removed(old)
        return moved

    def _copy_over(self, job: _Job, staged: Asset) -> Asset | None:
        """Have the service copy the new asset over the old one; ``None`` when it did not."""
        assert job.old is not None
        params = {
            **job.extra,
            **placing.name_params(self._catalogue.layout, job.place),
            "public_id": job.old.public_id,
            "overwrite": True,
            "invalidate": True,
        }
        source = {"public_id": staged.public_id, "format": staged.format, "type": staged.type}
        for url in (self._api.download_url(staged.resource_type, source), staged.url):
            try:
                told = self._api.act(staged.resource_type, "upload", {**params, "file": url})
                copied = self._parse(told, job.extra["context"])
            except MirrorError:
                continue
            if (copied.size, copied.etag) == (staged.size, staged.etag):
                return copied
        return None

    def _rename_over(self, staged: Asset, old: Asset) -> Asset:
        params = {
            "from_public_id": staged.public_id,
            "to_public_id": old.public_id,
            "type": old.type,
            "overwrite": True,
            "invalidate": True,
        }
        try:
            told = self._api.act(old.resource_type, "rename", params)
        except MirrorError:
            now = self._parse(self._api.details(staged.id), staged.context)
            if now.public_id == old.public_id:  # the answer was lost, not the request
                return now
            self.destroy(now)
            raise
        return self._parse(told, staged.context)

    def _parse(self, told: Json, context: Mapping[str, str]) -> Asset:
        asset = self._catalogue.parse(told)
        if asset is None:
            raise BadAnswer("Cloudinary stored a placeholder instead of the file.")
        return asset if "context" in told else replace(asset, context=dict(context))
