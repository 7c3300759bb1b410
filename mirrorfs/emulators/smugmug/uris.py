"""The URIs that clients send as parameters: ``/api/v2/album/2XrGxm/image/mQRcX2V-0``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mirrorfs.emulators.smugmug.errors import ApiError, bad_request

_ALBUM = re.compile(r"/api/v2/album/([^/!?,]+)")
_IMAGE = re.compile(r"/api/v2/(?:album/[^/!?,]+/)?image/([^/!?,-]+)(?:-\d+)?$")
_NODE = re.compile(r"/api/v2/node/([^/!?,]+)$")


def album_key(uri: str) -> str | None:
    """Give the key of the album a URI names, or is below."""
    found = _ALBUM.search(uri)
    return found[1] if found else None


def image_key(uri: str) -> str | None:
    """Give the key of the image a URI names, with or without its album."""
    found = _IMAGE.search(uri)
    return found[1] if found else None


def node_id(uri: str) -> str | None:
    """Give the id of the node a URI names."""
    found = _NODE.search(uri)
    return found[1] if found else None


def read_uris(params: Mapping[str, Any], name: str) -> list[str]:
    """Read a list of URIs, an array or one text with commas; 400 when there is none."""
    given = params.get(name) or ""
    entries = given if isinstance(given, list) else str(given).split(",")
    uris = [str(one).strip() for one in entries if str(one).strip()]
    if not uris:
        raise bad_request(name, "Required")
    return uris


def refuse_uris(name: str, problems: Mapping[str, str]) -> ApiError:
    """Refuse with 400 a list of URIs, telling what is wrong with each bad one."""
    told: dict[str, list[str]] = {uri: [text] for uri, text in problems.items()}
    return ApiError(400, problems={name: told})
