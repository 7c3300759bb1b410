"""The tree as it is: one directory, a whole subtree, one path.

A whole subtree costs one call for each folder page: the albums in it come along, and the pictures
in those, as far as the service lets them. What did not come is asked for by many albums at once,
and what then is not provably whole album by album.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, folder
from mirrorfs.core.errors import BadAnswer, NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.smugmug import layout
from mirrorfs.providers.smugmug.folders import Folders
from mirrorfs.providers.smugmug.layout import Inside, Pictures, Place
from mirrorfs.providers.smugmug.listing import TOGETHER, Family, Lister
from mirrorfs.providers.smugmug.records import Image, Node
from mirrorfs.providers.smugmug.withholding import Withholding

WORKERS = 4
"""Calls made at a time; the service's other clients take five for a good start."""

_NOBODY = Family((), {})


@dataclass(frozen=True, slots=True)
class Survey:
    """A whole subtree: what is in each directory, its files, and what is withheld."""

    insides: tuple[Inside, ...]
    entries: Mapping[RemotePath, Entry]
    withheld: Mapping[RemotePath, str]


class Catalogue:
    """Looks at directories; safe to use from several threads."""

    def __init__(self, folders: Folders, lister: Lister) -> None:
        self.folders = folders
        self._lister = lister
        self.withholding = Withholding()

    def scandir(self, path: RemotePath) -> list[Entry]:
        """Return what is in a directory.

        Raises:
            NotFound: there is none.
        """
        inside = self.folders.inside(path)
        pictures = self.pictures(inside)
        self.withholding.note([path], {**inside.withheld, **pictures.withheld})
        return [*(place.entry for place in inside.places.values()), *pictures.entries]

    def stat(self, path: RemotePath) -> Entry:
        """Return what is at ``path`` now.

        Raises:
            NotFound: there is nothing, or nothing that is given.
        """
        if path == ROOT:
            return folder(ROOT)
        inside = self.folders.inside(paths.parent(path))
        place = inside.places.get(paths.name(path))
        if place:
            return place.entry
        pictures = self.pictures(inside)
        for entry in pictures.entries:
            if entry.path == path:
                return entry
        reason = {**inside.withheld, **pictures.withheld}.get(path)
        raise NotFound(f"{path} is left out: {reason}" if reason else f"There is no {path}.")

    def pictures(self, inside: Inside) -> Pictures:
        """Return the files that are in a directory now."""
        images = [image for node in inside.albums for image in self._images(node)]
        return layout.picture_files(inside, images)

    def survey(self, path: RemotePath) -> Survey:
        """Look at everything below ``path`` anew.

        Raises:
            NotFound: there is no such directory.
        """
        self.folders.forget()
        insides: list[Inside] = []
        images: dict[str, tuple[Image, ...]] = {}
        with ThreadPoolExecutor(WORKERS, "survey") as pool:
            level: list[Place] = [self.folders.place(path)]
            while level:
                families = list(pool.map(self._family, level))
                found = [
                    layout.unfold(place, family.nodes)
                    for place, family in zip(level, families, strict=True)
                ]
                for family in families:
                    images.update(family.images)
                for together in pool.map(self._together, _chunks(_without(images, found))):
                    images.update(together)
                missing = _without(images, found)
                images.update(zip(missing, pool.map(self._images, missing.values()), strict=True))
                insides += found
                level = [place for inside in found for place in inside.places.values()]
        return self._sum_up(insides, images)

    def _family(self, place: Place) -> Family:
        with _still_there(place.path):
            return self._lister.children_with_images(place.folder) if place.folder else _NOBODY

    def _together(self, nodes: Sequence[Node]) -> Mapping[str, tuple[Image, ...]]:
        albums = [node.album for node in nodes if node.album]
        return self._lister.images_together(albums) if len(albums) > 1 else {}

    def _images(self, node: Node) -> tuple[Image, ...]:
        with _still_there(node.name):
            return self._lister.images(node.album) if node.album else ()

    def _sum_up(self, insides: Sequence[Inside], images: Mapping[str, tuple[Image, ...]]) -> Survey:
        entries: dict[RemotePath, Entry] = {}
        withheld: dict[RemotePath, str] = {}
        for inside in insides:
            keys = [node.album.key for node in inside.albums if node.album]
            files = layout.picture_files(inside, [one for key in keys for one in images[key]])
            entries.update((place.path, place.entry) for place in inside.places.values())
            entries.update((entry.path, entry) for entry in files.entries)
            withheld |= {**inside.withheld, **files.withheld}
        self.withholding.note([inside.place.path for inside in insides], withheld)
        return Survey(tuple(insides), entries, withheld)


@contextmanager
def _still_there(what: str) -> Iterator[None]:
    """Let what was listed a moment ago and is not found now be a listing that is not whole."""
    try:
        yield
    except NotFound as error:
        raise BadAnswer(f"SmugMug: {what!r} is gone while it is listed. {error.message}") from None


def _chunks(nodes: Mapping[str, Node]) -> list[list[Node]]:
    listed = list(nodes.values())
    return [listed[at : at + TOGETHER] for at in range(0, len(listed), TOGETHER)]


def _without(images: Mapping[str, object], insides: Iterable[Inside]) -> dict[str, Node]:
    """Return album key → node of those albums whose pictures did not come along."""
    nodes = [node for inside in insides for node in inside.albums if node.album]
    return {node.album.key: node for node in nodes if node.album and node.album.key not in images}
