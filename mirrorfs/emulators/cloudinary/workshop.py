"""``/_emulator/…``: doors for tests and benchmarks that the real service does not have.

``GET`` and ``DELETE /_emulator/journal``, ``POST`` and ``DELETE /_emulator/faults`` (see
``faults``), ``POST /_emulator/seed`` (see ``seeding``). They ask for no credentials: the server
listens on loopback only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.seeding import seed_assets

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.cloudinary.cloud import Cloud
    from mirrorfs.emulators.cloudinary.faults import Faults
    from mirrorfs.emulators.cloudinary.journal import Journal


def workshop_routes(cloud: Cloud, journal: Journal, faults: Faults) -> list[Route]:
    """Give the routes below ``/_emulator``."""

    async def record(request: Request) -> Response:
        if request.method == "DELETE":
            journal.clear()
        return JSONResponse(journal.entries())

    async def script(request: Request) -> Response:
        if request.method == "DELETE":
            faults.clear()
            return JSONResponse({"rules": 0})
        try:
            return JSONResponse({"rules": faults.add(json.loads(await request.body()))})
        except ApiError as error:
            return JSONResponse(error.body(), error.status)

    async def seed(request: Request) -> Response:
        items = json.loads(await request.body())
        try:
            return JSONResponse({"assets": seed_assets(cloud, items)})
        except ApiError as error:
            return JSONResponse(error.body(), error.status)

    return [
        Route("/journal", record, methods=["GET", "DELETE"]),
        Route("/faults", script, methods=["POST", "DELETE"]),
        Route("/seed", seed, methods=["POST"]),
    ]
