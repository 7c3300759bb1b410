"""The directories and file names that writing needs to know of, asked for once.

What somebody else makes meanwhile is found when the service refuses a UrlName or a look at the
one name shows it; whoever writes tells what changed (:meth:`Ground.forget`).
"""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from dataclasses import dataclass

from mirrorfs.core import names, paths
from mirrorfs.core.errors import AlreadyExists, BadAnswer, Unsupported
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.smugmug import translate
from mirrorfs.providers.smugmug.folders import Folders
from mirrorfs.providers.smugmug.layout import Inside, Place
from mirrorfs.providers.smugmug.listing import Lister
from mirrorfs.providers.smugmug.records import Image, Node


@dataclass(frozen=True, slots=True)
class Way:
    """A path as far as it is there: the last directory that is, and the names that are missing.

    ``folder`` is the nearest directory, at or above that one, which new nodes can be made in.
    """

    path: RemotePath
    last: Inside
    missing: tuple[str, ...]
    folder: Place

    @property
    def beyond_folder(self) -> tuple[str, ...]:
        """The names below ``folder`` on the way to ``path``."""
        above = self.folder.path
        return tuple(filter(None, self.path.removeprefix(above).split("/")))


class Ground:
    """The directories of a tree; safe to use from several threads.

    ``depth`` is how many folders deep the tree's root is in the account.
    """

    def __init__(self, folders: Folders, lister: Lister, depth: int) -> None:
        self.folders = folders
        self.lister = lister
        self._depth = depth
        self._lock = threading.Lock()
        self._names: dict[str, dict[str, str]] = {}

    def follow(self, path: RemotePath) -> Way:
        """Return the way to a directory, as far as there is one."""
        place = self.folders.root()
        inside, folder = self.folders.unfold(place), place
        missing = [segment for segment in path.split("/") if segment]
        while missing and missing[0] in inside.places:
            place = inside.places[missing.pop(0)]
            inside = self.folders.unfold(place)
            folder = place if place.folder else folder
        return Way(path, inside, tuple(missing), folder)

    def level(self, path: RemotePath) -> int:
        """Return how many folders deep a folder is below the account's root folder."""
        return self._depth + (path.count("/") + 1 if path else 0)

    def check_free(self, inside: Inside, name: str, but: str = "") -> None:
        """Check that a directory has nothing of this name, nor of one that differs by case.

        ``but`` is the name of a file that does not count. What the directory's albums hold is
        listed once.

        Raises:
            AlreadyExists: there is something. Unsupported: something differs by case.
        """
        if self._clashes(inside, name, but):
            for node in inside.albums:
                self.forget(node.album_uri)
        path = paths.join(inside.place.path, name)
        for other in self._clashes(inside, name, but):
            if other == name:
                raise AlreadyExists(f"There is something at {path} already.")
            raise Unsupported(f"{path} would differ from {other!r} by case only.")

    def _clashes(self, inside: Inside, name: str, but: str) -> list[str]:
        taken = {*inside.places, *map(paths.name, inside.withheld)}
        taken |= {one for node in inside.albums for one in self.names(node)}
        clashes = [one for one in taken - {but} if names.fold(one) == names.fold(name)]
        return sorted(clashes, key=lambda one: one != name)

    def names(self, node: Node) -> Counter[str]:
        """Return the names that the pictures of an album ask for, as they were when listed."""
        with self._lock:
            known = self._names.get(node.album_uri)
        if known is None:
            listed = {one.key: spelled(translate.wanted_name(one)) for one in self.images(node)}
            with self._lock:
                known = self._names.setdefault(node.album_uri, listed)
        with self._lock:
            return Counter(known.values())

    def keys(self, album_uri: str) -> frozenset[str]:
        """Return the keys of the pictures that an album is known to hold; asks nobody."""
        with self._lock:
            return frozenset(self._names.get(album_uri, {}))

    def images(self, node: Node) -> tuple[Image, ...]:
        """Return what an album holds now."""
        reply = self.lister.node(node.uri)
        return self.lister.images(reply.album) if reply.album else ()

    def is_empty(self, node: Node) -> bool:
        """Say whether an album holds nothing now, by its count and by its list."""
        now = self.lister.node(node.uri)
        if now.id != node.id or now.album is None:
            raise BadAnswer(f"SmugMug: what is at {node.uri} is not the album that was there.")
        return not now.album.count and not self.lister.images(now.album)

    def note(self, album_uri: str, key: str, name: str) -> None:
        """Remember a file that was put into an album."""
        with self._lock:
            if album_uri in self._names:
                self._names[album_uri][key] = name

    def forget(self, album_uri: str = "") -> None:
        """Look at all directories again, and at the files of this album."""
        self.folders.forget()
        with self._lock:
            self._names.pop(album_uri, None)


def spelled(raw: str) -> str:
    """Return a name of the service's as a path has it."""
    return unicodedata.normalize("NFC", names.encode(raw))


def raw_name(name: str) -> str:
    """Return the service's name for one of a path.

    Raises:
        Unsupported: no name of the service's would be read back as this one.
    """
    raw = names.decode(name)
    if not raw or spelled(raw) != name:
        raise Unsupported(f"SmugMug has no name that would be read back as {name!r}.")
    return raw
