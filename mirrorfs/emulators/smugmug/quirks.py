"""An account with everything in it that has made a mirror of SmugMug stumble.

Names that no file system takes or that fall together on one, images that are in several albums, in
none a client may read, or that are not what their names say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.generated import JPEG_SIZE
from mirrorfs.emulators.smugmug import pictures
from mirrorfs.emulators.smugmug.films import make_film

if TYPE_CHECKING:
    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Image, Node, NodeType

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
ODD_FILES = (
    "a/b.jpg", "back\\slash.jpg", "what?.jpg", "10:30.jpg", " spaces .jpg ", "dot.", "no extension",
    "party \N{PARTY POPPER}.jpg", "100% (1).jpg", "con.jpg", ".hidden.jpg", "..",
    "x" * 250 + ".jpg",
)  # fmt: skip
ODD_FOLDERS = (
    "AC/DC", "C:\\", "why?", " padded ", "ends with dots...", "\N{CAMERA}", "..", "trip", "Trip",
    COMPOSED, DECOMPOSED,
)  # fmt: skip


def add_quirks(state: State, nick: str) -> None:
    """Add everything to an account, below its root."""
    quirks = _Quirks(state, state.user(nick).root)
    quirks.add_names()
    quirks.add_kinds()
    quirks.add_sharing()
    quirks.add_unseen()


class _Quirks:
    """Adds things with bytes of their own."""

    def __init__(self, state: State, root: str) -> None:
        self._state = state
        self._root = root
        self._count = 0

    def add_names(self) -> None:
        """Add names that clash, and names that are not those of files."""
        for name in ODD_FOLDERS:
            folder = self._node("Folder", name, self._root)
            self._photo(self._node("Album", "Inside", folder.node_id), "inside.jpg")
        self._node("Folder", "One name", self._root)
        self._photo(self._node("Album", "One name", self._root), "in the album.jpg")
        for _ in range(2):
            self._photo(self._node("Album", "Twins", self._root), "twin.jpg")
        album = self._node("Album", "File names", self._root)
        for name in (*ODD_FILES, "", "", "twin.jpg", "twin.jpg", "twin.jpg", "Case.JPG",
                     "case.jpg", f"{COMPOSED}.jpg", f"{DECOMPOSED}.jpg"):  # fmt: skip
            self._photo(album, name)
        parent = self._root
        for depth in range(1, 6):
            parent = self._node("Folder", f"Level {depth}", parent).node_id
        self._photo(self._node("Album", "Deepest", parent), "deep.jpg")

    def add_kinds(self) -> None:
        """Add files that are not what was uploaded, or not what they are called."""
        album = self._node("Album", "Kinds", self._root)
        self._photo(album, "heic_heic.JPG", body=pictures.from_heic(b"heic"))
        self._photo(album, "really a png.jpg", body=_encoded("PNG"), format="PNG")
        self._photo(album, "moving.gif", body=_encoded("GIF"), format="GIF")
        turned = self._photo(album, "rotated.jpg", md5="")
        self._turn(turned)
        self._photo(album, "no digest told.jpg", md5="")
        self._photo(album, "no originals.jpg", archived=False)
        self._photo(album, "camera clock.jpg", taken="2019-08-04T11:28:12", latitude=37.4)
        self._photo(album, "words.jpg", title="A title", caption="A\ncaption", keywords=("a", "b"))
        for name in ("holiday.MOV", "holiday_mp4.MP4", "clip"):
            self._video(album, name)
        self._video(album, "working on it.mov", film=None, processing=True)
        self._video(album, "broken.avi", film=None, can_process=False)
        self._photo(album, "broken.jpg", can_process=False)

    def add_sharing(self) -> None:
        """Add images that are in several albums, and albums that only show those of others."""
        home = self._node("Album", "Home", self._root)
        guest = self._node("Album", "Guests", self._root)
        for name in ("collected.jpg", "also collected.jpg"):
            image = self._photo(home, name)
            self._state.collect_image(image.image_key, guest.album_key or "")
        self._photo(guest, "collected.jpg")
        source = (home.album_key or "", guest.album_key or "")
        self._node("Album", "Smart", self._root, album={"source": source})

    def add_unseen(self) -> None:
        """Add what visitors do not see, what is not the owner's own, and what holds nothing."""
        hidden = self._node("Album", "Hidden", self._root)
        self._photo(hidden, "hidden.jpg", hidden=True)
        self._photo(self._node("Album", "Private", self._root, privacy="Private"), "private.jpg")
        self._photo(self._node("Album", "Unlisted", self._root, privacy="Unlisted"), "unlisted.jpg")
        locked = {"security_type": "Password", "password": "open", "password_hint": "sesame"}
        self._photo(self._node("Album", "Locked", self._root, **locked), "locked.jpg")
        vault = self._node("Folder", "Locked folder", self._root, **locked)
        self._photo(self._node("Album", "Within", vault.node_id), "within.jpg")
        anonymous = self._node("Album", "Anonymous", self._root, hide_owner=True)
        self._photo(anonymous, "anonymous.jpg")
        for name in ("Profile Images", "Cover Images"):
            self._photo(self._node("System Album", name, self._root), "system.jpg")
        self._node("Page", "About me", self._root)
        self._node("Folder", "Empty folder", self._root)
        self._node("Album", "Empty album", self._root)

    def _node(self, type_: NodeType, name: str, parent: str, **fields: Any) -> Node:
        given = {"privacy": "Public", **fields}
        return self._state.create_node(parent, type_, name, auto_rename=True, **given)

    def _photo(self, album: Node, name: str, body: bytes | None = None, **fields: Any) -> Image:
        width, height = JPEG_SIZE
        given = {"format": "JPG", "width": width, "height": height, **fields}
        if body is not None:
            given |= pictures.describe_picture(body)
        return self._state.add_image(album.album_key or "", name, body or self._blob(), **given)

    def _video(self, album: Node, name: str, **fields: Any) -> Image:
        self._count += 1
        film = make_film(self._state, f"video {self._count}", 30_000, {"duration": 12})
        given = {"format": "MP4", "is_video": True, "film": film, **fields}
        given |= {"width": film.width, "height": film.height}
        return self._state.add_image(album.album_key or "", name, film.blob, **given)

    def _turn(self, image: Image) -> None:
        for degrees in (90, 270, 90):
            body = self._state.blobs.whole(self._state.image(image.image_key).blob)
            turned = pictures.rotate(body, image.format, degrees)
            about = pictures.describe_picture(turned)
            self._state.replace_image(image.image_key, turned, md5="", **about)

    def _blob(self) -> Blob:
        self._count += 1
        return Blob(1_500 + 37 * self._count, seed=f"quirk {self._count}", kind="jpeg")


def _encoded(format_: str) -> bytes:
    return pictures.resize(pictures.poster((60, 60)), format_, (60, 60))
