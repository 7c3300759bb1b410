"""``/_emulator/…``: doors for tests and benchmarks that the real service does not have.

``GET`` and ``DELETE /_emulator/journal``, ``POST`` and ``DELETE /_emulator/faults`` (see
``faults``). They ask for no credentials: the server listens on loopback only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from mirrorfs.emulators.faults import BadRule

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mirrorfs.emulators.faults import Faults
    from mirrorfs.emulators.journal import Journal


def workshop_routes(journal: Journal, faults: Faults) -> list[Route]:
    """Give the routes below ``/_emulator`` that every emulator has."""

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
        except BadRule as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)

    return [
        Route("/journal", record, methods=["GET", "DELETE"]),
        Route("/faults", script, methods=["POST", "DELETE"]),
    ]
