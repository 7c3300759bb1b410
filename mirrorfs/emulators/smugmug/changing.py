"""The fields clients may set, what values they take, and where those are kept.

A change names a field that is not listed here in vain: it is refused with 400, as is a value that
does not fit. A photo's file name is not listed: nothing changes it but another upload.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mirrorfs.emulators.smugmug.errors import ApiError, bad_request
from mirrorfs.emulators.smugmug.naming import check_url_name
from mirrorfs.emulators.smugmug.uploading import split_keywords

Read = Callable[[str, Any], Any]
"""Reads the value of a parameter, given its name; 400 when it does not fit."""


@dataclass(frozen=True)
class Field:
    """A field of the API, the attribute of a value that keeps it, and how it is read."""

    name: str
    attribute: str
    read: Read


def text(longest: int, shortest: int = 0) -> Read:
    """Read a text of so many characters."""

    def read(name: str, value: Any) -> str:
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise bad_request(name, f"Must be a string of {shortest} to {longest} characters")
        return value

    return read


def choice(*options: str, **others: str) -> Read:
    """Read one of several values; ``others`` are taken for the value they name."""

    def read(name: str, value: Any) -> str:
        found = others.get(str(value), value)
        if found not in options:
            raise bad_request(name, f"Must be one of: {', '.join(options)}")
        return str(found)

    return read


def boolean(name: str, value: Any) -> bool:
    """Read true or 1, false or 0, as JSON or as text."""
    known = {"true": True, "1": True, "false": False, "0": False, "": False}
    found = known.get(str(value).lower())
    if found is None:
        raise bad_request(name, "Must be true or false")
    return found


def number(low: float, high: float) -> Callable[[str, Any], float]:
    """Read a number, as JSON or as text."""

    def read(name: str, value: Any) -> float:
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = low - 1
        if not low <= found <= high:
            raise bad_request(name, f"Must be a number from {low} to {high}")
        return found

    return read


def whole(name: str, value: Any) -> int:
    """Read a whole number."""
    return round(number(-100_000, 100_000)(name, value))


def keywords(name: str, value: Any) -> tuple[str, ...]:
    """Read an array of keywords, or a text that joins them."""
    if isinstance(value, str):
        return split_keywords(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise bad_request(name, "Must be an array of strings")


def url_name(_: str, value: Any) -> str:
    """Read a URL name."""
    return check_url_name(str(value))


_SORTED = choice("Ascending", "Descending")
_COMMON = (
    Field("Name", "name", text(254, 1)),
    Field("UrlName", "url_name", url_name),
    Field("Description", "description", text(65_535)),
    Field("Keywords", "keywords", keywords),
    Field("Privacy", "privacy", choice("Public", "Unlisted", "Private")),
    Field("SecurityType", "security_type", choice("None", "Password", "GrantAccess")),
    Field("Password", "password", text(50)),
    Field("PasswordHint", "password_hint", text(255)),
    Field("HideOwner", "hide_owner", boolean),
    Field(
        "SmugSearchable",
        "smug_searchable",
        choice("No", "Local", "LocalUser", "Yes", "Inherit from User"),
    ),
    Field(
        "WorldSearchable",
        "world_searchable",
        choice("No", "HomeOnly", "Yes", "Inherit from User"),
    ),
)
NODE = (
    *_COMMON,
    Field("ShowCoverImage", "show_cover_image", boolean),
    Field("SortDirection", "sort_direction", _SORTED),
    Field("SortIndex", "sort_index", whole),
    Field("SortMethod", "sort_method", choice("SortIndex", "Name", "DateAdded", "DateModified")),
)
"""What may be set of a node, by its creation or later (SmugMug API, reference/node)."""

ALBUM_NODE = (*_COMMON, Field("NiceName", "url_name", url_name), Field("Title", "name", text(255)))
"""What may be set of an album and is kept in its node (SmugMug API, reference/album)."""

ALBUM = (
    Field("AllowDownloads", "allow_downloads", boolean),
    Field("CanShare", "share", boolean),
    Field("Comments", "comments", boolean),
    Field("DownloadPassword", "download_password", text(50)),
    Field("EXIF", "exif", boolean),
    Field("External", "external", boolean),
    Field("Filenames", "filenames", boolean),
    Field("Geography", "geography", boolean),
    Field("LargestSize", "largest_size", text(20, 1)),
    Field("Printable", "printable", boolean),
    Field("Protected", "protected", boolean),
    Field("Share", "share", boolean),
    Field("SortDirection", "sort_direction", _SORTED),
    Field(
        "SortMethod",
        "sort_method",
        choice(
            "Position", "Caption", "Filename", "Date Uploaded", "Date Modified", "Date Taken",
            FileName="Filename", Date="Date Uploaded", DateTime="Date Modified",
            DateTimeOriginal="Date Taken",
        ),
    ),
)  # fmt: skip
"""What may be set of an album and is kept there."""

IMAGE = (
    Field("Title", "title", text(65_535)),
    Field("Caption", "caption", text(65_535)),
    Field("Keywords", "keywords", keywords),
    Field("KeywordArray", "keywords", keywords),
    Field("Latitude", "latitude", number(-90, 90)),
    Field("Longitude", "longitude", number(-180, 180)),
    Field("Altitude", "altitude", whole),
    Field("Hidden", "hidden", boolean),
)
"""What may be set of an image."""


def read_fields(
    params: Mapping[str, Any], *tables: tuple[Field, ...], beside: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """Give the values to keep, one mapping by attribute per table.

    ``beside`` are parameters read elsewhere; 400 for any other that no table has.
    """
    known = {field.name for table in tables for field in table} | set(beside)
    unknown = [name for name in params if name not in known and not name.startswith("_")]
    if unknown:
        raise ApiError(400, problems={name: ["Can not be changed"] for name in unknown})
    return [
        {one.attribute: one.read(one.name, params[one.name]) for one in table if one.name in params}
        for table in tables
    ]
