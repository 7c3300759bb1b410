"""The emulator's own doors: filling the account, and telling what it really holds.

``POST /_emulator/fill`` takes ``{"quirks": true}`` (see ``quirks``) or the numbers of a ``Shape``,
``{"folders": 115, "albums": 1200, "photos": 24000, "size": 3000}``; ``GET /_emulator/truth`` gives
one object per image and album (see ``truth``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from mirrorfs.emulators.smugmug.accounts import Shape, fill_account
from mirrorfs.emulators.smugmug.quirks import add_quirks
from mirrorfs.emulators.smugmug.truth import tell_truth

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.smugmug.state import State


def account_routes(state: State) -> list[Route]:
    """Give the routes for the account that is there from the start."""
    nick = state.settings.nick

    async def fill(request: Request) -> Response:
        wanted = json.loads(await request.body())
        if wanted.pop("quirks", False):
            add_quirks(state, nick)
        else:
            fill_account(state, nick, Shape(**wanted))
        return JSONResponse({"albums": len(state.albums(nick))})

    async def truth(_: Request) -> Response:
        return JSONResponse([asdict(one) for one in tell_truth(state, nick)])

    return [
        Route("/fill", fill, methods=["POST"]),
        Route("/truth", truth, methods=["GET"]),
    ]
