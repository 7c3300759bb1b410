"""Folders made and removed, files removed and moved: everything that sends no bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.entry import folder as folder_entry
from mirrorfs.core.errors import AlreadyExists, NotEmpty, NotFound, Unsupported
from mirrorfs.core.facts import check_kept
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.cloudinary import placing
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.describing import KEPT, description
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.placing import Place
from mirrorfs.providers.cloudinary.removing import destroy
from mirrorfs.providers.cloudinary.translate import NAME, Asset, plain_format, to_entry
from mirrorfs.providers.cloudinary.tree import last
from mirrorfs.providers.cloudinary.writing import Writer


class Mover:
    """Changes the tree; safe to use from several threads."""

    def __init__(
        self, api: Api, catalogue: Catalogue, neighbours: Neighbours, writer: Writer
    ) -> None:
        self._api = api
        self._catalogue = catalogue
        self._neighbours = neighbours
        self._writer = writer

    def mkdir(self, path: RemotePath) -> Entry:
        """Make a folder and those above it, one call each."""
        raw, missing = placing.find_folder(self._catalogue, self._neighbours, path)
        parts = raw.split("/")
        for depth in range(len(parts) - missing + 1, len(parts) + 1):
            self._make("/".join(parts[:depth]))
        return folder_entry(path)

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """Set title, caption and keywords of a file, in one call."""
        check_kept(facts, KEPT, "Cloudinary")
        asset = self._catalogue.current(entry)
        changes = description(facts, asset)
        told = self._api.update(asset.id, changes)
        described = self._catalogue.parse_stored(told, changes["context"])
        described = replace(described, etag=described.etag or asset.etag)
        self._catalogue.recent.wrote(described)
        return to_entry(described, entry.path)

    def remove(self, entry: Entry) -> None:
        """Remove a file at its revision, or an empty folder."""
        if entry.is_folder:
            self._remove_folder(entry.path)
            return
        asset = self._catalogue.current(entry)
        destroy(self._api, self._catalogue.recent, asset)
        self._neighbours.removed(paths.parent(entry.path), asset.id)

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """Move a file.

        In dynamic mode its public id and URL stay, in fixed mode the public id is its path
        (https://cloudinary.com/documentation/folder_modes).
        """
        if entry.is_folder:
            raise Unsupported("Folders are not moved as a whole.")
        asset = self._catalogue.current(entry)
        if path == entry.path:
            return to_entry(asset, path)
        place = placing.find_place(self._catalogue, self._neighbours, path)
        self._neighbours.check_free(place.above, paths.name(path), but=asset.id)
        if self._catalogue.layout.dynamic:
            moved = self._move_dynamic(asset, place)
        else:
            moved = self._writer.settle(self._move_fixed(asset, place), place)
        self._neighbours.removed(paths.parent(entry.path), asset.id)
        self._writer.note(place, moved)
        return to_entry(moved, path)

    def _move_dynamic(self, asset: Asset, place: Place) -> Asset:
        changes: dict[str, Any] = {"asset_folder": place.folder, "display_name": place.name}
        extension = place.name.rpartition(".")[2]
        if asset.format and plain_format(extension) != plain_format(asset.format):
            changes["context"] = {**asset.context, NAME: place.name}
        self._api.update(asset.id, changes)
        return self._seen(asset, asset.public_id)

    def _move_fixed(self, asset: Asset, place: Place) -> Asset:
        ids = placing.public_ids(self._catalogue.layout, place, asset.resource_type)
        if asset.public_id in ids:
            return asset
        taken = self._neighbours.public_ids(place.above)
        key = (asset.resource_type, asset.type)
        free = [one for one in ids if (*key, one) not in taken]
        if not free:
            raise AlreadyExists(f"Another file has the public id that {place.path} would have.")
        params = {
            "from_public_id": asset.public_id,
            "to_public_id": free[0],
            "type": asset.type,
            "overwrite": False,
            "invalidate": True,
        }
        self._api.act(asset.resource_type, "rename", params)
        return self._seen(asset, free[0])

    def _seen(self, asset: Asset, public_id: str) -> Asset:
        """Return an asset as it is after a change."""
        found = self._catalogue.look(asset.resource_type, asset.type, public_id)
        if found and (found.id, found.version) == (asset.id, asset.version):
            return replace(found, etag=found.etag or asset.etag)
        found = self._catalogue.parse(self._api.details(asset.id))
        if found is None:
            raise NotFound(f"{asset.public_id} is no longer there.")
        return found

    def _make(self, raw: str) -> None:
        """Make a folder, which is missing as far as is known."""
        atlas = self._catalogue.atlas
        try:
            self._api.create_folder(raw)
        except AlreadyExists:
            is_new = False
        else:
            is_new = True
        self._catalogue.recent.made_folder(raw)
        atlas.add(raw)
        path = atlas.known(raw)
        if is_new and path is not None and not self._neighbours.knows(path):
            atlas.learn(path, [])
            self._neighbours.made(path)

    def _remove_folder(self, path: RemotePath) -> None:
        """Remove a folder that holds nothing: the service would delete empty sub-folders too."""
        if path == ROOT:
            raise NotEmpty("The root is not removed.")
        raw = self._catalogue.atlas.raw(path)
        if {last(raw), *raw.split("/")} & {".", ".."}:
            raise Unsupported(f"No request reaches the folder {raw!r}.")
        subs, assets = self._catalogue.inside(path)
        if subs or assets:
            raise NotEmpty(f"{path} holds something.")
        try:
            self._api.delete_folder(raw)
        except Unsupported as error:
            raise NotEmpty(f"{path}: {error.message}") from None
        self._catalogue.recent.removed_folder(raw)
        self._catalogue.atlas.forget(paths.parent(path))
        self._neighbours.forget(path)
        self._neighbours.forget(paths.parent(path))
