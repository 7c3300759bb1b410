"""Images as the API writes them, alone and in an album.

SmugMug API, reference/image. The archived file is told of to the owner, and to visitors of albums
that offer originals. Nothing tells of the bytes a video was sent as.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug import addresses
from mirrorfs.emulators.smugmug.answers import Answer, Body, Link
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import not_found
from mirrorfs.emulators.smugmug.moments import pacific_moment, write_moment
from mirrorfs.emulators.smugmug.nodes import web_uri
from mirrorfs.emulators.smugmug.seeing import is_shown, see_image, see_inside, see_node

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Album, Image, Node

_ACTIONS = (
    "LargestImage", "ImageSizes", "ImageSizeDetails", "PointOfInterest", "PointOfInterestCrops",
    "Regions", "ImageComments", "ImagePrices", "ImagePricelistExclusions",
)  # fmt: skip
_VIDEO_ACTIONS = ("LargestVideo", "EmbedVideo", "CSMILVideo")
_OWN = ("RotateImage", "ColorImage", "CopyImage", "CropImage", "WatermarkImage")
_IN_ALBUM = ("AlbumImagePricelistExclusions", "AlbumImageShareUris")


def write_image(call: Call, image: Image) -> Body:
    """Write an image by itself."""
    home = call.state.album(image.album_key)
    fields = _fields(call, home, image)
    fields["WebUri"] = f"{web_uri(call, _node(call, home))}/i-{image.image_key}"
    fields["Uri"] = CATALOG["Image"].uri(image.locator)
    fields["UriDescription"] = CATALOG["Image"].description
    return Body(fields, tuple(_links(call, home, image)))


def write_album_image(call: Call, album: Album, image: Image) -> Body:
    """Write an image as one of an album's; the same image may be in other albums too."""
    links = [
        *_links(call, album, image),
        CATALOG["Album"].link(album.album_key),
        CATALOG["Image"].link(image.locator),
    ]
    told = ("AlbumImageMetadata",) if tells_exif(call, album, image) else ()
    names = (*_IN_ALBUM, *told)
    links += [CATALOG[name].link(album.album_key, image.locator) for name in names]
    fields = {
        **_fields(call, album, image),
        "AlbumKey": album.album_key,
        "Uri": CATALOG["AlbumImage"].uri(album.album_key, image.locator),
        "UriDescription": CATALOG["AlbumImage"].description,
        "Movable": True,
        "Origin": "Album",
        "WebUri": f"{web_uri(call, _node(call, album))}/i-{image.image_key}",
    }
    return Body(fields, tuple(links))


def read_image(call: Call) -> Answer:
    """``image/KEY-SERIAL`` or ``image/KEY``."""
    return Answer(write_image(call, see_image(call, call.ids["image"])))


def read_highlight(call: Call) -> Answer:
    """``highlight/node/ID`` and ``node/ID!cover``: the image shown for a node, if it has any."""
    node = see_inside(call, call.ids["node"])
    chosen = node.highlight
    below = [node] if node.album_key else call.state.tree.below(node.node_id)
    for one in below:
        for image in _images(call, one):
            if chosen in {None, image.image_key}:
                return Answer(write_image(call, image))
    raise not_found()


def offers_original(call: Call, album: Album, image: Image) -> bool:
    """Tell whether a viewer of an album may have an image's archived file."""
    if not image.archived or image.processing or not image.can_process:
        return False
    if call.viewer.owns(image.nick):
        return True
    return album.allow_downloads and not album.download_password


def tells_exif(call: Call, album: Album, image: Image) -> bool:
    """Tell whether a viewer of an album may see what the camera wrote."""
    return album.exif or call.viewer.owns(image.nick)


def media_url(call: Call, image: Image, code: str) -> str:
    """Give the address of an image in one size, on the media server this request knows."""
    return call.site.photos + addresses.media_path(call.state, image, code)


