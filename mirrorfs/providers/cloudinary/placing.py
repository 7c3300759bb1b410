"""Where a file goes: folder, name and public id. Pure but for the look at the folder."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

from mirrorfs.core import paths
from mirrorfs.core.errors import AlreadyExists
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.cloudinary import rules
from mirrorfs.providers.cloudinary.catalogue import Catalogue
from mirrorfs.providers.cloudinary.neighbours import Neighbours
from mirrorfs.providers.cloudinary.translate import plain_format
from mirrorfs.providers.cloudinary.tree import Layout, raw_name

_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Place:
    """A path in the service's words: the folder as it spells it, and the file's full name."""

    path: RemotePath
    folder: str
    name: str

    @property
    def public_id(self) -> str:
        """The full path."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def above(self) -> RemotePath:
        """The folder's path."""
        return paths.parent(self.path)


def find_place(catalogue: Catalogue, neighbours: Neighbours, path: RemotePath) -> Place:
    """Return the place of a file whose folder may not exist yet.

    Raises:
        AlreadyExists: a file stands where a folder is needed, or ``path`` is the root.
        Unsupported: the service cannot hold one of the names.
    """
    if not path:
        raise AlreadyExists("The root is a folder.")
    name = raw_name(paths.name(path))
    folder, _ = find_folder(catalogue, neighbours, paths.parent(path))
    rules.check_file(folder, name, dynamic=catalogue.layout.dynamic)
    return Place(path, folder, name)


def find_folder(catalogue: Catalogue, neighbours: Neighbours, path: RemotePath) -> tuple[str, int]:
    """Return the spelling of a folder, and how many levels of it are still to be made.

    Raises:
        As :func:`find_place`.
    """
    raw, missing = catalogue.atlas.deepest(path, neighbours.knows)
    while missing:
        depth = path.count("/") + 1 - len(missing)
        try:
            neighbours.check_free(RemotePath("/".join(path.split("/")[:depth])), missing[0])
        except AlreadyExists:
            raw, rest = catalogue.atlas.deepest(path, neighbours.knows)
            if len(rest) == len(missing):  # no folder that somebody made at this moment
                raise
            missing = rest
        else:
            wanted = "/".join([*([raw] if raw else []), *map(raw_name, missing)])
            rules.check_folder(wanted)
            return wanted, len(missing)
    return raw, 0


def name_params(layout: Layout, place: Place) -> Mapping[str, str]:
    """Return what tells the service the place in dynamic mode; the public id tells it in fixed."""
    if not layout.dynamic:
        return {}
    return {"asset_folder": place.folder, "display_name": place.name}


def public_ids(layout: Layout, place: Place, resource_type: str) -> list[str]:
    """Return the public ids that a new file may get, the best first.

    Dynamic mode: 20 random characters, with the extension for raw files, as the service itself
    does. Fixed mode: the path; images and videos lose an extension that will be the format's,
    as is usual there, unless that id is taken.
    """
    extension = rules.extension_of(place.name)
    if layout.dynamic:
        suffix = f".{extension}" if extension and resource_type == "raw" else ""
        if any(character in suffix for character in " ?&#\\%<>+/"):
            suffix = ""
        return [random_text(20) + suffix]
    if resource_type == "raw" or extension != plain_format(extension) or not extension:
        return [place.public_id]
    return [place.public_id[: -len(extension) - 1], place.public_id]


def random_text(count: int) -> str:
    """Return lower-case letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(count))
