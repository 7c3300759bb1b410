"""What an account is made of: users, nodes, albums, images. Times are Unix seconds.

An album is two things in this API, a node and an album with a key of its own; what both tell (name,
URL name, description, keywords, privacy, passwords) is kept in the node alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mirrorfs.emulators.blobs import Blob

NodeType = Literal["Folder", "Album", "Page", "System Album", "System Page"]
Privacy = Literal["Public", "Unlisted", "Private"]
SecurityType = Literal["None", "Password", "GrantAccess"]
Direction = Literal["Ascending", "Descending"]

ALBUM_TYPES = frozenset({"Album", "System Album"})


@dataclass(frozen=True)
class User:
    """An account's owner; ``root`` is the id of the node that holds all others."""

    nick: str
    root: str
    created: float
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    domain: str = ""
    ref_tag: str = ""
    plan: str = "Portfolio"
    account_status: Literal["Active", "PastDue", "Suspended", "Closed"] = "Active"

    @property
    def site(self) -> str:
        """The base URL of the owner's pages, without a slash at its end."""
        return f"https://{self.domain or f'{self.nick}.smugmug.com'}"


@dataclass(frozen=True)
class Node:
    """A folder, album or page in the tree; the root has no parent, name or URL name."""

    node_id: str
    nick: str
    parent: str | None
    type: NodeType
    name: str
    url_name: str
    date_added: float
    date_modified: float
    sort_index: int = 0
    description: str = ""
    keywords: tuple[str, ...] = ()
    privacy: Privacy = "Unlisted"
    security_type: SecurityType = "None"
    password: str = field(default="", repr=False)
    password_hint: str = ""
    sort_method: str = "DateModified"
    sort_direction: Direction = "Descending"
    hide_owner: bool = False
    show_cover_image: bool = False
    smug_searchable: str = "Inherit from User"
    world_searchable: str = "Inherit from User"
    highlight: str | None = None
    album_key: str | None = None

    @property
    def is_root(self) -> bool:
        """Whether this is its owner's topmost node."""
        return self.parent is None

    @property
    def holds_nodes(self) -> bool:
        """Whether this node may have children."""
        return self.type == "Folder"


@dataclass(frozen=True)
class Album:
    """The album of an album node; ``last_updated`` is of the album, the other of its images.

    ``source`` names the albums a smart gallery shows the images of; it is empty for others.
    """

    album_key: str
    node_id: str
    date: float
    last_updated: float
    images_last_updated: float
    upload_key: str = ""
    sort_method: str = "Position"
    sort_direction: Direction = "Ascending"
    allow_downloads: bool = True
    download_password: str = field(default="", repr=False)
    largest_size: str = "Original"
    exif: bool = True
    external: bool = True
    filenames: bool = False
    geography: bool = True
    protected: bool = False
    share: bool = True
    comments: bool = True
    printable: bool = True
    source: tuple[str, ...] = ()


@dataclass(frozen=True)
class Film:
    """The MP4 the service has made of a video; the bytes that were sent are not offered."""

    blob: Blob
    md5: str
    width: int = 1920
    height: int = 1080
    duration: int = 10
    bitrate: int = 8000


@dataclass(frozen=True)
class Image:
    """A photo or video. ``blob`` is the archived file: as it was sent, or the JPEG made of a HEIC.

    Without ``archived`` no original is offered, to the owner neither; without ``md5`` the archived
    file's digest is not told. ``taken`` is the camera's wall clock, ``2019-08-04T11:28:12``.
    ``album_key`` is the album it was uploaded to or moved to, wherever else it is collected.
    A video has a ``film`` once it is processed; it fails for good when ``can_process`` is false.
    """

    image_key: str
    album_key: str
    nick: str
    file_name: str
    format: str
    blob: Blob
    md5: str
    uploaded: float
    last_updated: float
    upload_key: str
    serial: int = 0
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    hidden: bool = False
    taken: str = ""
    width: int = 4000
    height: int = 3000
    latitude: float = 0.0
    longitude: float = 0.0
    altitude: int = 0
    archived: bool = True
    processing: bool = False
    can_process: bool = True
    is_video: bool = False
    film: Film | None = None

    @property
    def locator(self) -> str:
        """Key and serial as in URIs: ``mQRcX2V-0``."""
        return f"{self.image_key}-{self.serial}"

    @property
    def original_size(self) -> int:
        """Size of the archived file in bytes, 0 while there is none."""
        return 0 if self.processing or not self.can_process else self.blob.size


@dataclass(frozen=True)
class Deleted:
    """What is left of a deleted folder, album or page."""

    node: Node
    url_path: str
    date_deleted: float
