"""What every request passes: the journal, the configured delay, and scripted faults."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mirrorfs.emulators.faults import Faults
    from mirrorfs.emulators.journal import Journal

PRIVATE = "/_emulator/"


class Gate:
    """Wraps the application; requests to ``/_emulator/`` pass untouched and unrecorded."""

    def __init__(self, app: ASGIApp, journal: Journal, faults: Faults, delay: float) -> None:
        self._app = app
        self._journal = journal
        self._faults = faults
        self._delay = delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless a fault is scripted for it or its client has gone."""
        if scope["type"] != "http" or scope["path"].startswith(PRIVATE):
            await self._app(scope, receive, send)
            return
        path = scope["raw_path"].decode("ascii", "replace")
        if scope["query_string"]:
            path += "?" + scope["query_string"].decode("ascii", "replace")
        status = 0

        async def record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with suppress(ClientDisconnect):
                await self._pass(path, (scope, receive, record))
        finally:
            self._journal.add(scope["method"], path, status)

    async def _pass(self, path: str, exchange: tuple[Scope, Receive, Send]) -> None:
        if self._delay:
            await asyncio.sleep(self._delay)
        rule = self._faults.match(exchange[0]["method"], path)
        if rule:
            await self._faults.play(rule, self._app, exchange)
        else:
            await self._app(*exchange)
