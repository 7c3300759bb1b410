"""The ASGI application."""

from __future__ import annotations

import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from mirrorfs.emulators.cloudinary.calls import Doors
from mirrorfs.emulators.cloudinary.cloud import Cloud, open_cloud
from mirrorfs.emulators.cloudinary.delivery import deliver
from mirrorfs.emulators.cloudinary.failures import DIALECT
from mirrorfs.emulators.cloudinary.routes import ADMIN, UPLOAD
from mirrorfs.emulators.cloudinary.search_urls import answer_search_url
from mirrorfs.emulators.cloudinary.workshop import seed_route
from mirrorfs.emulators.faults import Faults
from mirrorfs.emulators.gate import Gate
from mirrorfs.emulators.journal import Journal
from mirrorfs.emulators.workshop import workshop_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.cloudinary.moments import Clock
    from mirrorfs.emulators.cloudinary.settings import Settings


def create_app(settings: Settings, clock: Clock = time.time) -> Starlette:
    """Make the application; without ``settings.data`` its files vanish when it shuts down."""
    scratch = None if settings.data else tempfile.TemporaryDirectory(prefix="emulator-")
    cloud = open_cloud(settings, settings.data or Path(scratch.name if scratch else ""), clock)
    journal, faults = Journal(), Faults(DIALECT)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        cloud.close()
        if scratch:
            scratch.cleanup()

    return Starlette(
        routes=[
            Mount("/_emulator", routes=[*workshop_routes(journal, faults), seed_route(cloud)]),
            Mount("/v1_1/{cloud}", routes=_api_routes(cloud)),
            *_delivery_routes(cloud),
        ],
        middleware=[Middleware(Gate, journal, faults, settings.delay)],
        lifespan=lifespan,
    )


def _api_routes(cloud: Cloud) -> list[Route]:
    doors = Doors(cloud)
    admin = [(methods, path, doors.admin(handler)) for methods, path, handler in ADMIN]
    uploads = [(methods, path, doors.upload(handler)) for methods, path, handler in UPLOAD]
    return [
        Route(path, endpoint, methods=methods.split())
        for methods, path, endpoint in admin + uploads
    ]


def _delivery_routes(cloud: Cloud) -> list[Route]:
    async def serve(request: Request) -> Response:
        return await deliver(cloud, request)

    async def find(request: Request) -> Response:
        return answer_search_url(cloud, request)

    return [
        Route("/{cloud}/search/{signature}/{ttl:int}/{rest:path}", find, methods=["GET"]),
        Route("/{cloud}/{resource_type}/{type}/{rest:path}", serve, methods=["GET", "HEAD"]),
    ]
