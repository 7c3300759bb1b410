"""What is asked of the service in each question: fields, links, and expansions.

``_config`` filters inside expansions and gives them parameters (SmugMug API, advanced/config).
``_verbosity=1`` leaves descriptions out. No page size is relied on: the largest that clients are
known to send is asked for, and what the answer's ``Pages`` grant is obeyed. What an expansion
does not bring is asked for by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mirrorfs.providers.smugmug.api import Query

Config = Mapping[str, Any]

PAGE = 500
"""Objects asked for on a page; the service may grant fewer."""

RICH_PAGE = 100
"""Nodes asked for where each brings the pictures that are in it."""

_NODE = [
    *("NodeID", "Uri", "Type", "Name", "UrlName", "UrlPath", "DateAdded", "ResponseLevel"),
    "HasChildren",
]
_ALBUM = ["AlbumKey", "Uri", "ImageCount", "LastUpdated", "ImagesLastUpdated"]
_IMAGE = [
    *("Uri", "ImageKey", "Serial", "FileName", "Format", "IsVideo", "Processing", "SubStatus"),
    *("ArchivedUri", "ArchivedSize", "ArchivedMD5", "DateTimeUploaded", "Date", "Hidden"),
    *("Title", "Caption", "Keywords", "KeywordArray", "Latitude", "Longitude"),
    *("DateTimeOriginal", "Origin"),
]
_SIZE = ["Url", "Size", "MD5", "Ext", "Usable"]


def _config(filter_: list[str], expand: Mapping[str, Config] | None = None) -> dict[str, Any]:
    expand = expand or {}
    return {"filter": filter_, "filteruri": list(expand), "expand": dict(expand)}


def _query(config: Config, **more: str | int) -> Query:
    text = json.dumps(config, separators=(",", ":"))
    return {**more, "_verbosity": 1, "_config": text}


_VIDEO = _config(_SIZE)
_IMAGES = _config(_IMAGE, {"LargestVideo": _VIDEO})
_ALBUM_ONLY = _config(_ALBUM)
_ALBUM_FULL = _config(_ALBUM, {"AlbumImages": {**_IMAGES, "args": {"count": PAGE}}})


def _children(album: Config) -> Config:
    config = _config(_NODE, {"Album": album})
    return {**config, "filteruri": ["Album", "UnlockNode"]}


WHO: Query = _query({**_config(["NickName", "Uri"]), "filteruri": ["Node", "Folder", "UserAlbums"]})
ABOUT: Query = _query(
    {**_config(["NickName", "Name", "Plan", "AccountStatus", "ImageCount", "TotalAccountSize"])}
)
PLAIN: Query = {"_verbosity": 1}
NODE: Query = _query(_children(_ALBUM_ONLY))
CHILDREN: Query = _query(_children(_ALBUM_ONLY), count=PAGE)
CHILDREN_WITH_IMAGES: Query = _query(_children(_ALBUM_FULL), count=RICH_PAGE)
ALBUM: Query = _query(_ALBUM_ONLY)
ALBUMS: Query = _query(
    {**_config([*_ALBUM, "NodeID", "Name", "UrlName", "UrlPath"])},
    count=PAGE,
    Order="Last Updated (Descending)",
)
IMAGES: Query = _query(_config(_IMAGE, {"LargestVideo": _VIDEO, "Album": _ALBUM_ONLY}), count=PAGE)
IMAGE: Query = _query(_IMAGES)
SIZES: Query = _query(
    _config(
        ["Uri", "ImageKey"],
        {
            "ImageSizeDetails": _config(["ImageSizeOriginal"]),
            "ImageDownload": _config(["Url"]),
            "LargestImage": _config(_SIZE),
        },
    ),
    count=PAGE,
)
SIZE: Query = _query(_VIDEO)
FOLDERS: Query = _query(_config(["UrlPath", "Name", "Uri"]))
