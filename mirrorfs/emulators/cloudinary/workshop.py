"""The emulator's own door for filling an account: ``POST /_emulator/seed`` (see ``seeding``)."""

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


def seed_route(cloud: Cloud) -> Route:
    """Give the route ``/seed``."""

    async def seed(request: Request) -> Response:
        items = json.loads(await request.body())
        try:
            return JSONResponse({"assets": seed_assets(cloud, items)})
        except ApiError as error:
            return JSONResponse(error.body(), error.status)

    return Route("/seed", seed, methods=["POST"])
