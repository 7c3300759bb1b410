"""The account's assets, with one look-up per way of addressing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from mirrorfs.emulators.cloudinary.errors import resource_not_found
from mirrorfs.emulators.cloudinary.shelves import Shelves

if TYPE_CHECKING:
    from mirrorfs.emulators.cloudinary.asset import Asset, Key

Listener = Callable[["Asset | None", "Asset | None"], None]
"""Told of every change as (old, new); None on the side where the asset does not exist."""


class Account:
    """Every asset, placeholders included, and the sorted views the lists are cut from."""

    def __init__(self, *, list_placeholders: bool = False) -> None:
        self.shelves = Shelves()
        self._assets: dict[str, Asset] = {}
        self._deleted: dict[str, Asset] = {}
        self._ids: dict[Key, str] = {}
        self._listeners: list[Listener] = []
        self._list_placeholders = list_placeholders

    def __len__(self) -> int:
        return len(self._assets)

    def __iter__(self) -> Iterator[Asset]:
        return iter(list(self._assets.values()))

    @property
    def placeholders(self) -> list[Asset]:
        """Deleted assets of which backups are kept."""
        return list(self._deleted.values())

    def listen(self, listener: Listener) -> None:
        """Have a function told of each change from now on."""
        self._listeners.append(listener)

    def find(self, resource_type: str, type_: str, public_id: str) -> Asset | None:
        """Look an asset up by its unique triple."""
        asset_id = self._ids.get((resource_type, type_, public_id))
        return self._assets[asset_id] if asset_id else None

    def get(self, asset_id: str) -> Asset | None:
        """Look an asset up by its immutable id."""
        return self._assets.get(asset_id)

    def demand(self, resource_type: str, type_: str, public_id: str) -> Asset:
        """Look up by triple; 404 when there is none."""
        asset = self.find(resource_type, type_, public_id)
        if asset is None:
            raise resource_not_found(public_id)
        return asset

    def demand_id(self, asset_id: str) -> Asset:
        """Look up by immutable id; 404 when there is none."""
        asset = self.get(asset_id)
        if asset is None:
            raise resource_not_found(asset_id)
        return asset

    def save(self, asset: Asset) -> Asset:
        """Add an asset or replace the state it had; an other asset with the same triple goes."""
        holder = self.find(*asset.key)
        if holder and holder.asset_id != asset.asset_id:
            self.drop(holder)
        old = self._assets.get(asset.asset_id)
        if old and old.key != asset.key:
            del self._ids[old.key]
        self._assets[asset.asset_id] = asset
        self._ids[asset.key] = asset.asset_id
        self._tell(old, asset)
        return asset

    def drop(self, asset: Asset) -> None:
        """Forget an asset altogether."""
        del self._assets[asset.asset_id]
        del self._ids[asset.key]
        self._tell(asset, None)

    def _tell(self, old: Asset | None, new: Asset | None) -> None:
        for one in filter(None, (old, new)):
            self._deleted.pop(one.asset_id, None)
        if new and new.placeholder:
            self._deleted[new.asset_id] = new
        self.shelves.move(self._listed(old), self._listed(new))
        for listener in self._listeners:
            listener(old, new)

    def _listed(self, asset: Asset | None) -> Asset | None:
        if asset is None or (asset.placeholder and not self._list_placeholders):
            return None
        return asset
