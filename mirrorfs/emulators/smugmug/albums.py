"""Albums as the API writes them, and the endpoints that begin with an album.

SmugMug API, reference/album.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mirrorfs.emulators.smugmug.answers import Answer, Body, Link, Listing
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import bad_request, not_found
from mirrorfs.emulators.smugmug.images import write_album_image
from mirrorfs.emulators.smugmug.moments import write_moment
from mirrorfs.emulators.smugmug.nodes import web_uri
from mirrorfs.emulators.smugmug.seeing import (
    arrange,
    is_listed,
    is_shown,
    level,
    see_album,
    see_album_inside,
    see_image,
    see_user,
)

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Album, Image, Node

_ACTIONS = (
    "AlbumShareUris", "AddSamplePhotos", "AlbumHighlightImage", "AlbumImages",
    "AlbumPopularMedia", "AlbumGeoMedia", "AlbumComments", "AlbumPrices",
    "AlbumPricelistExclusions",
)  # fmt: skip
_OWN = (
    "MoveAlbumImages", "CollectImages", "ApplyAlbumTemplate", "DeleteAlbumImages",
    "UploadFromUri", "AlbumGrants",
)  # fmt: skip

Key = Callable[["Image"], Any]

SORTS: dict[str, Key] = {
    "Caption": lambda image: image.caption,
    "Filename": lambda image: image.file_name,
    "Date Uploaded": lambda image: image.uploaded,
    "Date Modified": lambda image: image.last_updated,
    "Date Taken": lambda image: image.taken,
}
"""The sort methods of albums, but for Position."""


def write_album(call: Call, album: Album) -> Body:
    """Write an album; who owns it sees its settings too."""
    node = call.state.node(album.node_id)
    keywords = "; ".join(node.keywords)
    fields: dict[str, Any] = {
        "NiceName": node.url_name,
        "UrlName": node.url_name,
        "Title": node.name,
        "Name": node.name,
        "AllowDownloads": album.allow_downloads,
        "Description": node.description,
        "EXIF": album.exif,
        "External": album.external,
        "Filenames": album.filenames,
        "Geography": album.geography,
        "Keywords": keywords[:255],
        "PasswordHint": node.password_hint,
        "Protected": album.protected,
        "SortDirection": album.sort_direction,
        "SortMethod": album.sort_method,
        "SecurityType": node.security_type,
        "CommerceLightbox": False,
        **(_settings(call, album, node) if call.viewer.owns(node.nick) else {}),
        "AlbumKey": album.album_key,
        "CanBuy": True,
        "CanFavorite": False,
        "LastUpdated": write_moment(album.last_updated),
        "ImagesLastUpdated": write_moment(album.images_last_updated),
        "NodeID": node.node_id,
        "ImageCount": _count(call, album),
        "UrlPath": call.state.tree.path(node),
        "CanShare": album.share,
        "HasDownloadPassword": bool(album.download_password),
        "Packages": False,
        "Uri": CATALOG["Album"].uri(album.album_key),
        "WebUri": web_uri(call, node),
        "UriDescription": CATALOG["Album"].description,
        "ResponseLevel": level(call, node),
    }
    return Body(fields, tuple(_links(call, album, node)))


def read_album(call: Call) -> Answer:
    """``album/KEY``."""
    return Answer(write_album(call, see_album(call, call.ids["album"])))


def read_images(call: Call) -> Answer:
    """``!images``, in the album's order; ``FileNames`` picks some of them."""
    album = see_album_inside(call, call.ids["album"])
    found = [image for image in call.state.images(album.album_key) if is_shown(call, image)]
    if call.text("FileNames"):
        names = {unquote(name) for name in call.text("FileNames").split(",")}
        found = [image for image in found if image.file_name in names]
    if call.text("MediaType") in {"Photo", "Video"}:
        video = call.text("MediaType") == "Video"
        found = [image for image in found if image.is_video == video]
    found = _sort(call, album, found)
    return Answer(Listing(found, lambda image: write_album_image(call, album, image)))


def read_album_image(call: Call) -> Answer:
    """``album/KEY/image/KEY-SERIAL``."""
    album = see_album_inside(call, call.ids["album"])
    image = see_image(call, call.ids["image"])
    if not call.state.holds(album.album_key, image.image_key):
        raise not_found()
    return Answer(write_album_image(call, album, image))


def read_highlight(call: Call) -> Answer:
    """``!highlightimage``: the chosen image, else the first one; 404 for an empty album."""
    album = see_album_inside(call, call.ids["album"])
    chosen = call.state.node(album.node_id).highlight
    shown = [image for image in call.state.images(album.album_key) if is_shown(call, image)]
    found = [image for image in shown if image.image_key == chosen] or shown
    if not found:
        raise not_found()
    return Answer(write_album_image(call, album, found[0]))


