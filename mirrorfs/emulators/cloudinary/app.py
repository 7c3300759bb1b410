"""The routes of the emulator.

More specific paths come first: ``resources/search`` would also be an asset id.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from mirrorfs.emulators.cloudinary import (
    actions,
    details,
    listings,
    overview,
    removal,
    searching,
    tree,
    upload,
)
from mirrorfs.emulators.cloudinary.calls import Doors, Handler
from mirrorfs.emulators.cloudinary.cloud import Cloud, open_cloud
from mirrorfs.emulators.cloudinary.delivery import deliver
from mirrorfs.emulators.cloudinary.faults import Faults
from mirrorfs.emulators.cloudinary.gate import Gate
from mirrorfs.emulators.cloudinary.journal import Journal
from mirrorfs.emulators.cloudinary.workshop import workshop_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.cloudinary.moments import Clock
    from mirrorfs.emulators.cloudinary.settings import Settings

_ADMIN: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/ping", overview.ping),
    ("GET", "/config", overview.config),
    ("GET", "/usage", overview.usage),
    ("GET", "/usage/{date}", overview.usage),
    ("GET", "/tags/{resource_type}", overview.tags),
    ("GET", "/resources", listings.resource_types),
    ("DELETE", "/resources", removal.delete_by_ids),
    ("GET POST", "/resources/search", searching.search),
    ("GET", "/resources/by_asset_folder", listings.by_asset_folder),
    ("GET", "/resources/by_asset_ids", listings.by_asset_ids),
    ("POST", "/resources/restore", removal.restore_by_ids),
    ("DELETE", "/resources/backup/{asset_id}", removal.delete_backups),
    ("POST", "/resources/related_assets/{asset_id}", details.relate),
    ("DELETE", "/resources/related_assets/{asset_id}", details.unrelate),
    ("POST", "/resources/related_assets/{resource_type}/{type}/{public_id:path}", details.relate),
    (
        "DELETE",
        "/resources/related_assets/{resource_type}/{type}/{public_id:path}",
        details.unrelate,
    ),
    ("GET", "/resources/{resource_type}/tags/{tag:path}", listings.by_tag),
    ("DELETE", "/resources/{resource_type}/tags/{tag:path}", removal.delete_by_tag),
    ("GET", "/resources/{resource_type}/context", listings.by_context),
    ("GET", "/resources/{resource_type}/moderations/{kind}/{status}", listings.by_moderation),
    ("POST", "/resources/{resource_type}/{type}/restore", removal.restore),
    ("GET", "/resources/{asset_id}", details.show_or_list),
    ("PUT", "/resources/{asset_id}", details.update),
    ("GET", "/resources/{resource_type}/{type}", listings.all_of_type),
    ("DELETE", "/resources/{resource_type}/{type}", removal.delete_by_type),
    ("GET", "/resources/{resource_type}/{type}/{public_id:path}", details.show),
    ("POST", "/resources/{resource_type}/{type}/{public_id:path}", details.update),
    ("DELETE", "/derived_resources", removal.delete_derived),
    ("GET", "/folders", tree.sub_folders),
    ("GET POST", "/folders/search", searching.search_folders),
    ("GET", "/folders/{path:path}", tree.sub_folders),
    ("POST", "/folders/{path:path}", tree.create_folder),
    ("PUT", "/folders/{path:path}", tree.rename_folder),
    ("DELETE", "/folders/{path:path}", tree.delete_folder),
)
_UPLOAD: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/{resource_type}/upload", upload.upload),
    ("POST", "/{resource_type}/upload_chunked", upload.upload),
    ("POST", "/{resource_type}/destroy", actions.destroy),
    ("POST", "/{resource_type}/rename", actions.rename),
    ("POST", "/{resource_type}/explicit", actions.explicit),
    ("POST", "/{resource_type}/tags", actions.tags),
    ("POST", "/{resource_type}/context", actions.context),
    ("POST", "/{resource_type}/metadata", actions.metadata),
)


def create_app(settings: Settings, clock: Clock = time.time) -> Starlette:
    """Make the application; without ``settings.data`` its files vanish when it shuts down."""
    scratch = None if settings.data else tempfile.TemporaryDirectory(prefix="emulator-")
    cloud = open_cloud(settings, settings.data or Path(scratch.name if scratch else ""), clock)
    journal, faults = Journal(), Faults()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        cloud.close()
        if scratch:
            scratch.cleanup()

    return Starlette(
        routes=[
            Mount("/_emulator", routes=workshop_routes(cloud, journal, faults)),
            Mount("/v1_1/{cloud}", routes=_api_routes(cloud)),
            *_delivery_routes(cloud),
        ],
        middleware=[Middleware(Gate, journal, faults, settings.delay)],
        lifespan=lifespan,
    )


def _api_routes(cloud: Cloud) -> list[Route]:
    doors = Doors(cloud)
    admin = [(methods, path, doors.admin(handler)) for methods, path, handler in _ADMIN]
    uploads = [(methods, path, doors.upload(handler)) for methods, path, handler in _UPLOAD]
    return [
        Route(path, endpoint, methods=methods.split())
        for methods, path, endpoint in admin + uploads
    ]


def _delivery_routes(cloud: Cloud) -> list[Route]:
    async def serve(request: Request) -> Response:
        return await deliver(cloud, request)

    return [Route("/{cloud}/{resource_type}/{type}/{rest:path}", serve, methods=["GET", "HEAD"])]
