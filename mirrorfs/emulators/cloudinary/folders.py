"""The folder tree, which exists beside the assets and may hold empty folders."""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mirrorfs.emulators.cloudinary.errors import bad_request, folder_not_found
from mirrorfs.emulators.cloudinary.shelves import folder_key

_FORBIDDEN = set("?&#\\%<>+")


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder: its full path without outer slashes, and when it came to be (Unix seconds)."""

    path: str
    external_id: str
    created_at: float

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]


Listener = Callable[["Folder | None", "Folder | None"], None]
"""Told of every change as (old, new); None on the side where the folder does not exist."""


class Folders:
    """All folders by path; names differ by more than case, as documented."""

    def __init__(self) -> None:
        self._folders: dict[str, Folder] = {}
        self._children: dict[str, list[str]] = {}
        self._listeners: list[Listener] = []

    def __iter__(self) -> Iterator[Folder]:
        return iter(list(self._folders.values()))

    def listen(self, listener: Listener) -> None:
        """Have a function told of each change from now on."""
        self._listeners.append(listener)

    def find(self, path: str) -> Folder | None:
        """Look a folder up, whatever the case of the letters."""
        return self._folders.get(folder_key(path))

    def demand(self, path: str) -> Folder:
        """Look a folder up; 404 when there is none."""
        folder = self.find(path)
        if folder is None:
            raise folder_not_found(path)
        return folder

    def create(self, path: str, now: float) -> Folder | None:
        """Make a folder and its parents unless they exist; None for the root."""
        if not path:
            return None
        folder = self.find(path)
        if folder is None:
            parent = self.create(path.rpartition("/")[0], now)
            name = path.rpartition("/")[2]
            full = f"{parent.path}/{name}" if parent else name
            folder = Folder(full, uuid.uuid4().hex, now)
            self.insert(folder)
        return folder

    def insert(self, folder: Folder) -> None:
        """Put a folder whose parents exist into the tree."""
        key = folder_key(folder.path)
        self._folders[key] = folder
        insort(self._children.setdefault(key.rpartition("/")[0], []), key)
        for listener in self._listeners:
            listener(None, folder)

    def remove(self, folder: Folder) -> None:
        """Take one folder out of the tree."""
        key = folder_key(folder.path)
        del self._folders[key]
        siblings = self._children[key.rpartition("/")[0]]
        del siblings[bisect_left(siblings, key)]
        for listener in self._listeners:
            listener(folder, None)

    def children(self, path: str, after: str, count: int) -> list[Folder]:
        """Give up to ``count`` direct sub-folders by name, following the one keyed ``after``."""
        keys = self._children.get(folder_key(path), [])
        start = bisect_right(keys, after) if after else 0
        return [self._folders[key] for key in keys[start : start + count]]

    def count(self, path: str) -> int:
        """Count the direct sub-folders."""
        return len(self._children.get(folder_key(path), []))

    def subtree(self, path: str) -> list[Folder]:
        """Give a folder and everything below it, parents first."""
        found = [self.demand(path)]
        for folder in found:
            found.extend(self.children(folder.path, "", self.count(folder.path)))
        return found

    def rename(self, path: str, target: str) -> list[tuple[Folder, Folder]]:
        """Move a subtree to a path that is free; give each folder before and after."""
        moved = []
        for folder in self.subtree(path):
            new = replace(folder, path=target + folder.path[len(path) :])
            moved.append((folder, new))
        for folder, _ in reversed(moved):
            self.remove(folder)
        for _, folder in moved:
            self.insert(folder)
        return moved


def clean_path(path: str) -> str:
    """Strip outer slashes; 400 for names the service does not allow.

    A folder path has at most 255 characters, none of ``? & # \\ % < > +``, and no segment ends in
    a space (https://cloudinary.com/documentation/dynamic_folders).
    """
    path = path.strip("/")
    if len(path) > 255 or _FORBIDDEN & set(path):
        raise bad_request(f"Invalid folder name: {path}")
    if any(not part or part != part.strip() for part in path.split("/") if path):
        raise bad_request(f"Invalid folder name: {path}")
    return path
