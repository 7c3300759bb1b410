"""``--backup-dir`` and the trash: where files go that are removed or replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mirrorfs.core import paths
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import ROOT, RemotePath
from sync.cli.places import LocalPlace, Place, RemotePlace, find_place
from sync.filters import Filters
from sync.keeping import BackupFolder, Keeper, Nowhere
from sync.model import Side
from sync.options import Keeping


@dataclass(frozen=True, slots=True)
class Backups:
    """The folders that are kept alike, and the backup folder of each side that loses anything.

    ``names`` are as typed, empty for none. Where one file is ``alone`` kept alike nothing else in
    those folders is looked at.
    """

    places: Mapping[Side, Place]
    names: Mapping[Side, str]
    alone: bool = False


def take_keeping(options: dict[str, Any], backups: Backups, filters: Filters) -> Keeping:
    """Take where files go that are removed or replaced.

    Raises:
        Misuse: a backup folder is not on the same disk or account as its side, or is in what is
            kept alike and no filter leaves it out.
    """
    suffix = options.pop("suffix")
    nowhere = options.pop("no_trash")
    instead: dict[Side, Keeper] = {}
    for side, name in backups.names.items():
        if name:
            _check_outside(name, backups, filters, suffix)
        if name or suffix:
            instead[side] = backup_folder(backups.places[side], name, suffix)
        elif nowhere:
            instead[side] = Nowhere()
    return Keeping(instead, options.pop("trash_days"), options.pop("trash_max_size"))


def backup_folder(place: Place, backup: str, suffix: str) -> BackupFolder:
    """Return the backup folder of one side; without a name it is the side itself.

    Raises:
        Misuse: it is not on the same disk or account.
    """
    there = find_place(backup) if backup else place
    if isinstance(place, LocalPlace) and isinstance(there, LocalPlace):
        root: Place = LocalPlace("/", Path("/"))
        base, folder = (RemotePath(str(one.path.resolve()).strip("/")) for one in (place, there))
    elif isinstance(place, RemotePlace) and isinstance(there, RemotePlace):
        if place.remote.name != there.remote.name:
            raise Misuse(f"--backup-dir {backup}: it has to be on {place.remote.name}: too.")
        root, base, folder = _root_of(place), place.folder, there.folder
    else:
        raise Misuse(f"--backup-dir {backup}: it has to be where {place.text} is.")
    return BackupFolder(root.open(), base, folder, suffix)


def _check_outside(name: str, backups: Backups, filters: Filters, suffix: str) -> None:
    """Refuse a backup folder of which a run would copy or delete what is in it, or the reverse."""
    there = find_place(name)
    for place in backups.places.values():
        within = _within(there, place)
        if backups.alone:
            overlaps = within == ROOT and not suffix
        elif within is None:
            overlaps = _within(place, there) is not None
        else:
            overlaps = not filters.shuts_out(within)
        if overlaps:
            raise Misuse(
                f"--backup-dir {name} and {place.text} overlap.",
                "Name another folder, or leave it out with --exclude '/FOLDER/**'.",
            )


def _within(place: Place, base: Place) -> RemotePath | None:
    """Return where ``place`` is below ``base``, as on a disk that is mounted twice."""
    if isinstance(place, LocalPlace) and isinstance(base, LocalPlace):
        own, top = place.path.resolve(), base.path.resolve()
        for above in (own, *own.parents):
            if above == top or (above.exists() and top.exists() and above.samefile(top)):
                return RemotePath(str(own)[len(str(above)) :].strip("/"))
        return None
    account, _, folder = place.key.partition(":")
    other, _, outer = base.key.partition(":")
    if account != other or not paths.is_within(RemotePath(folder), RemotePath(outer)):
        return None
    return RemotePath(folder[len(outer) :].strip("/"))


def _root_of(place: RemotePlace) -> RemotePlace:
    """Return the root of the account that ``place`` is in."""
    visited = place.folder.partition("/")[0] if place.folder.startswith("@") else ""
    return replace(place, folder=RemotePath(visited))
