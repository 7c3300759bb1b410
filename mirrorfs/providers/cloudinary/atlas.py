"""Which folder is where: learned from listings, asked for when it is not known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from mirrorfs.core import paths
from mirrorfs.core.errors import NotFound
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.cloudinary.tree import Folders, Layout, name_folders

ListSubFolders = Callable[[str], list[str]]
IsListed = Callable[[RemotePath], bool]


class Atlas:
    """Paths to the service's spelling of folders and back; safe to use from several threads."""

    def __init__(self, layout: Layout, list_sub_folders: ListSubFolders) -> None:
        self.layout = layout
        self._list = list_sub_folders
        self._lock = threading.Lock()
        self._inside: dict[RemotePath, dict[str, str]] = {}
        self._paths: dict[str, RemotePath] = {}
        self._forget_all()

    def replace(self, folders: Folders) -> None:
        """Take over the folders of a complete scan of the root."""
        inside: dict[RemotePath, dict[str, str]] = {path: {} for path in folders.raws}
        for path, raw in folders.raws.items():
            if path != ROOT:
                inside[paths.parent(path)][paths.name(path)] = raw
        with self._lock:
            self._inside = inside
            self._paths = dict(folders.paths)

    def learn(self, folder: RemotePath, raws: Iterable[str]) -> dict[str, str]:
        """Take over the complete list of a folder's sub-folders; return name → spelling."""
        unique = {self.layout.key(raw): raw for raw in raws}
        named = {name: raw for raw, name in name_folders(unique.values()).items()}
        with self._lock:
            self._inside[folder] = named
            for name, raw in named.items():
                self._paths[self.layout.key(raw)] = paths.join(folder, name)
        return named

    def add(self, raw: str) -> None:
        """Take note of one folder that was made, as far as its neighbours are known."""
        above = raw.rpartition("/")[0]
        if raw == self.layout.root or not self.layout.holds(raw):
            return
        self.add(above)
        with self._lock:
            path = self._paths.get(self.layout.key(above))
            inside = None if path is None else self._inside.get(path)
        if path is not None and inside is not None:
            self.learn(path, [*inside.values(), raw])

    def forget(self, folder: RemotePath) -> None:
        """Ask again for what is in and below a folder when it is needed."""
        with self._lock:
            for path in [path for path in self._inside if paths.is_within(path, folder)]:
                del self._inside[path]

    def raw(self, path: RemotePath) -> str:
        """Return the spelling of the folder at ``path``: one call for each level not known.

        Raises:
            NotFound: there is no such folder.
        """
        raw, missing = self.deepest(path)
        if missing:
            raise NotFound(f"There is no folder {path}.")
        return raw

    def deepest(
        self, path: RemotePath, is_listed: IsListed = lambda _: False
    ) -> tuple[str, list[str]]:
        """Return the spelling of the deepest folder on the way to ``path``, and what is missing.

        What is not known is asked for, unless the folder above ``is_listed`` lately.
        """
        raw, at = self.layout.root, ROOT
        segments = path.split("/") if path else []
        for number, name in enumerate(segments):
            with self._lock:
                inside = self._inside.get(at)
            if inside is None or (name not in inside and not is_listed(at)):
                try:
                    inside = self.learn(at, self._list(raw))
                except NotFound:
                    self.forget(at)
                    return raw, segments[number:]
            if name not in inside:
                return raw, segments[number:]
            raw, at = inside[name], paths.join(at, name)
        return raw, []

    def names_in(self, folder: RemotePath) -> list[str]:
        """Return the names of a folder's sub-folders as far as they are known."""
        with self._lock:
            return list(self._inside.get(folder, ()))

    def known(self, raw: str) -> RemotePath | None:
        """Return the path of a folder, if it is known without asking."""
        with self._lock:
            return self._paths.get(self.layout.key(raw))

    def _forget_all(self) -> None:
        self._paths = {self.layout.key(self.layout.root): ROOT}
