"""What answers GET, by endpoint type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mirrorfs.emulators.smugmug import (
    albums,
    folders,
    images,
    metadata,
    nodes,
    searching,
    sizes,
    users,
)
from mirrorfs.emulators.smugmug.answers import Answer, Body, Listing
from mirrorfs.emulators.smugmug.catalog import SIZE_TYPES
from mirrorfs.emulators.smugmug.seeing import see_album, see_image, see_node, see_user

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call, Handler


def read_nothing(call: Call) -> Answer:
    """Give an empty list of what is not emulated: comments, prices, grants, regions."""
    seers = {"nick": see_user, "node": see_node, "album": see_album, "image": see_image}
    for name, see in seers.items():
        if name in call.ids and "path" not in call.ids:
            see(call, call.ids[name])
    if call.endpoint.shape == "List":
        return Answer([])
    return Answer(Listing((), lambda _: Body({})))


_EMPTY = (
    "AlbumComments", "AlbumDownload", "AlbumGeoMedia", "AlbumGrants", "AlbumPopularMedia",
    "AlbumPrices", "DuplicateImageSearch", "FolderSearch", "ImageComments", "ImagePrices",
    "NodeComments", "NodeGrants", "PointOfInterestCrops", "Regions", "UserCollections",
    "UserFeaturedAlbums", "UserGeoMedia", "UserPopularMedia",
)  # fmt: skip

READS: tuple[tuple[str, Handler], ...] = (
    ("AuthUser", users.read_owner),
    ("SiteUser", users.read_host),
    ("User", users.read_user),
    ("UserProfile", users.read_profile),
    ("UserUploadLimits", users.read_upload_limits),
    ("UserDeletedAlbums", users.read_deleted_albums),
    ("UserDeletedFolders", users.read_deleted_folders),
    ("UserDeletedPages", users.read_deleted_pages),
    ("UserAlbums", albums.read_user_albums),
    ("UserImageSearch", searching.search_images),
    ("UserRecentImages", searching.recent_images),
    ("UrlPathLookup", folders.read_path),
    ("Node", nodes.read_node),
    ("ChildNodes", nodes.read_children),
    ("ParentNode", nodes.read_parent),
    ("ParentNodes", nodes.read_parents),
    ("NodeCoverImage", images.read_highlight),
    ("HighlightImage", images.read_highlight),
    ("FolderByID", folders.read_folder),
    ("Folder", folders.read_folder),
    ("FolderHighlightImage", folders.read_highlight),
    ("ParentFolder", folders.read_parent),
    ("ParentFolders", folders.read_parents),
    ("Folders", folders.read_folders),
    ("FolderAlbums", folders.read_albums),
    ("FolderPages", folders.read_pages),
    ("FolderList", folders.read_folder_list),
    ("AlbumList", folders.read_album_list),
    ("Size", folders.read_size),
    ("Page", folders.read_page),
    ("Album", albums.read_album),
    ("AlbumImages", albums.read_images),
    ("AlbumHighlightImage", albums.read_highlight),
    ("AlbumImage", albums.read_album_image),
    ("AlbumImageMetadata", metadata.read_album_metadata),
    ("Image", images.read_image),
    ("ImageAlbums", albums.read_albums_of_image),
    ("ImageMetadata", metadata.read_metadata),
    ("ImageDownload", sizes.read_download),
    ("ImageSizes", sizes.read_sizes),
    ("ImageSizeDetails", sizes.read_size_details),
    ("ImageSizeCustom", sizes.read_custom_size),
    ("LargestImage", sizes.read_largest_image),
    ("LargestVideo", sizes.read_largest_video),
    ("AlbumSearch", searching.search_albums),
    ("NodeSearch", searching.search_nodes),
    ("ImageSearch", searching.search_images),
    *((type_, sizes.read_one_size) for type_ in SIZE_TYPES),
    *((type_, read_nothing) for type_ in _EMPTY),
)
