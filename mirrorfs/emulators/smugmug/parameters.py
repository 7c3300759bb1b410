"""What the endpoints take: parameters of GET, permissions of the other methods, and notes.

From the ``Options`` of recorded replies, where there are any.
"""

from __future__ import annotations

from collections.abc import Mapping

from mirrorfs.emulators.smugmug.endpoints import Parameter
from mirrorfs.emulators.smugmug.keys import Permissions

DESCRIPTIONS: Mapping[str, str] = {
    "Boolean": "For true return type true or 1, for false type false or 0",
    "Integer": "Integer value in the range MIN_VALUE to MAX_VALUE, inclusive",
    "Select": 'Select one option. Options should pass only the "Value".',
    "Uri": "Absolute or relative URL, restricted to Locator(s) of the supplied URL if not null."
    "   Up to a MAX_LENGTH in length.",
    "Varchar": "Variable length text from MIN_CHARS to MAX_CHARS"
    " (MAX_CHARS = INFINITY meaning arbitrary length)",
}
"""What ``Options.ParameterDescription`` says of each type."""

_TEXT = {"MIN_CHARS": 0, "MAX_CHARS": "INFINITY"}
_SIZE = {"MIN_VALUE": 1, "MAX_VALUE": "POSITIVE_INFINITY"}
_SCOPE = {
    "Description": "The URI of a Folder, Node, or User to search within",
    "MAX_LENGTH": "INFINITY",
    "Locator": [],
}
_FILE_NAMES = {
    "Description": "A list of filenames (percent-encoded and comma-separated); if used, an image"
    " will only be included in the result set if its file name is in the list",
    **_TEXT,
}


def _select(name: str, default: str, *options: str) -> Parameter:
    return Parameter(name, "Select", default, options, {"MIN_COUNT": 1, "MAX_COUNT": 1})


def _search(*sorts: str) -> tuple[Parameter, ...]:
    return (
        Parameter("Text", facts={"Description": "Search all text fields", **_TEXT}),
        _select("SortMethod", "_score", *sorts),
        _select("SortDirection", "Descending", "Ascending", "Descending"),
        Parameter("Scope", "Uri", facts=_SCOPE),
    )


PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "AlbumImages": (Parameter("FileNames", default="", facts=_FILE_NAMES),),
    "AlbumSearch": _search("Rank", "LastUpdated"),
    "ImageSearch": (
        *_search("Rank", "LastUpdated", "DateTaken"),
        Parameter("DateTakenStart", facts=_TEXT),
        Parameter("DateTakenEnd", facts=_TEXT),
        _select("MediaType", "All", "All", "Photo", "Video"),
    ),
    "NodeSearch": _search("Rank", "LastUpdated"),
    "ChildNodes": (
        _select("Type", "All", "All", "Folder Album Page", "Folder", "Album", "Page",
                "System Album"),
        _select("SortMethod", "Organizer", "DateAdded", "DateModified", "Name", "Organizer"),
        _select("SortDirection", "Ascending", "Ascending", "Descending"),
    ),
    "ImageSizeCustom": (
        Parameter("width", "Integer", facts=_SIZE),
        Parameter("height", "Integer", facts=_SIZE),
        Parameter("fill", "Boolean", default=False),
    ),
    "UrlPathLookup": (Parameter("urlpath", facts=_TEXT),),
    "UserAlbums": (
        Parameter("FolderID", "Integer", facts=_SIZE),
        _select("Order", "Album Settings", "Album Settings", "Position",
                "Last Updated (Descending)", "Last Updated (Ascending)",
                "Date Added (Descending)", "Date Added (Ascending)"),
        Parameter("MinimumImages", "Integer", facts=_SIZE),
    ),
}  # fmt: skip

_OBJECT: Mapping[str, Permissions] = {"PATCH": "Modify", "DELETE": "Modify"}

PERMISSIONS: Mapping[str, Mapping[str, Permissions]] = {
    "Album": _OBJECT,
    "AlbumImage": _OBJECT,
    "AlbumImages": {"POST": "Add"},
    "ChildNodes": {"POST": "Modify"},
    "Image": _OBJECT,
    "Node": _OBJECT,
    "User": {"PATCH": "Modify"},
}

_ONE_SET = "_multiargs does not work at this endpoint"

NOTES: Mapping[str, tuple[str, ...]] = {
    "Album": (
        _ONE_SET,
        "To sort images manually first set SortMethod to Position",
        "When selecting SortMethod=Position, SortMethod is automatically set to Ascending",
        "NiceName is deprecated; use UrlName instead",
        "Title is deprecated; use Name instead",
        "AlbumHighlightImage is deprecated, use HighlightImage instead",
    ),
    "AlbumImages": (_ONE_SET,),
    "AlbumSearch": (_ONE_SET,),
    "ChildNodes": (_ONE_SET,),
    "Image": (
        _ONE_SET,
        "The Uri returned by this endpoint may not exist if it was recently uploaded and is being"
        " processed",
        'Photo sizes, including Original, without a "Size" or "MD5" property, will be generated'
        " dynamically upon request",
        '"ArchivedUri", "ArchivedSize" and "ArchivedMD5" refer to the untouched version of the'
        " photo originally uploaded",
    ),
    "ParentNodes": (_ONE_SET,),
}
"""Said in ``Options.Notes``; endpoints that say so take one set of arguments only."""
