"""Directories: what of the service each is made of, and the names of what is in it. Pure.

A directory is a folder, an album, or what the Names of albums spell
(:mod:`~mirrorfs.providers.smugmug.placing`), or several of these at once: a folder, the album
``Files-In-This-Folder`` in it, and an album whose Name spells the way to it.

Names are given among siblings: folders and albums first (the eldest keeps the plain name), then
directories that are only spelled, then pictures; none ever renames one of those before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mirrorfs.core import names, paths
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.names import Candidate
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.smugmug import times, translate
from mirrorfs.providers.smugmug.placing import Segments, segments_of
from mirrorfs.providers.smugmug.records import Image, Node, NodeType

_SHOWN = {NodeType.FOLDER, NodeType.ALBUM}
_SILENT = {NodeType.PAGE, NodeType.SYSTEM_ALBUM, NodeType.SYSTEM_PAGE}


@dataclass(frozen=True, slots=True)
class Place:
    """A directory.

    ``folder``: the node whose children are in it. ``albums``: album nodes whose pictures are in
    it, before its ``Files-In-This-Folder`` albums are known of. ``deeper``: albums below it and
    where. ``id`` is the entry's, ``added`` the service's time of the eldest of these.
    """

    path: RemotePath
    id: str
    added: str = ""
    folder: Node | None = None
    albums: tuple[Node, ...] = ()
    deeper: tuple[tuple[Segments, Node], ...] = ()

    @property
    def entry(self) -> Entry:
        """The directory as an entry; its time is when it was made."""
        return Entry(self.path, Kind.FOLDER, self.id, modified=times.nanoseconds(self.added) or 0)


@dataclass(frozen=True, slots=True)
class Inside:
    """What is in a directory: sub-directories by name, and the albums whose pictures are in it.

    ``withheld`` is path → reason for what is there and cannot be shown.
    """

    place: Place
    places: Mapping[str, Place]
    albums: tuple[Node, ...]
    withheld: Mapping[RemotePath, str]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files of a directory, and path → reason for those that are withheld."""

    entries: tuple[Entry, ...]
    withheld: Mapping[RemotePath, str]


def root_of(folder: Node) -> Place:
    """Return the directory of the account's root folder."""
    return Place(ROOT, _id(folder), folder.added, folder)


def unfold(place: Place, children: Iterable[Node]) -> Inside:
    """Return what is in ``place``, whose folder, if it has one, has these children.

    Pages and the galleries that SmugMug makes for itself (profile and cover pictures) are not
    shown. What asks for a password is withheld.
    """
    here: list[Node] = []
    deeper = list(place.deeper)
    ordinary: list[Node] = []
    for node in children:
        segments = segments_of(node.url_name, node.name) if _is_open_album(node) else None
        if segments is None:
            ordinary.append(node)
        elif segments:
            deeper.append((segments, node))
        else:
            here.append(node)
    places, withheld = _places(place, [one for one in ordinary if one.type not in _SILENT])
    places = _with_deeper(place, places, deeper, withheld)
    albums = sorted([*place.albums, *here], key=lambda node: node.id)
    return Inside(place, places, tuple(albums), withheld)


def picture_files(inside: Inside, images: Sequence[Image]) -> Pictures:
    """Return the pictures of a directory as files."""
    taken = [*inside.places, *(paths.name(path) for path in inside.withheld)]
    beside = [Candidate(f"/{name}", names.decode(name)) for name in taken]
    wanted = [Candidate(one.id, translate.wanted_name(one), f"1{one.uploaded}") for one in images]
    given = names.assign([*beside, *wanted])
    entries: list[Entry] = []
    withheld: dict[RemotePath, str] = {}
    for image in images:
        path = paths.join(inside.place.path, given[image.id])
        if image.media is None or image.media.size is None:
            withheld[path] = image.withheld or translate.NOT_GIVEN
        else:
            entries.append(translate.to_entry(image, path))
    return Pictures(tuple(entries), withheld)


def _places(place: Place, nodes: Sequence[Node]) -> tuple[dict[str, Place], dict[RemotePath, str]]:
    given = names.assign(Candidate(node.id, node.name, node.added) for node in nodes)
    places: dict[str, Place] = {}
    withheld: dict[RemotePath, str] = {}
    for node in nodes:
        path = paths.join(place.path, given[node.id])
        if node.is_locked or node.type not in _SHOWN:
            withheld[path] = translate.LOCKED if node.is_locked else translate.STRANGE
        elif node.type is NodeType.FOLDER:
            places[given[node.id]] = Place(path, _id(node), node.added, node)
        else:
            places[given[node.id]] = Place(path, _id(node), node.added, albums=(node,))
    return places, withheld


def _with_deeper(
    place: Place,
    places: Mapping[str, Place],
    deeper: Iterable[tuple[Segments, Node]],
    withheld: Iterable[RemotePath],
) -> dict[str, Place]:
    """Add the directories that are spelled; one that is there already is the same."""
    below: dict[str, list[tuple[Segments, Node]]] = defaultdict(list)
    for (first, *rest), node in deeper:
        below[first].append((tuple(rest), node))
    found = dict(places)
    taken = [*places, *map(paths.name, withheld)]
    beside = [Candidate(f"/{name}", names.decode(name), "0") for name in taken]
    new = [Candidate(first, names.decode(first), "1") for first in below if first not in places]
    given = names.assign([*beside, *new])
    for first, parts in below.items():
        if first in places:
            known = places[first]
        else:
            path = paths.join(place.path, given[first])
            added = min(node.added for _, node in parts)
            known = Place(path, f"{place.id}/{first}", added)
        ending = [node for rest, node in parts if not rest]
        further = [(rest, node) for rest, node in parts if rest]
        found[paths.name(known.path)] = replace(
            known, albums=(*known.albums, *ending), deeper=(*known.deeper, *further)
        )
    return found


def _is_open_album(node: Node) -> bool:
    return node.type is NodeType.ALBUM and not node.is_locked


def _id(node: Node) -> str:
    return f"node:{node.id}"
