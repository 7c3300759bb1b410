"""Our own writes, as long as a search may not show them yet.

The Search API is eventually consistent, within seconds
(https://cloudinary.com/documentation/search_method); reading what was just written must not
depend on that, nor may the next process take it for missing. A note is dropped when a listing
shows it, or after its lifetime.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from mirrorfs.core.clock import Clock
from mirrorfs.providers.cloudinary.notebook import Notebook
from mirrorfs.providers.cloudinary.translate import Asset

LIFETIME = 30.0
"""Seconds that a search may lag behind."""

_MOST = 4096


@dataclass(frozen=True, slots=True)
class _Note:
    """``asset`` is what was written, or what was there before it was removed."""

    asset: Asset
    is_gone: bool
    until: float


class Recent:
    """Bounded notes about assets and folders; safe to use from several threads.

    Those of other processes are heard of through ``notebook``.
    """

    def __init__(self, clock: Clock, notebook: Notebook | None = None) -> None:
        self._clock = clock
        self._notebook = notebook
        self._lock = threading.Lock()
        self._assets: OrderedDict[str, _Note] = OrderedDict()
        self._folders: OrderedDict[str, tuple[str, bool, float]] = OrderedDict()

    def wrote(self, asset: Asset) -> None:
        """Note an asset as it is now."""
        self._note(_Note(asset, is_gone=False, until=self._clock.now() + LIFETIME))

    def removed(self, asset: Asset) -> None:
        """Note that an asset is gone."""
        self._note(_Note(asset, is_gone=True, until=self._clock.now() + LIFETIME))

    def made_folder(self, raw: str) -> None:
        """Note a folder that exists."""
        self._note_folder(raw, is_gone=False)

    def removed_folder(self, raw: str) -> None:
        """Note a folder that is gone."""
        self._note_folder(raw, is_gone=True)

    def is_young(self, moment: int) -> bool:
        """Say whether ``moment`` (epoch seconds) is less than two lifetimes ago."""
        return self._clock.now() - moment < 2 * LIFETIME

    def correct(self, listed: Iterable[Asset], belongs: Callable[[Asset], bool]) -> list[Asset]:
        """Return ``listed`` with our own writes; ``belongs`` says what the listing is about."""
        found = {asset.id: asset for asset in listed}
        for id_, note in self._live():
            shown, ours = found.get(id_), note.asset
            if shown and shown.version > ours.version:
                continue
            if note.is_gone:
                found.pop(id_, None)
            elif shown and _looks(shown) == _looks(ours):
                self._forget(id_)
            elif belongs(ours):
                found[id_] = ours
            else:
                found.pop(id_, None)
        return list(found.values())

    def correct_folders(self, raws: Iterable[str], key: Callable[[str], str]) -> list[str]:
        """Return ``raws`` with the folders that we made, and without those that we removed."""
        found = {key(raw): raw for raw in raws}
        now = self._clock.now()
        with self._lock:
            self._hear(now)
            notes = [note for note in self._folders.values() if note[2] > now]
        for raw, is_gone, _ in notes:
            if is_gone:
                found.pop(key(raw), None)
            else:
                found.setdefault(key(raw), raw)
        return list(found.values())

    def _live(self) -> list[tuple[str, _Note]]:
        now = self._clock.now()
        with self._lock:
            self._hear(now)
            for id_ in [id_ for id_, note in self._assets.items() if note.until <= now]:
                del self._assets[id_]
            return list(self._assets.items())

    def _note(self, note: _Note) -> None:
        with self._lock:
            self._keep(note)
            self._tell({"asset": _told(note.asset), "gone": note.is_gone, "until": note.until})

    def _note_folder(self, raw: str, *, is_gone: bool) -> None:
        until = self._clock.now() + LIFETIME
        with self._lock:
            self._keep_folder(raw, until, is_gone=is_gone)
            self._tell({"folder": raw, "gone": is_gone, "until": until})

    def _keep(self, note: _Note) -> None:
        self._assets[note.asset.id] = note
        self._assets.move_to_end(note.asset.id)
        while len(self._assets) > _MOST:
            self._assets.popitem(last=False)

    def _keep_folder(self, raw: str, until: float, *, is_gone: bool) -> None:
        self._folders[raw] = (raw, is_gone, until)
        self._folders.move_to_end(raw)
        while len(self._folders) > _MOST:
            self._folders.popitem(last=False)

    def _tell(self, note: dict[str, Any]) -> None:
        if self._notebook:
            self._notebook.add(note, self._clock.now())

    def _hear(self, now: float) -> None:
        """Take over what is new in the notebook; a moment too far ahead is not believed."""
        for note in self._notebook.news(now) if self._notebook else ():
            until = min(float(note["until"]), now + LIFETIME)
            if raw := note.get("folder"):
                self._keep_folder(str(raw), until, is_gone=bool(note.get("gone")))
            elif asset := _heard(note.get("asset")):
                self._keep(_Note(asset, bool(note.get("gone")), until))

    def _forget(self, id_: str) -> None:
        with self._lock:
            self._assets.pop(id_, None)


def _told(asset: Asset) -> dict[str, Any]:
    told = {field.name: getattr(asset, field.name) for field in fields(asset)}
    return told | {"context": dict(asset.context)}


def _heard(told: Any) -> Asset | None:
    """Return what another process wrote of an asset; ``None`` when it was another version."""
    try:
        return Asset(**told | {"tags": tuple(told["tags"])})
    except (TypeError, KeyError):
        return None


def _looks(asset: Asset) -> tuple[object, ...]:
    context = tuple(sorted(asset.context.items()))
    return (asset.version, asset.etag, asset.public_id, asset.folder, asset.name, context)
