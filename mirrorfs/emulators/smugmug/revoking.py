"""``DELETE /_emulator/tokens/TOKEN``: the user takes an access token back, in mid-run too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.smugmug.access import Grants


def revoking_route(access: Grants) -> Route:
    """Give the route."""

    async def revoke(request: Request) -> Response:
        access.revoke(request.path_params["token"])
        return JSONResponse({})

    return Route("/tokens/{token}", revoke, methods=["DELETE"])
