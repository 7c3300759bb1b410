"""The endpoints by type, as the service names them in ``EndpointType`` and in ``Uris``.

Types, locators and descriptions are those of recorded replies, or our own words where none is
known. Endpoints without a reader are known by their links alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mirrorfs.emulators.smugmug import media_endpoints, node_endpoints
from mirrorfs.emulators.smugmug.addresses import FILMS, SIZES
from mirrorfs.emulators.smugmug.endpoints import Endpoint, Router, Row
from mirrorfs.emulators.smugmug.parameters import NOTES, PARAMETERS, PERMISSIONS

_DOCUMENTED = {"Album": "album", "AuthUser": "user", "Image": "image", "User": "user"}


def _endpoint(row: Row) -> Endpoint:
    type_, template, locator, shape, description = row
    ids = [part.rpartition("{")[2] for part in template.split("}")[:-1]]
    several = ids[-1] if ids and ids[-1] != "path" else ""
    page = _DOCUMENTED.get(type_)
    return Endpoint(
        type_,
        template,
        locator,
        shape,
        description,
        doc=f"https://api.smugmug.com/api/v2/doc/reference/{page}.html" if page else "",
        several=several,
        parameters=PARAMETERS.get(type_, ()),
        permissions=PERMISSIONS.get(type_, {}),
        notes=NOTES.get(type_, ()),
    )


def _sizes() -> Iterable[Row]:
    for type_ in (*SIZES, "ImageSizeOriginal"):
        name = type_.removeprefix("ImageSize")
        path = f"/image/{{image}}!size{name.lower()}"
        yield type_, path, type_, "Object", f"Image size: {name}"
    for code in FILMS:
        type_, path = f"VideoSize{code}", f"/video/{{image}}!size{code}"
        yield type_, path, type_, "Object", f"Video size: {code}"


SIZE_TYPES = tuple(row[0] for row in _sizes())
"""Endpoints that give one size of an image or film."""

CATALOG: Mapping[str, Endpoint] = {
    row[0]: _endpoint(row) for row in (*node_endpoints.ROWS, *media_endpoints.ROWS, *_sizes())
}

ROUTER = Router(CATALOG.values())
