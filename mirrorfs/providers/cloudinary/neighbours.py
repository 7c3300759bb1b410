"""What is beside a file that is about to be written, asked for at most once a minute.

Uploading a thousand files into one folder must not cost a thousand listings, nor one for each
thread that begins there. Somebody else's file of the same name that appears within that minute is
not overwritten: in dynamic folder mode the two stand side by side, in fixed mode the service
refuses (``overwrite`` is false).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from mirrorfs.core.clock import Clock
from mirrorfs.core.errors import AlreadyExists, NotFound, Unsupported
from mirrorfs.core.names import encode, fold
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.translate import Asset, wanted_name
from mirrorfs.providers.cloudinary.tree import name_files

_LIFETIME = 60.0
_MOST = 256


@dataclass(slots=True)
class _Inside:
    """A folder: until when it is believed, its assets by id, and which names they ask for.

    ``names`` are folded, and may be more than there are by now.
    """

    until: float
    assets: dict[str, Asset]
    names: set[str]


class Neighbours:
    """Folders as they were listed lately, corrected by our own writes."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._lock = threading.Lock()
        self._folders: OrderedDict[RemotePath, _Inside] = OrderedDict()
        self._asking: dict[RemotePath, threading.Lock] = {}

    def check_free(self, folder: RemotePath, name: str, but: str = "") -> None:
        """Check that nothing but the asset ``but`` has that name, or one of other case.

        Raises:
            AlreadyExists: something is there.
            Unsupported: a drive that ignores case could not tell the two apart.
        """
        assets = self._inside(folder)
        subs = self._catalogue.atlas.names_in(folder)
        if not self._may_be_taken(folder, name) and fold(name) not in map(fold, subs):
            return
        taken = [*subs, *(n for id_, n in name_files(subs, assets).items() if id_ != but)]
        if name in taken:
            raise AlreadyExists(f"There is something at {folder}/{name} already.")
        twin = next((one for one in taken if fold(one) == fold(name)), None)
        if twin:
            raise Unsupported(f"{name!r} differs only by case from {twin!r} in {folder or '/'}.")

    def public_ids(self, folder: RemotePath) -> set[tuple[str, str, str]]:
        """Return resource type, type and public id of the assets in a folder."""
        return {(one.resource_type, one.type, one.public_id) for one in self._inside(folder)}

    def knows(self, folder: RemotePath) -> bool:
        """Say whether a folder was listed lately; then the atlas has its sub-folders, too."""
        return self._known(folder) is not None

    def made(self, folder: RemotePath) -> None:
        """Take note of a folder that we made: there is nothing in it."""
        self._note(folder, [])

    def wrote(self, folder: RemotePath, asset: Asset) -> None:
        """Take note of our own file."""
        with self._lock:
            known = self._folders.get(folder)
            if known:
                known.assets[asset.id] = asset
                known.names.add(_wanted(asset))

    def removed(self, folder: RemotePath, asset_id: str) -> None:
        """Take note that we removed a file, or moved it away."""
        with self._lock:
            known = self._folders.get(folder)
            if known:
                known.assets.pop(asset_id, None)

    def forget(self, folder: RemotePath) -> None:
        """Ask again next time."""
        with self._lock:
            self._folders.pop(folder, None)

    def _inside(self, folder: RemotePath) -> list[Asset]:
        """Return the assets in a folder; of those who want to know at once one asks."""
        with self._lock:
            asking = self._asking.setdefault(folder, threading.Lock())
        with asking:
            known = self._known(folder)
            return self._ask(folder) if known is None else known

    def _known(self, folder: RemotePath) -> list[Asset] | None:
        with self._lock:
            known = self._folders.get(folder)
            if known and known.until > self._clock.now():
                return list(known.assets.values())
        return None

    def _may_be_taken(self, folder: RemotePath, name: str) -> bool:
        """Say whether it takes all names to tell: only one that is given to a twin holds ``~``."""
        with self._lock:
            known = self._folders.get(folder)
            return known is None or "~" in name or fold(name) in known.names

    def _ask(self, folder: RemotePath) -> list[Asset]:
        try:
            _, assets = self._catalogue.inside(folder)
        except NotFound:
            assets = []
        self._note(folder, assets)
        return assets

    def _note(self, folder: RemotePath, assets: Iterable[Asset]) -> None:
        with self._lock:
            until = self._clock.now() + _LIFETIME
            by_id = {asset.id: asset for asset in assets}
            self._folders[folder] = _Inside(until, by_id, set(map(_wanted, assets)))
            while len(self._folders) > _MOST:
                forgotten, _ = self._folders.popitem(last=False)
                self._asking.pop(forgotten, None)


def _wanted(asset: Asset) -> str:
    """Return the name that an asset asks for, lawful and folded."""
    return fold(encode(wanted_name(asset)))
