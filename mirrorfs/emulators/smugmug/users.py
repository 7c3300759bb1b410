"""Users as the API writes them, and the endpoints that begin with a user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.smugmug.answers import Answer, Body, Link, Listing
from mirrorfs.emulators.smugmug.catalog import CATALOG
from mirrorfs.emulators.smugmug.errors import not_found, oauth_problem
from mirrorfs.emulators.smugmug.moments import write_moment
from mirrorfs.emulators.smugmug.seeing import see_user

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.calls import Call
    from mirrorfs.emulators.smugmug.values import Deleted, NodeType, User

_PUBLIC = (
    "BioImage", "CoverImage", "UserProfile", "Features", "SiteSettings", "UserAlbums",
    "UserCollections", "UserGeoMedia", "UserPopularMedia", "UserFeaturedAlbums",
    "UserRecentImages", "UserImageSearch", "UserTopKeywords", "UrlPathLookup",
)  # fmt: skip
_OWN = (
    "DuplicateImageSearch", "UserUploadLimits", "UserTasks", "UserDeletedAlbums",
    "UserDeletedFolders", "UserDeletedPages",
)  # fmt: skip
_PHOTOS = ["image/jpeg", "image/png", "image/gif", "image/heic"]
_VIDEOS = ["video/mp4", "video/quicktime", "video/x-msvideo", "video/mpeg"]


def write_user(call: Call, user: User) -> Body:
    """Write a user; the owner sees the account too."""
    own = call.viewer.owns(user.nick)
    fields: dict[str, Any] = {
        "NickName": user.nick,
        "ViewPassHint": "",
        "RefTag": user.ref_tag,
        "Name": user.name,
        "QuickShare": True,
        **(_account(call, user) if own else {}),
        "Uri": CATALOG["User"].uri(user.nick),
        "WebUri": user.site,
        "UriDescription": CATALOG["User"].description,
        "ResponseLevel": "Full" if own else "Public",
    }
    return Body(fields, tuple(_links(user, own=own)))


def read_user(call: Call) -> Answer:
    """``user/NICK``."""
    return Answer(write_user(call, see_user(call, call.ids["nick"])))


def read_owner(call: Call) -> Answer:
    """``!authuser``: the user who granted the token; 401 without one."""
    if call.viewer.token is None:
        raise oauth_problem("parameter_absent", oauth_parameters_absent="oauth_token")
    return Answer(write_user(call, see_user(call, call.viewer.token.nick)))


def read_host(call: Call) -> Answer:
    """``!siteuser``: the owner of the site whose host name the request names."""
    for user in call.state.users():
        if user.site == f"https://{call.site.host.partition(':')[0]}":
            return Answer(write_user(call, user))
    raise not_found()


def read_profile(call: Call) -> Answer:
    """``!profile``: what a user tells of themselves."""
    user = see_user(call, call.ids["nick"])
    fields = {
        "DisplayName": user.name,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "BioText": "",
        "ContactEmail": "",
        "Uri": call.endpoint.uri(user.nick),
        "UriDescription": call.endpoint.description,
        "ResponseLevel": "Full" if call.viewer.owns(user.nick) else "Public",
    }
    return Answer(Body(fields, (CATALOG["User"].link(user.nick),)))


def read_upload_limits(call: Call) -> Answer:
    """``!uploadlimits``, for the owner: what kinds of files of which sizes are taken."""
    call.require_owner(see_user(call, call.ids["nick"]).nick)
    settings = call.state.settings
    limits = (
        ("Photo", _PHOTOS, settings.largest_photo, settings.largest_pixels),
        ("Video", _VIDEOS, settings.largest_video, None),
    )
    return Answer(
        [
            {"Type": kind, "MimeTypes": types, "MaxSize": size, "MaxPixels": pixels}
            for kind, types, size, pixels in limits
        ]
    )


def read_deleted_albums(call: Call) -> Answer:
    """``!deletedalbums``."""
    return _read_deleted(call, "Album")


def read_deleted_folders(call: Call) -> Answer:
    """``!deletedfolders``."""
    return _read_deleted(call, "Folder")


def read_deleted_pages(call: Call) -> Answer:
    """``!deletedpages``."""
    return _read_deleted(call, "Page")


def _read_deleted(call: Call, type_: NodeType) -> Answer:
    nick = see_user(call, call.ids["nick"]).nick
    call.require_owner(nick)
    found = [
        one for one in call.state.tree.deleted if one.node.nick == nick and one.node.type == type_
    ]
    return Answer(Listing(found[::-1], _write_deleted))


def _write_deleted(one: Deleted) -> Body:
    fields = {
        "Name": one.node.name,
        "UrlPath": one.url_path,
        "DateAdded": write_moment(one.node.date_added),
        "DateModified": write_moment(one.node.date_modified),
        "DateDeleted": write_moment(one.date_deleted),
    }
    if one.node.album_key:
        fields["AlbumKey"] = one.node.album_key
    return Body(fields)


def _account(call: Call, user: User) -> dict[str, Any]:
    state = call.state
    images = [
        image
        for album in state.albums(user.nick)
        for image in state.images(album.album_key)
        if image.album_key == album.album_key
    ]
    size = str(sum(image.original_size for image in images))
    return {
        "AccountStatus": user.account_status,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "Email": user.email,
        "FriendsView": False,
        "ImageCount": len(images),
        "IsTrial": False,
        "Plan": user.plan,
        "SortBy": "Position",
        "ViewPassword": "",
        "Domain": user.domain,
        "DomainOnly": "",
        "TotalAccountSize": size,
        "TotalUploadedSize": size,
    }


def _links(user: User, *, own: bool) -> list[Link]:
    first = [CATALOG["Node"].link(user.root), CATALOG["Folder"].link(user.nick, "")]
    names = _PUBLIC + _OWN if own else _PUBLIC
    return first + [CATALOG[name].link(user.nick) for name in names]
