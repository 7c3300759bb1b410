"""An account like the one a recorded reply is of, and how far two replies are alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mirrorfs.emulators.blobs import Blob
from mirrorfs.emulators.smugmug.errors import ApiError
from mirrorfs.emulators.smugmug.moments import read_moment

if TYPE_CHECKING:
    from tests.emulators.smugmug.conftest import Caller

Json = dict[str, Any]

NODE_FIELDS = {
    "Name": "name", "Description": "description", "PasswordHint": "password_hint",
    "SecurityType": "security_type", "ShowCoverImage": "show_cover_image",
    "SortDirection": "sort_direction", "SortMethod": "sort_method", "SortIndex": "sort_index",
    "Privacy": "privacy",
}  # fmt: skip
ALBUM_FIELDS = {
    "AllowDownloads": "allow_downloads", "EXIF": "exif", "External": "external",
    "Filenames": "filenames", "Geography": "geography", "Protected": "protected",
    "SortDirection": "sort_direction", "SortMethod": "sort_method", "CanShare": "share",
    "LargestSize": "largest_size", "Printable": "printable",
}  # fmt: skip
IMAGE_FIELDS = {
    "Title": "title", "Caption": "caption", "Hidden": "hidden", "Format": "format",
    "OriginalWidth": "width", "OriginalHeight": "height", "Serial": "serial",
    "UploadKey": "upload_key", "Altitude": "altitude", "ArchivedMD5": "md5",
}  # fmt: skip


def envelopes(reply: Json) -> Iterator[Json]:
    """Give the response and the expansions that are whole."""
    expansions = reply.get("Expansions") or {}
    yield from (one for one in (reply["Response"], *expansions.values()) if isinstance(one, dict))


def objects(reply: Json, *locators: str) -> list[Json]:
    """Give all objects of some kinds that a reply holds."""
    found: list[Json] = []
    for envelope in envelopes(reply):
        content = envelope.get(envelope.get("Locator", ""), [])
        if envelope.get("Locator") in locators:
            found += content if isinstance(content, list) else [content]
    return found


class World:
    """Makes an account that holds what a reply tells of; ``ids`` maps ids that are others here."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.state = caller.state
        self.ids: dict[str, str] = {}

    def make(self, reply: Json) -> None:
        """Make users' nodes, albums and images, and give them their dates at last."""
        nodes = objects(reply, "Node", "Folder", "Album")
        for record in sorted(nodes, key=lambda one: len(one["UrlPath"])):
            self.place(record, "Folder" if "IsEmpty" in record else record.get("Type", "Album"))
        for record in objects(reply, "AlbumImage", "Image"):
            self.add_image(record, reply)
        for record in objects(reply, "Node", "Folder"):
            self.date_node(record)
        for record in objects(reply, "Album"):
            dates = {"LastUpdated": "last_updated", "ImagesLastUpdated": "images_last_updated"}
            given = {name: read_moment(record[key]) for key, name in dates.items()}
            images = self.state.images(record["AlbumKey"])
            if "HighlightAlbumImageUri" in record and images:
                node_id = self.state.album(record["AlbumKey"]).node_id
                self.state.change_node(node_id, highlight=images[0].image_key)
            self.state.change_album(record["AlbumKey"], **given)

    def know(self, uri: str, reply: Json) -> None:
        """Have a node for the id in a URI that asks for its parent or its children."""
        found = re.search(r"/node/(\w+)!(\w+)", uri)
        if found and found[1] not in self.ids:
            first = objects(reply, "Node")[0]["UrlPath"].strip("/")
            path = "Travel" if found[2] == "parent" else first.rpartition("/")[0]
            self.ids[found[1]] = self.folder(path) if path else self.caller.user.root

    def translate(self, text: str) -> str:
        """Give a text with the ids and the nickname that this account has."""
        for nick in ("cmac", "Bugsrus"):
            text = text.replace(f"/user/{nick}", "/user/demo")
        for recorded, here in self.ids.items():
            text = re.sub(rf"\b{recorded}\b", here, text)
        return text

    def place(self, record: Json, type_: Any) -> None:
        """Make a node where the record has it, and the folders above it."""
        path = record["UrlPath"].strip("/")
        if not path:
            self.ids[record["NodeID"]] = self.caller.user.root
            root = self.state.node(self.caller.user.root)
            self.state.change_node(root.node_id, **self.node_fields(record))
            return
        above, _, name = path.rpartition("/")
        self.state.tree.find("demo", path) or self.create(above, type_, name, record)
        node = self.state.tree.find("demo", path)
        assert node
        self.ids[record["NodeID"]] = node.node_id
        if node.album_key:
            fields = {ALBUM_FIELDS[key]: record[key] for key in ALBUM_FIELDS if key in record}
            if "AlbumKey" in record:
                self.state.change_album(node.album_key, **fields)
                return
        self.state.change_node(node.node_id, **self.node_fields(record))

    def create(self, above: str, type_: Any, name: str, record: Json) -> None:
        parent = self.folder(above)
        fields: Json = {"privacy": "Public", "node_id": record["NodeID"], "url_name": name}
        if type_ == "Album":
            link = record["Uris"].get("Album", {}).get("Uri", "").rpartition("/")[2]
            fields["album"] = {"album_key": record.get("AlbumKey", link)}
        node = self.state.create_node(parent, type_, record["Name"], **fields)
        self.state.change_node(node.node_id, **self.node_fields(record))

    def folder(self, path: str) -> str:
        """Give the id of a folder, made if there is none."""
        found = self.state.tree.find("demo", path)
        if found:
            return found.node_id
        above, _, name = path.rpartition("/")
        parent = self.folder(above)
        node = self.state.create_node(parent, "Folder", name, url_name=name, privacy="Public")
        return node.node_id

    def node_fields(self, record: Json) -> Json:
        fields = {NODE_FIELDS[key]: record[key] for key in NODE_FIELDS if key in record}
        if "AlbumKey" in record:
            fields = {key: fields[key] for key in ("name", "description")}
        keywords = record.get("Keywords") or []
        if isinstance(keywords, str):
            keywords = keywords.split("; ")
        return {**fields, "keywords": tuple(keywords)}

    def add_image(self, record: Json, reply: Json) -> None:
        """Add an image to the album the record or the reply names, or to one like it."""
        if is_there(self.state.image, record["ImageKey"]):
            return
        album = self.home(record, reply)
        fields = {IMAGE_FIELDS[key]: record[key] for key in IMAGE_FIELDS if key in record}
        taken = record.get("DateTimeOriginal")
        self.state.add_image(
            album,
            record["FileName"],
            Blob(record["OriginalSize"], seed=record["ImageKey"]),
            image_key=record["ImageKey"],
            keywords=tuple(record["KeywordArray"]),
            latitude=float(record["Latitude"]),
            longitude=float(record["Longitude"]),
            uploaded=read_moment(record["DateTimeUploaded"]),
            last_updated=read_moment(record["LastUpdated"]),
            taken=wall_clock(taken) if taken else "",
            **{"md5": "0" * 32, **fields},
        )

    def home(self, record: Json, reply: Json) -> str:
        """Give the key of the album an image is to be in: named by it, or by the whole reply."""
        link = record["Uris"].get("Album") or record["Uris"].get("ImageAlbum") or {}
        parent = self.caller.user.root
        for one in objects({"Response": reply["Response"]}, "Album", "Node"):
            link = link or one["Uris"].get("Album") or {}
            if "AlbumKey" in one:
                link = {"Uri": one["Uri"]}
            elif one["Type"] == "Folder":
                parent = self.ids[one["NodeID"]]
        return self.album(link.get("Uri", "").rpartition("/")[2], record, parent)

    def album(self, album_key: str, record: Json, parent: str) -> str:
        if album_key and is_there(self.state.album, album_key):
            return album_key
        about = {
            "album_key": album_key or None,
            "allow_downloads": "ArchivedUri" in record,
            "exif": "ImageMetadata" in record["Uris"],
            "protected": record["Protected"],
            "share": record["CanShare"],
        }
        name = f"Album {len(self.state.albums('demo'))}"
        node = self.state.create_node(parent, "Album", name, privacy="Public", album=about)
        return node.album_key or ""

    def date_node(self, record: Json) -> None:
        node_id = self.ids.get(record["NodeID"], record["NodeID"])
        dates = {"DateAdded": "date_added", "DateModified": "date_modified"}
        given = {name: read_moment(record[key]) for key, name in dates.items()}
        self.state.change_node(node_id, **given)


