"""A stored and proven new asset takes the place of an old one.

The service copies the new one over the old one (an upload from the signed URL of the stored
original, which no delivery setting re-encodes); that keeps the ``asset_id``. Where it fails or
brings other bytes, the new one is renamed over the old one, which cannot change bytes but makes
the file another asset (https://cloudinary.com/documentation/image_upload_api_reference#rename).

The new asset is deleted only where the old one, or a copy with the same MD5, is known to be
whole. Where an answer was lost or makes no sense it stays, and the error names it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from mirrorfs.core.errors import BadAnswer, Changed, MirrorError, NotFound, Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.net.turns import Turns
from mirrorfs.providers.cloudinary.api import Api
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.removing import destroy, taken_back
from mirrorfs.providers.cloudinary.translate import MTIME, Asset, to_entry

WITHOUT_PROOF = (Unavailable, BadAnswer)
"""Errors after which the service may have done what was asked."""


@dataclass(frozen=True, slots=True)
class Swap:
    """An old asset and the proven new one; ``params`` describe the file to an upload."""

    path: RemotePath
    old: Asset
    staged: Asset
    params: Mapping[str, Any]


class Replacer:
    """Lets new assets take the place of old ones; safe to use from several threads."""

    def __init__(self, api: Api, catalogue: Catalogue) -> None:
        self._api = api
        self._catalogue = catalogue
        self._turns = Turns()

    def swap(self, swap: Swap) -> Asset:
        """Return the asset that is now at the old one's place, with the new one's bytes.

        Of several threads that replace one revision the first does; the service itself
        knows no condition for a write.

        Raises:
            Changed: the old one is no longer what it was; or it is not known what is at its
                place, and the message names the asset that holds the new bytes.
        """
        with self._turns.take(swap.old.id):
            return self._swap(swap)

    def _swap(self, swap: Swap) -> Asset:
        with taken_back(self._api, self._catalogue.recent, swap.staged):
            self._check(swap)
        if swap.staged.resource_type != swap.old.resource_type:
            self._remove_old(swap)
            return swap.staged
        try:
            copied = self._copy(swap)
        except MirrorError as error:
            is_touched = isinstance(error, WITHOUT_PROOF)
            arrived = self._arrived(swap, error) if is_touched else None
        else:
            is_touched = True
            arrived = copied if _has_bytes(copied, swap.staged) else None
        return self._finish(swap, arrived) if arrived else self._rename(swap, is_touched=is_touched)

    def _check(self, swap: Swap) -> None:
        try:
            self._catalogue.current(to_entry(swap.old, swap.path))
        except (NotFound, Changed):
            raise Changed(f"{swap.path} changed while it was replaced.") from None

    def _remove_old(self, swap: Swap) -> None:
        try:
            destroy(self._api, self._catalogue.recent, swap.old)
        except NotFound:
            return
        except MirrorError as error:
            self._give_up(swap, error, is_touched=False)

    def _copy(self, swap: Swap) -> Asset:
        """Have the service copy the new asset over the old one, and return what that became."""
        staged = swap.staged
        source = {"public_id": staged.public_id, "format": staged.format, "type": staged.type}
        params = {
            **swap.params,
            "file": self._api.download_url(staged.resource_type, source),
            "public_id": swap.old.public_id,
            "overwrite": True,
            "invalidate": True,
        }
        told = self._api.act(staged.resource_type, "upload", params)
        return self._catalogue.parse_stored(told, swap.params["context"])

    def _arrived(self, swap: Swap, error: MirrorError) -> Asset | None:
        """Return the copy when only the answer to it was lost; ``None``: all is as it was.

        Raises:
            Changed: neither is known; the new asset stays.
        """
        try:
            now = self._details(swap.old)
        except MirrorError:
            raise _doubt(swap, error) from error
        wanted = swap.params["context"].get(MTIME)
        if _has_bytes(now, swap.staged) and now.context.get(MTIME) == wanted:
            return now
        if not now.is_at(swap.old.revision):
            raise _doubt(swap, error) from error
        return None

    def _finish(self, swap: Swap, copied: Asset) -> Asset:
        self._catalogue.recent.wrote(copied)
        try:
            with contextlib.suppress(NotFound):
                destroy(self._api, self._catalogue.recent, swap.staged)
        except MirrorError as error:
            raise Changed(
                f"{swap.path} is stored, but a second copy of it was not deleted: "
                f"{swap.staged.public_id!r}. {error.message}",
                error.hint,
            ) from error
        return copied

    def _rename(self, swap: Swap, *, is_touched: bool) -> Asset:
        """Rename the new asset over the old one, of which ``is_touched`` says it may be spoilt."""
        params = {
            "from_public_id": swap.staged.public_id,
            "to_public_id": swap.old.public_id,
            "type": swap.old.type,
            "overwrite": True,
            "invalidate": True,
        }
        try:
            told = self._api.act(swap.old.resource_type, "rename", params)
            moved = self._catalogue.parse_stored(told, swap.staged.context)
        except MirrorError as error:
            moved = self._moved(swap, error, is_touched=is_touched)
        self._catalogue.recent.removed(swap.old)
        return moved

    def _moved(self, swap: Swap, error: MirrorError, *, is_touched: bool) -> Asset:
        """Return the new asset when only the answer to the renaming was lost."""
        try:
            now = self._details(swap.staged)
        except MirrorError:
            raise _doubt(swap, error) from error
        if now.public_id != swap.old.public_id:
            self._give_up(swap, error, is_touched=is_touched)
        return now

    def _give_up(self, swap: Swap, error: MirrorError, *, is_touched: bool) -> NoReturn:
        """Raise ``error``, the new asset deleted, if the old one is whole beyond doubt."""
        if is_touched or isinstance(error, WITHOUT_PROOF):
            raise _doubt(swap, error) from error
        try:
            now = self._details(swap.old)
        except MirrorError:
            raise _doubt(swap, error) from error
        if not now.is_at(swap.old.revision):
            raise _doubt(swap, error) from error
        with taken_back(self._api, self._catalogue.recent, swap.staged):
            raise error

    def _details(self, asset: Asset) -> Asset:
        return self._catalogue.parse_stored(self._api.details(asset.id), asset.context)


def _has_bytes(asset: Asset, staged: Asset) -> bool:
    return bool(asset.etag) and (asset.size, asset.etag) == (staged.size, staged.etag)


def _doubt(swap: Swap, error: MirrorError) -> Changed:
    return Changed(
        f"{swap.path}: it is not known whether it was replaced. {error.message} The new bytes "
        f"are kept as {swap.staged.public_id!r}.",
        "Look at both, and delete the one that is not wanted.",
    )
