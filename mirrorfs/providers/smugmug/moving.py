"""Folders made and removed, files removed and moved: everything that sends no bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry
from mirrorfs.core.entry import folder as folder_entry
from mirrorfs.core.errors import AlreadyExists, BadAnswer, NotEmpty, NotFound, Unsupported
from mirrorfs.core.facts import check_kept
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.providers.smugmug import files, looking, sharing, translate, uploads
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.ground import Ground, spelled
from mirrorfs.providers.smugmug.making import Maker
from mirrorfs.providers.smugmug.records import Image, Node
from mirrorfs.providers.smugmug.sending import WITHOUT_PROOF


class Mover:
    """Changes the tree; safe to use from several threads."""

    def __init__(self, api: Api, ground: Ground, maker: Maker) -> None:
        self._api = api
        self._ground = ground
        self._maker = maker

    def mkdir(self, path: RemotePath) -> Entry:
        """Make a folder and those above it; the root is made, too, by this alone."""
        try:
            return self._make(path)
        except NotFound:
            folders = self._ground.folders
            if path != ROOT or folders.base == ROOT:
                raise
        account = Ground(folders.whole(), self._ground.lister, 0)
        Mover(self._api, account, Maker(self._api, account)).mkdir(folders.base)
        self._ground.forget()
        return folder_entry(ROOT)

    def _make(self, path: RemotePath) -> Entry:
        way = self._ground.follow(path)
        if not way.missing:
            return way.last.place.entry
        self._maker.make(way, self._maker.plan_folder(way))

        def look() -> Entry:
            self._ground.forget()
            return self._ground.folders.place(path).entry

        return looking.wait_for(self._api, look, f"SmugMug does not list {path} yet.")

    def describe(self, entry: Entry, facts: Mapping[str, str]) -> Entry:
        """Set what the service says of a file; of a picture in several albums it says it in all."""
        check_kept(facts, uploads.KEPT, "SmugMug")
        image = files.current(self._api, entry)
        described = files.described(self._api, image, facts)
        return files.entry_of(described, entry.path, entry.size)

    def remove(self, entry: Entry) -> None:
        """Remove a file at its revision, or an empty folder."""
        if entry.is_folder:
            self._remove_folder(entry.path)
            return
        image = files.current(self._api, entry)
        sharing.check_alone(self._api, image, "removed")
        self._delete(image.uri, lambda: self._look(image, image.album_key))
        self._ground.forget(looking.album_uri(image))

    def rename(self, entry: Entry, path: RemotePath) -> Entry:
        """Move a file to another folder under the name that it has.

        The service moves pictures between albums with all that belongs to them; it has no way to
        change a FileName (SmugMug API, reference/image).
        """
        if entry.is_folder:
            raise Unsupported("Folders are not moved as a whole.")
        image = files.current(self._api, entry)
        if path == entry.path:
            return files.entry_of(image, path, entry.size)
        above, name = paths.parent(path), paths.name(path)
        is_near = above == paths.parent(entry.path)
        way = self._ground.follow(above)
        if not way.missing:
            but = paths.name(entry.path) if is_near else ""
            self._ground.check_free(way.last, name, but)
        if is_near or spelled(translate.wanted_name(image)) != name:
            raise Unsupported(
                f"SmugMug cannot change the name of {entry.path}.",
                "Upload it under the new name and remove the old one.",
            )
        album_uri = self._maker.album(way, self._maker.plan_album(way))
        if not way.missing and looking.glimpsed(self._api, album_uri, image.name):
            raise AlreadyExists(f"There is something at {path} already.")
        moved = self._move(image, album_uri)
        self._ground.forget(looking.album_uri(image))
        self._ground.note(album_uri, image.key, name)
        return files.entry_of(moved, path, entry.size)

    def _move(self, image: Image, album_uri: str) -> Image:
        """Move a picture and return it where it is now, proven to be there and gone from here."""
        key = looking.key_of(album_uri)
        try:
            self._api.post(f"{album_uri}!moveimages", {"MoveUris": image.uri, "Async": False})
        except WITHOUT_PROOF:
            if not self._is_there(image, key):
                raise
        what = f"SmugMug does not show {image.name} yet where it was moved to."
        moved = looking.wait_for(self._api, lambda: self._look(image, key), what)
        if self._is_there(image, image.album_key):
            raise BadAnswer(f"SmugMug still shows {image.name} where it was moved from.")
        return moved

    def _look(self, image: Image, album_key: str) -> Image:
        return looking.placed(self._api, album_key, image.key)

    def _is_there(self, image: Image, album_key: str) -> bool:
        try:
            self._look(image, album_key)
        except NotFound:
            return False
        return True

    def _delete(self, uri: str, look: Callable[[], object]) -> None:
        """Delete something; an answer that was lost is made up for by a look."""
        try:
            self._api.delete(uri)
        except WITHOUT_PROOF:
            try:
                look()
            except NotFound:
                return
            raise

    def _remove_folder(self, path: RemotePath) -> None:
        """Remove a folder that holds nothing: the service would delete all that is in it.

        Its albums go first, each looked into at the last moment, then the empty folder. What was
        deleted by mistake is listed at ``user!deletedalbums`` for some time.
        """
        if path == ROOT:
            raise NotEmpty("The root is not removed.")
        self._ground.forget()
        inside = self._ground.folders.inside(path)
        if inside.places or inside.withheld:
            raise NotEmpty(f"{path} holds something.")
        folder = inside.place.folder
        mine = {node.id for node in inside.albums}
        if folder and any(node.id not in mine for node in self._children(folder)):
            raise NotEmpty(f"{path} holds a page or something else that is not shown.")
        for node in inside.albums:
            self._check_empty(node, path)
        for node in inside.albums:
            self._check_empty(node, path)
            self._delete_node(node)
        if folder:
            if self._children(folder):
                raise NotEmpty(f"{path} holds something new.")
            self._delete_node(folder)
        self._ground.forget()

    def _children(self, folder: Node) -> tuple[Node, ...]:
        return self._ground.lister.children(folder).nodes

    def _check_empty(self, album: Node, path: RemotePath) -> None:
        if not self._ground.is_empty(album):
            raise NotEmpty(f"{path} holds something.")

    def _delete_node(self, node: Node) -> None:
        self._delete(node.uri, lambda: self._api.get(node.uri, {"_verbosity": 1}))