def is_there(look: Callable[[str], object], key: str) -> bool:
    """Tell whether a look-up finds something."""
    try:
        return bool(look(key))
    except ApiError:
        return False


def wall_clock(moment: str) -> str:
    """Give the camera's time of a ``DateTimeOriginal``."""
    local = datetime.fromisoformat(moment).astimezone(ZoneInfo("America/Los_Angeles"))
    return local.strftime("%Y-%m-%dT%H:%M:%S")


def missing(recorded: Any, given: Any, path: str = "") -> Iterator[str]:
    """Tell what a recorded value has that the given one has not, or has of another JSON type."""
    if kind(recorded) != kind(given):
        yield f"{path}: {kind(given)} is no {kind(recorded)}"
    elif isinstance(recorded, dict):
        for name, value in recorded.items():
            if name in given:
                yield from missing(value, given[name], f"{path}.{name}")
            else:
                yield f"{path}.{name}: missing"
    elif isinstance(recorded, list):
        for number, value in enumerate(recorded):
            other = counterpart(value, number, given)
            if other is None:
                yield f"{path}[{number}]: missing"
            else:
                yield from missing(value, other, f"{path}[]")


def other(recorded: Any, given: Any, path: str = "") -> Iterator[str]:
    """Tell which values that both have are other ones; two images are not compared."""
    if kind(recorded) != kind(given):
        return
    if isinstance(recorded, dict) and recorded.get("ImageKey") == given.get("ImageKey"):
        for name in recorded.keys() & given.keys():
            yield from other(recorded[name], given[name], f"{path}.{name}")
    elif isinstance(recorded, list):
        for number, value in enumerate(recorded):
            yield from other(value, counterpart(value, number, given), f"{path}[]")
    elif recorded != given and not isinstance(recorded, dict):
        yield f"{path}: {given!r} is not {recorded!r}"


def counterpart(value: Any, number: int, given: list[Any]) -> Any:
    """Give the object of the same URI, else the item at the same place; None for none."""
    if isinstance(value, dict) and "Uri" in value:
        return next((one for one in given if one.get("Uri") == value["Uri"]), None)
    return given[number] if number < len(given) else None


def kind(value: Any) -> str:
    """Give the JSON type of a value."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "boolean"
    names: Mapping[type, str] = {
        int: "number", float: "number", str: "string", dict: "object", list: "array",
    }  # fmt: skip
    return names[type(value)]