def degrees(value: float) -> str:
    """Write a latitude or longitude: text without needless zeros, ``0`` for none."""
    return f"{value:.14f}".rstrip("0").rstrip(".") or "0"


def _fields(call: Call, album: Album, image: Image) -> dict[str, Any]:
    own = call.viewer.owns(image.nick)
    components = {"Video" if image.is_video else "Image": [image.format.lower()]}
    fields: dict[str, Any] = {
        **_texts(image),
        **_place(image if own or album.geography else None),
        "Watermark": "No",
        "Hidden": image.hidden,
        "ThumbnailUrl": media_url(call, image, "Th"),
        "Processing": image.processing,
        "UploadKey": image.upload_key,
        "Date": write_moment(image.uploaded),
        "DateTimeUploaded": write_moment(image.uploaded),
        "Format": image.format,
        "OriginalHeight": image.height,
        "OriginalWidth": image.width,
        "OriginalSize": image.original_size,
        "LastUpdated": write_moment(image.last_updated),
        "Collectable": True,
        "IsArchive": False,
        "IsVideo": image.is_video,
        "ComponentFileTypes": components if own else [],
        "CanEdit": own,
        "CanBuy": True,
        "Protected": album.protected,
        "EZProject": False,
        "Watermarked": False,
        "ImageKey": image.image_key,
        "Serial": image.serial,
        "Status": "Open" if image.can_process else "Preprocess",
        "SubStatus": "NFS" if image.can_process else "CanNotProcess",
        "CanShare": album.share,
        "Comments": album.comments,
        "ShowKeywords": True,
        "PreferredDisplayFileExtension": image.format,
    }
    if image.taken:
        fields["DateTimeOriginal"] = pacific_moment(image.taken)
    return {**fields, **_archived(call, album, image)}


def _texts(image: Image) -> dict[str, Any]:
    return {
        "Title": image.title,
        "Caption": image.caption,
        "Keywords": "; ".join(image.keywords),
        "KeywordArray": list(image.keywords),
        "FileName": image.file_name,
        "FormattedValues": {
            "Caption": {"html": escape(image.caption), "text": image.caption},
            "FileName": {"html": escape(image.file_name), "text": image.file_name},
        },
    }


def _place(image: Image | None) -> dict[str, Any]:
    """Give where an image was taken; of none, that it is not known."""
    return {
        "Latitude": degrees(image.latitude if image else 0),
        "Longitude": degrees(image.longitude if image else 0),
        "Altitude": image.altitude if image else 0,
    }


def _archived(call: Call, album: Album, image: Image) -> dict[str, Any]:
    if not offers_original(call, album, image):
        return {}
    uri = media_url(call, image, addresses.ARCHIVED)
    if image.is_video:
        return {"ArchivedUri": uri} if call.state.settings.video_posters else {}
    told = {"ArchivedUri": uri, "ArchivedSize": image.blob.size}
    return {**told, "ArchivedMD5": image.md5} if image.md5 else told


def _links(call: Call, album: Album, image: Image) -> Iterable[Link]:
    own = call.viewer.owns(image.nick)
    names = [*_ACTIONS, *(_VIDEO_ACTIONS if image.is_video else ())]
    if tells_exif(call, album, image):
        names.append("ImageMetadata")
    if offers_original(call, album, image):
        names.append("ImageDownload")
    if own:
        names += ["ImageAlbums", *_OWN]
    for name in names:
        yield CATALOG[name].link(image.locator)
    yield CATALOG["Album"].link(image.album_key, name="ImageAlbum")
    yield CATALOG["User"].link(image.nick, name="ImageOwner")


def _images(call: Call, node: Node) -> Iterable[Image]:
    if not node.album_key or node is not see_node(call, node.node_id):
        return []
    return [one for one in call.state.images(node.album_key) if is_shown(call, one)]


def _node(call: Call, album: Album) -> Node:
    return call.state.node(album.node_id)
