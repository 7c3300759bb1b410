"""The children of a folder and the pictures of an album, whole or an error."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from mirrorfs.core.errors import BadAnswer, NotFound, Unavailable, Unsupported
from mirrorfs.providers.smugmug import queries, translate
from mirrorfs.providers.smugmug.account import Account
from mirrorfs.providers.smugmug.api import Api, Query
from mirrorfs.providers.smugmug.envelope import Json, Reply
from mirrorfs.providers.smugmug.probes import Probes
from mirrorfs.providers.smugmug.records import Album, Image, Media, Node, NodeType
from mirrorfs.providers.smugmug.whole import Row, read_whole

TOGETHER = 40
"""Albums that are asked for at once."""

_LISTINGS = 3
_VIDEO = "LargestVideo"
_PLACE = re.compile(r"/api/v2/album/([^/!?]+)/image/")


@dataclass(frozen=True, slots=True)
class Family:
    """A folder's children; ``images`` holds the pictures of albums that came with them.

    It is album key → pictures, and has only those that are known to be whole.
    """

    nodes: tuple[Node, ...]
    images: Mapping[str, tuple[Image, ...]]


class Lister:
    """Asks for lists; safe to use from several threads."""

    def __init__(self, api: Api, account: Account, probes: Probes) -> None:
        self._api = api
        self._account = account
        self._probes = probes

    def children(self, folder: Node) -> Family:
        """Return the children of a folder, albums with their counts and dates."""
        rows = self._below(folder, queries.CHILDREN)
        return Family(self._nodes(rows), {})

    def children_with_images(self, folder: Node) -> Family:
        """Return the children of a folder, with all pictures that come along.

        An album of which not every picture came, or not what there is of every video, is left to
        be asked for by itself, and all of them where the service cannot answer so much at once.
        """
        try:
            rows = self._below(folder, queries.CHILDREN_WITH_IMAGES)
        except (Unavailable, Unsupported):
            return self.children(folder)
        nodes, images = self._nodes(rows), {}
        for row, node in zip(rows, nodes, strict=True):
            inside = _images_inside(row) if node.album else None
            if node.album and inside is not None and len(inside) == node.album.count:
                found = [self._image(node.album.key, one) for one in inside]
                if not any(map(_lacks_video, found)):
                    images[node.album.key] = self._complete(
                        inside, found, f"{node.album.uri}!images"
                    )
        return Family(nodes, images)

    def node(self, uri: str) -> Node:
        """Return one node."""
        reply = self._api.get(uri, queries.NODE)
        return self._nodes([Row(reply.one("Node"), reply)])[0]

    def images(self, album: Album) -> tuple[Image, ...]:
        """Return all pictures of an album.

        There are as many as the album says that it has. Where there are more, or it may count
        some that are not shown (to visitors, or in a smart gallery), a list that comes out the
        same twice is whole.

        Raises:
            BadAnswer: it tells of more than it gives, or changes all the time.
        """
        before: set[str] | None = None
        for _ in range(_LISTINGS):
            uri = f"{album.uri}!images"
            rows = read_whole(self._api, uri, queries.IMAGES, "AlbumImage", _album_state)
            uris = {str(row.item["Uri"]) for row in rows}
            count = album.count if len(rows) == album.count else self._count_now(album, rows)
            if len(rows) == count or (uris == before and self._may_differ(rows, count)):
                return self._images(album, rows)
            before = uris
        raise BadAnswer(f"SmugMug: the album {album.key} has not as many pictures as it says.")

    def images_together(self, albums: Sequence[Album]) -> Mapping[str, tuple[Image, ...]]:
        """Return album key → pictures for those albums that one list of them all brings whole.

        Several keys in one path are documented (SmugMug API, advanced/multi-get), what a list of
        several lists looks like is not: an album counts when as many came as it says that it has.
        """
        keys = ",".join(album.key for album in albums)
        try:
            uri = f"/api/v2/album/{keys}!images"
            rows = read_whole(self._api, uri, queries.IMAGES, "AlbumImage")
        except (BadAnswer, NotFound, Unavailable, Unsupported):
            return {}
        inside: dict[str, list[Row]] = {album.key: [] for album in albums}
        for row in rows:
            inside.get(_album_key(row), []).append(row)
        whole = [album for album in albums if len(inside[album.key]) == album.count]
        return {album.key: self._images(album, inside[album.key]) for album in whole}

    def image(self, key: str, album_key: str) -> Image:
        """Return one picture as it is now, in whichever albums.

        Raises:
            NotFound: there is none of that key.
        """
        uri = f"/api/v2/image/{key}"
        reply = self._api.get(uri, queries.IMAGE)
        row = Row(reply.one("Image"), reply)
        return self._complete([row], [self._image(album_key, row)], uri)[0]

    def _below(self, folder: Node, query: Query) -> list[Row]:
        """Return the children of a folder; one is empty only if it says so to its owner.

        What others hide from a visitor may count.
        """
        uri = f"{folder.uri}!children"
        rows = read_whole(self._api, uri, query, "Node")
        if rows or not folder.has_children or not self._account.owner().is_self:
            return rows
        if self.node(folder.uri).has_children:
            rows = read_whole(self._api, uri, query, "Node")
            if not rows:
                raise BadAnswer(f"SmugMug: {folder.name!r} has children and lists none.")
        return rows

    def _nodes(self, rows: Sequence[Row]) -> tuple[Node, ...]:
        """Return nodes, albums among them as they came along or else as they are asked for."""
        nodes = [translate.to_node(row.item) for row in rows]
        albums: dict[str, Album] = {}
        missing: list[str] = []
        for row, node in zip(rows, nodes, strict=True):
            if node.type is NodeType.ALBUM and not node.is_locked:
                expanded = row.reply.expanded(row.item, "Album")
                if expanded:
                    albums[node.id] = translate.to_album(expanded.one("Album"))
                elif not node.album_uri:
                    raise row.reply.bad("an album node without its album")
                else:
                    missing.append(node.album_uri)
        asked = self._albums(missing)
        return tuple(
            replace(node, album=albums.get(node.id) or asked.get(node.album_uri)) for node in nodes
        )

    def _albums(self, uris: Sequence[str]) -> Mapping[str, Album]:
        """Return Uri → album, asking for many at once (SmugMug API, advanced/multi-get)."""
        found: dict[str, Album] = {}
        for at in range(0, len(uris), TOGETHER):
            several = uris[at : at + TOGETHER]
            keys = ",".join(uri.rpartition("/")[2] for uri in several)
            with suppress(BadAnswer, NotFound, Unsupported):
                if len(several) > 1:
                    items = self._api.get(f"/api/v2/album/{keys}", queries.ALBUM).many("Album")
                    found.update((album.uri, album) for album in map(translate.to_album, items))
        for uri in uris:
            if uri not in found:
                reply = self._api.get(uri, queries.ALBUM)
                found[uri] = translate.to_album(reply.one("Album"))
        return found

    def _count_now(self, album: Album, rows: Sequence[Row]) -> int:
        expanded = rows[-1].reply.expanded(rows[-1].item, "Album") if rows else None
        reply = expanded or self._api.get(album.uri, queries.ALBUM)
        return translate.to_album(reply.one("Album")).count

    def _may_differ(self, rows: Sequence[Row], count: int) -> bool:
        is_smart = any(row.item.get("Origin", "Album") != "Album" for row in rows)
        return is_smart or len(rows) > count or not self._account.owner().is_self

    def _images(self, album: Album, rows: Sequence[Row]) -> tuple[Image, ...]:
        images = [self._image(album.key, row) for row in rows]
        return self._complete(rows, images, f"{album.uri}!images")

    def _image(self, album_key: str, row: Row) -> Image:
        expanded = row.reply.expanded(row.item, _VIDEO)
        return translate.to_image(row.item, album_key, expanded.one(_VIDEO) if expanded else None)

    def _complete(
        self, rows: Sequence[Row], images: Sequence[Image], uri: str
    ) -> tuple[Image, ...]:
        """Find bytes and sizes for those pictures at ``uri`` that came without."""
        if len({image.id for image in images}) < len(images):
            raise BadAnswer(f"SmugMug: {uri} has two pictures of one ImageKey.")
        found = list(images)
        missing = [n for n, one in enumerate(found) if one.media is None and not one.withheld]
        sizes = {} if all(found[n].is_video for n in missing) else self._sizes(uri)
        for n in missing:
            image = found[n]
            media = self._video(rows[n].item, image) if image.is_video else sizes.get(image.key)
            found[n] = replace(image, media=media)
        return tuple(map(self._probes.sized, found))

    def _video(self, item: Json, image: Image) -> Media | None:
        by_key = f"/api/v2/image/{image.key}-{image.serial}!largestvideo"
        uri = translate.link(item, _VIDEO) or by_key
        try:
            return translate.largest_video(self._api.get(uri, queries.SIZE).one(_VIDEO))
        except NotFound:
            return None

    def _sizes(self, uri: str) -> Mapping[str, Media | None]:
        """Return image key → the best there is, for the list of pictures or the picture ``uri``."""
        if not uri.endswith("!images"):
            reply = self._api.get(uri, queries.SIZES)
            rows = [Row(reply.one("Image"), reply)]
        else:
            rows = read_whole(self._api, uri, queries.SIZES, "AlbumImage")
        return {str(row.item.get("ImageKey")): _best_size(row) for row in rows}


def _images_inside(row: Row) -> list[Row] | None:
    """Return the pictures that came with an album node, if all of them did."""
    album = row.reply.expanded(row.item, "Album")
    images = album.expanded(album.one("Album"), "AlbumImages") if album else None
    if images is None:
        return None
    try:
        page, items = images.pages(), images.many("AlbumImage")
    except BadAnswer:
        return None
    uris = {item.get("Uri") for item in items}
    is_whole = page.total == page.count == len(items) == len(uris) and not page.next_uri
    return [Row(item, images) for item in items] if is_whole else None


def _lacks_video(image: Image) -> bool:
    return image.is_video and image.media is None and not image.withheld


def _album_key(row: Row) -> str:
    found = _PLACE.match(str(row.item.get("Uri")))
    return found[1] if found else ""


def _album_state(item: Json, reply: Reply) -> Hashable | None:
    expanded = reply.expanded(item, "Album")
    return translate.to_album(expanded.one("Album")).state if expanded else None


def _best_size(row: Row) -> Media | None:
    told: dict[str, Json | None] = {}
    for name in ("ImageSizeDetails", "LargestImage", "ImageDownload"):
        expanded = row.reply.expanded(row.item, name)
        told[name] = expanded.one(name) if expanded else None
    return translate.best_size(
        told["ImageSizeDetails"], told["LargestImage"], told["ImageDownload"]
    )