def read_user_albums(call: Call) -> Answer:
    """``user/NICK!albums``: all of a user's albums, ``Order`` and ``MinimumImages`` as wanted."""
    nick = see_user(call, call.ids["nick"]).nick
    least = call.text("MinimumImages", "0") or "0"
    if not least.isdigit():
        raise bad_request("MinimumImages", "Must be an integer")
    found = [
        album
        for album in call.state.albums(nick)
        if is_listed(call, call.state.node(album.node_id)) and _count(call, album) >= int(least)
    ]
    return _list(call, _order(call, found))


def read_albums_of_image(call: Call) -> Answer:
    """``image/KEY!albums``: every album an image is in, for its owner."""
    image = see_image(call, call.ids["image"])
    call.require_owner(image.nick)
    return _list(call, call.state.albums_of(image.image_key))


def _list(call: Call, albums: list[Album]) -> Answer:
    return Answer(Listing(albums, lambda album: write_album(call, album)))


def _order(call: Call, albums: list[Album]) -> list[Album]:
    order = call.text("Order") or "Album Settings"
    name, _, direction = order.removesuffix(")").partition(" (")
    keys: dict[str, Callable[[Album], Any]] = {
        "Last Updated": lambda album: max(album.last_updated, album.images_last_updated),
        "Date Added": lambda album: album.date,
    }
    if name in keys and direction in {"Ascending", "Descending"}:
        return arrange(call, albums, keys[name], descending=direction == "Descending")
    if order not in {"Album Settings", "Position"}:
        raise bad_request("Order", "Must be one of its options")
    return albums


def _sort(call: Call, album: Album, images: list[Image]) -> list[Image]:
    method = call.text("SortMethod") or album.sort_method
    descending = (call.text("SortDirection") or album.sort_direction) == "Descending"
    if method in SORTS:
        return arrange(call, images, SORTS[method], descending=descending)
    if method != "Position":
        raise bad_request("SortMethod", "Must be one of its options")
    return images[::-1] if descending else images


def _count(call: Call, album: Album) -> int:
    if call.viewer.owns(call.state.node(album.node_id).nick):
        return call.state.count_images(album.album_key)
    return sum(is_shown(call, image) for image in call.state.images(album.album_key))


def _settings(call: Call, album: Album, node: Node) -> dict[str, Any]:
    images = call.state.images(album.album_key)
    size = sum(image.original_size for image in images)
    films = sum(image.film.blob.size for image in images if image.film)
    shown = next((image for image in images if image.image_key == node.highlight), None)
    uri = CATALOG["AlbumImage"].uri(album.album_key, shown.locator) if shown else None
    return {
        "TemplateUri": "/api/v2/template/17",
        "Backprinting": "",
        "BoutiquePackaging": "Inherit from User",
        "CanRank": True,
        "Clean": False,
        "Comments": album.comments,
        "DownloadPassword": album.download_password,
        "FamilyEdit": False,
        "FriendEdit": False,
        "Header": "Custom",
        "HideOwner": node.hide_owner,
        "InterceptShipping": "Inherit from User",
        "LargestSize": album.largest_size,
        "PackagingBranding": True,
        "Password": node.password,
        "Printable": album.printable,
        "Privacy": node.privacy,
        "ProofDays": 0,
        "ProofDigital": False,
        "Share": album.share,
        "Slideshow": True,
        "SmugSearchable": node.smug_searchable,
        "SquareThumbs": True,
        "UploadKey": album.upload_key,
        "Watermark": False,
        "WorldSearchable": node.world_searchable != "No",
        "Date": write_moment(album.date),
        "OriginalSizes": size,
        "TotalSizes": size + films,
        "MaxPhotoDownloadSize": "Original",
        **({"HighlightAlbumImageUri": uri} if uri else {}),
    }


def _links(call: Call, album: Album, node: Node) -> Iterable[Link]:
    own = call.viewer.owns(node.nick)
    above = call.state.tree.path(call.state.node(node.parent or node.node_id)).rstrip("/")
    yield CATALOG["Node"].link(node.node_id)
    yield CATALOG["NodeCoverImage"].link(node.node_id)
    yield CATALOG["HighlightImage"].link(node.node_id)
    if own or not node.hide_owner:
        yield CATALOG["User"].link(node.nick)
        yield CATALOG["Folder"].link(node.nick, above)
        yield CATALOG["ParentFolders"].link(node.nick, above)
    for name in _ACTIONS:
        yield CATALOG[name].link(album.album_key)
    if own or album.allow_downloads:
        yield CATALOG["AlbumDownload"].link(album.album_key)
    for name in _OWN if own else ():
        yield CATALOG[name].link(album.album_key)
