"""The endpoints by type, as the service names them in ``EndpointType`` and in ``Uris``.

Types, locators and descriptions are those of recorded replies, or our own words where none is
known. Endpoints without a reader are known by their links alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from mirrorfs.emulators.smugmug import media_endpoints, node_endpoints
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


CATALOG: Mapping[str, Endpoint] = {
    row[0]: _endpoint(row) for row in (*node_endpoints.ROWS, *media_endpoints.ROWS)
}

ROUTER = Router(CATALOG.values())
