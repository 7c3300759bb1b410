"""Everything the emulated service holds, and every change to it.

Requests are answered in one thread and tests change accounts from another, so each public method
holds one lock; values are frozen and may be kept by whoever was given them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from mirrorfs.emulators.blobs import Blob, Blobs
from mirrorfs.emulators.smugmug.agenda import Agenda
from mirrorfs.emulators.smugmug.errors import ApiError, bad_request, conflict, not_found
from mirrorfs.emulators.smugmug.ids import Ids
from mirrorfs.emulators.smugmug.moments import Clock
from mirrorfs.emulators.smugmug.naming import check_url_name, free_url_name, make_url_name
from mirrorfs.emulators.smugmug.settings import Settings
from mirrorfs.emulators.smugmug.storage import Holdings
from mirrorfs.emulators.smugmug.tasks import Tasks
from mirrorfs.emulators.smugmug.tree import Tree
from mirrorfs.emulators.smugmug.values import ALBUM_TYPES, Album, Image, Node, NodeType, User

T = TypeVar("T")


class State:
    """Users, their trees, albums and images.

    ``tree`` holds the nodes. Look-ups raise 404, changes 400 or 409 as the service would.
    """

    def __init__(self, settings: Settings, blobs: Blobs, clock: Clock, holdings: Holdings) -> None:
        self.settings = settings
        self.blobs = blobs
        self.clock = clock
        self.lock = threading.RLock()
        self.ids = Ids(settings.nick)
        self.tree = Tree(holdings.nodes)
        self.agenda = Agenda(clock, self.lock)
        self.tasks = Tasks(self)
        self._users = holdings.users
        self._albums = holdings.albums
        self._images = holdings.images
        self._contents = holdings.contents
        self._collected = holdings.collected
        self._sums: dict[Blob, str] = {}

    # users

    def add_user(self, nick: str, **fields: Any) -> User:
        """Add an account with an empty root folder; ``fields`` are those of ``User``."""
        with self.lock:
            now = self.clock()
            root = Node(
                self.ids.key(5), nick, None, "Folder", "", "", now, now,
                privacy="Public", sort_method="SortIndex", sort_direction="Ascending",
            )  # fmt: skip
            self.tree.save(root)
            fields = {"name": nick, "ref_tag": self.ids.key(13), **fields}
            self._users[nick] = User(nick, root.node_id, now, **fields)
            return self._users[nick]

    def user(self, nick: str) -> User:
        """Look a user up, whatever the case of the nickname."""
        with self.lock:
            folded = {known.casefold(): user for known, user in self._users.items()}
            return demand(folded.get(nick.casefold()))

    def users(self) -> list[User]:
        """Give all users in the order they were added."""
        with self.lock:
            return list(self._users.values())

    # nodes and albums

    def node(self, node_id: str) -> Node:
        """Look a node up."""
        with self.lock:
            return demand(self.tree.get(node_id))

    def create_node(
        self, parent: str, type_: NodeType, name: str, *, auto_rename: bool = False, **fields: Any
    ) -> Node:
        """Add a node; ``fields`` are those of ``Node``, ``album`` those of its ``Album``.

        409 when a sibling has the URL name and ``auto_rename`` does not find another; 400 for a
        folder more than five levels deep.
        """
        with self.lock:
            above = self.node(parent)
            if not above.holds_nodes:
                raise not_found()
            if type_ == "Folder" and self.tree.depth(parent) >= 5:
                raise bad_request("Type", "Folders can not be nested any deeper")
            about = fields.pop("album", {})
            chosen = fields.pop("url_name", None) or make_url_name(name)
            chosen = self._free_name(parent, chosen, auto_rename=auto_rename)
            now = self.clock()
            node = Node(self.ids.node(), above.nick, parent, type_, name, chosen, now, now)
            node = replace(node, **{"sort_index": self.tree.next_index(parent), **fields})
            self.tree.save(node)
            if type_ in ALBUM_TYPES:
                node = self._add_album(node, about)
            self._touch_above(node, now)
            return node

    def change_node(self, node_id: str, **fields: Any) -> Node:
        """Give a node (and its album's page) other values; paths below it change with them."""
        with self.lock:
            node = self.node(node_id)
            wanted = fields.get("url_name", node.url_name)
            if node.parent and wanted != node.url_name:
                self._free_name(node.parent, wanted)
            now = self.clock()
            changed = replace(node, **{"date_modified": now, **fields})
            self.tree.save(changed)
            if changed.album_key:
                self.change_album(changed.album_key)
            self._touch_above(changed, now)
            return changed

    def move_node(self, node_id: str, parent: str) -> Node:
        """Put a node below another folder; 400 into itself, 409 when its URL name is taken."""
        with self.lock:
            node, above = self.node(node_id), self.node(parent)
            if node.parent is None or not above.holds_nodes or node.nick != above.nick:
                raise bad_request("MoveUris", "Can not be moved there")
            if node in self.tree.above(parent):
                raise bad_request("MoveUris", "Can not be moved into itself")
            depth = self.tree.depth(parent) + self.tree.height(node_id)
            if node.holds_nodes and depth > 5:
                raise bad_request("MoveUris", "Folders can not be nested any deeper")
            if node.parent != parent:
                self._free_name(parent, node.url_name)
            self._touch_above(node, self.clock())
            return self.change_node(node_id, parent=parent, sort_index=self.tree.next_index(parent))

    def remove_node(self, node_id: str) -> None:
        """Delete a node and all below it; images go with the album they are at home in."""
        with self.lock:
            node = self.node(node_id)
            if node.is_root:
                raise ApiError(403)
            now = self.clock()
            for one in [*self.tree.below(node_id), node]:
                for image in self.images(one.album_key) if one.album_key else []:
                    self.remove_image(one.album_key or "", image.image_key)
                if one.album_key:
                    del self._albums[one.album_key]
                    del self._contents[one.album_key]
                self.tree.remove(one, now)
            self._touch_above(node, now)

    def album(self, album_key: str) -> Album:
        """Look an album up."""
        with self.lock:
            return demand(self._albums.get(album_key))

    def albums(self, nick: str) -> list[Album]:
        """Give a user's albums in the order they were made."""
        with self.lock:
            return [
                album
                for album in self._albums.values()
                if self.tree.nodes[album.node_id].nick == nick
            ]

    def change_album(self, album_key: str, **fields: Any) -> Album:
        """Give an album other settings."""
        with self.lock:
            album = replace(self.album(album_key), **{"last_updated": self.clock(), **fields})
            self._albums[album_key] = album
            return album

    # images

    def image(self, image_key: str) -> Image:
        """Look an image up by its key alone."""
        with self.lock:
            return demand(self._images.get(image_key))

    def images(self, album_key: str) -> list[Image]:
        """Give what an album holds, in the order of positions, collected images included."""
        with self.lock:
            sources = self.album(album_key).source
            keys = dict.fromkeys(key for source in sources for key in self._contents[source])
            return [self._images[key] for key in keys or self._contents[album_key]]

    def count_images(self, album_key: str) -> int:
        """Give the number of images an album holds."""
        with self.lock:
            if self.album(album_key).source:
                return len(self.images(album_key))
            return len(self._contents[album_key])

    def holds(self, album_key: str, image_key: str) -> bool:
        """Tell whether an album holds an image."""
        with self.lock:
            return image_key in {one.image_key for one in self.images(album_key)}

    def albums_of(self, image_key: str) -> list[Album]:
        """Give every album an image is in, the one it is at home in first."""
        with self.lock:
            home = self.image(image_key).album_key
            keys = dict.fromkeys([home, *self._collected[image_key]])
            return [self._albums[key] for key in keys]

    def add_image(self, album_key: str, file_name: str, body: bytes | Blob, **fields: Any) -> Image:
        """Add a photo or video to an album; ``fields`` are those of ``Image``."""
        with self.lock:
            album = self.album(album_key)
            if len(self._contents[album_key]) >= self.settings.largest_album:
                raise bad_request("AlbumUri", "Album is full")
            now = self.clock()
            format_ = file_name.rpartition(".")[2].upper().replace("JPEG", "JPG")
            blob = self.blobs.write(body) if isinstance(body, bytes) else body
            given = {"format": format_, "uploaded": now, "last_updated": now, **fields}
            given = {"upload_key": self.ids.upload(), **given}
            given["md5"] = given["md5"] if "md5" in given else self.sum(blob)
            nick = self.tree.nodes[album.node_id].nick
            image_key = given.pop("image_key", None) or self.ids.image()
            image = Image(image_key, album_key, nick, file_name, blob=blob, **given)
            self._images[image_key] = image
            self._collected[image_key] = {}
            self._place(image_key, album_key)
            return image

    def replace_image(self, image_key: str, body: bytes | Blob, **fields: Any) -> Image:
        """Give an image other bytes: same key, next serial."""
        with self.lock:
            blob = self.blobs.write(body) if isinstance(body, bytes) else body
            serial = self.image(image_key).serial + 1
            given = {"blob": blob, "md5": self.sum(blob), "serial": serial, **fields}
            image = self.change_image(image_key, **given)
            if self.settings.replacing_touches_album:
                for album in self.albums_of(image_key):
                    self._touch_images(album.album_key)
            return image

    def change_image(self, image_key: str, **fields: Any) -> Image:
        """Give an image other values; ``last_updated`` becomes now unless it is given."""
        with self.lock:
            image = replace(self.image(image_key), **{"last_updated": self.clock(), **fields})
            self._images[image_key] = image
            return image

    def remove_image(self, album_key: str, image_key: str) -> None:
        """Take an image out of an album; out of its own album it is gone from all."""
        with self.lock:
            image = self.image(image_key)
            if image_key not in self._contents[self.album(album_key).album_key]:
                raise not_found()
            if album_key != image.album_key:
                self._unplace(image_key, album_key)
                return
            for album in self.albums_of(image_key):
                self._unplace(image_key, album.album_key)
            del self._images[image_key]
            del self._collected[image_key]

    def collect_image(self, image_key: str, album_key: str) -> None:
        """Show an image in one more album."""
        with self.lock:
            self.image(image_key)
            if image_key not in self._contents[self.album(album_key).album_key]:
                self._place(image_key, album_key)

    def move_image(self, image_key: str, source: str, target: str) -> Image:
        """Take an image out of one album and put it at the end of another."""
        with self.lock:
            image = self.image(image_key)
            if image_key not in self._contents[self.album(source).album_key]:
                raise not_found()
            if source == target:
                return image
            self._unplace(image_key, source)
            self.collect_image(image_key, target)
            if image.album_key == source:
                self._collected[image_key].pop(target, None)
                image = self._images[image_key] = replace(image, album_key=target)
            return image

    def arrange_images(self, album_key: str, image_keys: Iterable[str]) -> None:
        """Put images at the front of their album, in this order."""
        with self.lock:
            old = self._contents[self.album(album_key).album_key]
            front = [key for key in image_keys if key in old]
            self._contents[album_key] = dict.fromkeys([*front, *old])
            self._touch_images(album_key)

    def sum(self, blob: Blob) -> str:
        """Give a blob's MD5 in hexadecimal, computed once."""
        if blob not in self._sums:
            self._sums[blob] = self.blobs.digest(blob)
        return self._sums[blob]

    # inside

    def _add_album(self, node: Node, fields: dict[str, Any]) -> Node:
        now = node.date_added
        album = Album(
            fields.pop("album_key", None) or self.ids.album(), node.node_id, now, now, now
        )
        self._albums[album.album_key] = replace(album, upload_key=self.ids.key(6), **fields)
        self._contents[album.album_key] = {}
        node = replace(node, album_key=album.album_key)
        self.tree.save(node)
        return node

    def _free_name(self, parent: str, url_name: str, *, auto_rename: bool = False) -> str:
        taken = {child.url_name for child in self.tree.children(parent)}
        if auto_rename:
            return free_url_name(check_url_name(url_name), taken)
        if url_name in taken:
            raise conflict("UrlName", "Already in use")
        return check_url_name(url_name)

    def _place(self, image_key: str, album_key: str) -> None:
        self._contents[album_key][image_key] = None
        if self._images[image_key].album_key != album_key:
            self._collected[image_key][album_key] = None
        self._touch_images(album_key)

    def _unplace(self, image_key: str, album_key: str) -> None:
        del self._contents[album_key][image_key]
        self._collected[image_key].pop(album_key, None)
        self._touch_images(album_key)

    def _touch_images(self, album_key: str) -> None:
        now = self.clock()
        album = self._albums[album_key]
        self._albums[album_key] = replace(album, images_last_updated=now)
        node = replace(self.tree.nodes[album.node_id], date_modified=now)
        self.tree.save(node)
        self._touch_above(node, now)

    def _touch_above(self, node: Node, now: float) -> None:
        """A node's DateModified moves with any change below it (SmugMug API, reference/node)."""
        for one in self.tree.above(node.parent) if node.parent else []:
            self.tree.save(replace(one, date_modified=now))


def demand(found: T | None) -> T:
    """Give what was found; 404 when nothing was."""
    if found is None:
        raise not_found()
    return found
