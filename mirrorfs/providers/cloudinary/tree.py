"""Folders: the service's spelling and the lawful path, each leading to the other.

In dynamic folder mode folder names are not case-sensitive
(https://cloudinary.com/documentation/dynamic_folders), so spellings that differ by case are one
folder. In fixed mode they are the beginnings of public ids and differ. Folders get their names
before files do, among their siblings only, so a file never renames a folder.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mirrorfs.core import names, paths
from mirrorfs.core.errors import Unsupported
from mirrorfs.core.names import Candidate
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.cloudinary.translate import REPLACES, Asset, wanted_name


@dataclass(frozen=True, slots=True)
class Layout:
    """The account's folder mode and which of its folders is the root here, as it spells it."""

    dynamic: bool
    root: str = ""

    def key(self, raw: str) -> str:
        """Return what two spellings of one folder share."""
        return raw.casefold() if self.dynamic else raw

    def holds(self, raw: str) -> bool:
        """Say whether a folder is the root or below it."""
        return is_below(self.key(raw), self.key(self.root))


@dataclass(frozen=True, slots=True)
class Folders:
    """Known folders: key of the spelling → path, and path → spelling; the root is among them."""

    layout: Layout
    paths: Mapping[str, RemotePath]
    raws: Mapping[RemotePath, str]

    def path(self, raw: str) -> RemotePath | None:
        """Return the lawful path of a folder that is known."""
        return self.paths.get(self.layout.key(raw))

    def within(self, path: RemotePath) -> list[RemotePath]:
        """Return the paths of the known folders below ``path``."""
        return [one for one in self.raws if one != path and paths.is_within(one, path)]


def build_folders(layout: Layout, raws: Iterable[str]) -> Folders:
    """Name all folders in ``raws`` and those above them, as far as the layout's root.

    Where one folder comes in several spellings, the first one is kept.
    """
    spelling: dict[str, str] = {layout.key(layout.root): layout.root}
    for raw in raws:
        if layout.holds(raw):
            _add_with_parents(layout, raw, spelling)
    children: dict[str, list[str]] = defaultdict(list)
    for key, raw in spelling.items():
        if key != layout.key(layout.root):
            children[layout.key(_parent(raw))].append(raw)
    found = {layout.key(layout.root): ROOT}
    waiting = [layout.key(layout.root)]
    while waiting:
        above = waiting.pop()
        inside = children[above]
        for raw, name in name_folders(inside).items():
            key = layout.key(raw)
            found[key] = paths.join(found[above], name)
            waiting.append(key)
    return Folders(layout, found, {path: spelling[key] for key, path in found.items()})


def name_folders(raws: Iterable[str]) -> dict[str, str]:
    """Return spelling → lawful name for the folders that share one parent.

    A name that is lawful as it stands is kept by the folder that spells it so.
    """
    return names.assign(Candidate(raw, last(raw), _folder_rank(last(raw))) for raw in raws)


def name_files(folders: Iterable[str], assets: Iterable[Asset]) -> dict[str, str]:
    """Return asset id → lawful name beside sub-folders that have these lawful names.

    Of assets that ask for one name the eldest keeps it, but never what is to replace another.
    """
    beside = [Candidate(f"/{name}", names.decode(name)) for name in folders]
    files = [Candidate(one.id, wanted_name(one), _rank(one)) for one in assets]
    return {id_: name for id_, name in names.assign([*beside, *files]).items() if id_[0] != "/"}


def raw_name(name: str) -> str:
    """Return what the service must be told so that the lawful ``name`` is read back from it.

    Raises:
        Unsupported: no name of the service would be read back as this one.
    """
    raw = names.decode(name)
    lawful = unicodedata.normalize("NFC", names.encode(raw))
    if lawful != name or not raw or "/" in raw or "\0" in raw:
        raise Unsupported(f"{name!r} holds characters that Cloudinary's names cannot keep.")
    return raw


def is_below(raw: str, folder: str) -> bool:
    """Say whether ``raw`` is ``folder`` or lies below it, in the service's spelling."""
    return not folder or raw == folder or raw.startswith(f"{folder}/")


def last(raw: str) -> str:
    """Return the last segment."""
    return raw.rpartition("/")[2]


def _parent(raw: str) -> str:
    return raw.rpartition("/")[0]


def _add_with_parents(layout: Layout, raw: str, spelling: dict[str, str]) -> None:
    while raw and layout.key(raw) not in spelling:
        spelling[layout.key(raw)] = raw
        raw = _parent(raw)


def _rank(asset: Asset) -> str:
    return f"{'2' if REPLACES in asset.context else '1'}{asset.created_at}"


def _folder_rank(raw: str) -> str:
    return "0" if unicodedata.normalize("NFC", names.encode(raw)) == raw else "1"
