"""Accounts of any size, made fast and the same each time.

Bytes are generated when they are asked for, so a large account takes no room on disk.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.generated import JPEG_SIZE

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.state import State

_FIRST = 1_577_836_800.0
_MINUTE = 60.0
_TOP_FOLDERS = 12
_FOLDERS_IN_EACH = 5


@dataclass(frozen=True)
class Shape:
    """How much an account holds; ``size`` is the bytes of each photo, give or take a third."""

    folders: int = 115
    albums: int = 1_200
    photos: int = 24_000
    size: int = 3_000


def fill_account(state: State, nick: str, shape: Shape) -> None:
    """Add folders in folders, albums spread over them, and photos spread over the albums."""
    folders = _add_folders(state, state.user(nick).root, shape.folders)
    albums = [
        _add_album(state, folders[number % len(folders)], number) for number in range(shape.albums)
    ]
    for number in range(shape.photos if albums else 0):
        _add_photo(state, albums[number % len(albums)], number, shape.size)


def _add_folders(state: State, root: str, count: int) -> list[str]:
    """Give the ids of the root and of all folders; those after the first are below earlier ones."""
    made: list[str] = []
    for number in range(count):
        above = (number - _TOP_FOLDERS) // _FOLDERS_IN_EACH
        parent = made[above] if above >= 0 else root
        node = state.create_node(parent, "Folder", f"Folder {number:03}", privacy="Public")
        made.append(node.node_id)
    return [root, *made]


def _add_album(state: State, parent: str, number: int) -> str:
    node = state.create_node(parent, "Album", f"Album {number:04}", privacy="Public")
    return node.album_key or ""


def _add_photo(state: State, album_key: str, number: int, size: int) -> None:
    moment = _FIRST + number * _MINUTE
    blob = Blob(max(1, size + (number % 7 - 3) * size // 9), seed=f"photo {number}", kind="jpeg")
    width, height = JPEG_SIZE
    state.add_image(
        album_key, f"IMG_{number:05}.jpg", blob, uploaded=moment, last_updated=moment,
        taken=time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)), width=width, height=height,
    )  # fmt: skip
