"""What the service lists, reduced to what is needed here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from mirrorfs.core.entry import NO_FACTS


class NodeType(Enum):
    """What a node is (SmugMug API, reference/node)."""

    FOLDER = "Folder"
    ALBUM = "Album"
    PAGE = "Page"
    SYSTEM_ALBUM = "System Album"
    SYSTEM_PAGE = "System Page"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Album:
    """A gallery; ``updated`` and ``images_updated`` are as the service writes them.

    ``count`` is how many pictures and videos it says that it has.
    """

    key: str
    uri: str
    count: int
    updated: str = ""
    images_updated: str = ""

    @property
    def state(self) -> tuple[int, str, str]:
        """What is another when the album is; nothing else says that it is the same."""
        return (self.count, self.updated, self.images_updated)


@dataclass(frozen=True, slots=True)
class Node:
    """A folder, an album, or something else that stands among them.

    ``added`` is when it was made (as the service writes it; it never changes). ``album`` is
    there for albums that may be looked into. ``is_locked``: a password is asked for.
    ``has_children``: it says that there is something in it.
    """

    id: str
    uri: str
    type: NodeType
    name: str
    url_name: str
    url_path: str = ""
    added: str = ""
    is_locked: bool = False
    has_children: bool = False
    album: Album | None = None
    album_uri: str = ""


class Rendition(Enum):
    """Which of a picture's or video's files is given."""

    ORIGINAL = "original"
    """The file as it was uploaded (or edited on the service)."""
    VIDEO = "video"
    """The largest transcoded video: the uploaded one is not given by the service."""
    DOWNLOAD = "download"
    """What visitors may download, where the original itself is not told of."""
    LARGEST = "largest"
    """The largest picture that may be seen, which may be a smaller or re-compressed copy."""


@dataclass(frozen=True, slots=True)
class Media:
    """Bytes to be had: ``size`` in bytes, ``None`` where nobody told; ``md5`` may be empty.

    ``extension`` is what a file of these bytes is called by; empty where that is not known.
    """

    rendition: Rendition
    url: str
    size: int | None
    md5: str = ""
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture or video in an album.

    ``uri`` is its place in the album. ``uploaded`` is as the service writes it. ``media`` is
    ``None`` where there are no bytes to be had, for the reason ``withheld``, or none are known
    of yet. ``facts`` are those of the entry that do not depend on the media.
    """

    uri: str
    album_key: str
    key: str
    serial: int
    name: str
    uploaded: str
    is_video: bool
    media: Media | None = None
    withheld: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS)

    @property
    def id(self) -> str:
        """Its identity as an entry: one picture in two albums is two files."""
        return f"{self.album_key}/{self.key}"
