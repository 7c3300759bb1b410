"""One product environment: everything an emulated account holds, put together."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mirrorfs.emulators.blobs import Blobs
from mirrorfs.emulators.cloudinary.account import Account
from mirrorfs.emulators.cloudinary.asset_fields import asset_fields
from mirrorfs.emulators.cloudinary.chunks import Chunks
from mirrorfs.emulators.cloudinary.definitions import Definitions
from mirrorfs.emulators.cloudinary.folders import Folders
from mirrorfs.emulators.cloudinary.index import SearchIndex
from mirrorfs.emulators.cloudinary.rates import Budget
from mirrorfs.emulators.cloudinary.storage import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from mirrorfs.emulators.cloudinary.match import Fields
    from mirrorfs.emulators.cloudinary.moments import Clock
    from mirrorfs.emulators.cloudinary.settings import Settings


@dataclass(frozen=True)
class Cloud:
    """The parts of an account; requests are handled one at a time, so none of them is locked."""

    settings: Settings
    clock: Clock
    started: float
    fields: Fields
    account: Account
    folders: Folders
    index: SearchIndex
    blobs: Blobs
    budget: Budget
    chunks: Chunks
    storage: Storage
    metadata_fields: Definitions
    transformations: Definitions
    presets: Definitions
    mappings: Definitions

    @property
    def dynamic(self) -> bool:
        """Whether the account is in dynamic folder mode."""
        return self.settings.folder_mode == "dynamic"

    def note_transformation(self, text: str) -> None:
        """List a transformation that was used, unless it is listed already."""
        if text not in self.transformations:
            entry = {"name": text, "text": text, "named": False, "used": True}
            self.transformations.put(text, {**entry, "allowed_for_strict": False})

    def close(self) -> None:
        """Release files."""
        self.storage.close()


def open_cloud(settings: Settings, folder: Path, clock: Clock = time.time) -> Cloud:
    """Open the account kept in a folder, an empty one if there is none yet."""
    folder.mkdir(parents=True, exist_ok=True)
    storage = Storage(folder / "account.sqlite")
    fields = asset_fields(settings.folder_mode)
    kept = {
        kind: Definitions(kind, storage.keep_definition)
        for kind in ("metadata_fields", "transformations", "presets", "mappings")
    }
    cloud = Cloud(
        settings=settings,
        clock=clock,
        started=clock(),
        fields=fields,
        account=Account(list_placeholders=settings.list_placeholders),
        folders=Folders(),
        index=SearchIndex(fields, clock, settings.search_lag),
        blobs=Blobs(folder / "blobs"),
        budget=Budget(settings.hourly_limit, clock),
        chunks=Chunks(folder / "chunks"),
        storage=storage,
        **kept,
    )
    _restore(cloud, kept)
    return cloud


def _restore(cloud: Cloud, kept: dict[str, Definitions]) -> None:
    for kind, name, body in cloud.storage.definitions():
        kept[kind].load(name, body)
    for folder in cloud.storage.folders():
        cloud.folders.insert(folder)
    for asset in sorted(cloud.storage.assets(), key=lambda one: one.created_at):
        cloud.account.save(asset)
        cloud.index.note(None, asset)
    cloud.account.listen(cloud.index.note)
    if cloud.settings.data:
        cloud.folders.listen(cloud.storage.keep_folder)
        cloud.account.listen(cloud.storage.keep_asset)
