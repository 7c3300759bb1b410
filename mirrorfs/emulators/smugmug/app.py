"""The ASGI application."""

from __future__ import annotations

import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from mirrorfs.emulators.blobs import Blobs
from mirrorfs.emulators.faults import Faults
from mirrorfs.emulators.gate import Gate
from mirrorfs.emulators.journal import Journal
from mirrorfs.emulators.smugmug.access import Grants
from mirrorfs.emulators.smugmug.api import Api
from mirrorfs.emulators.smugmug.authentication import Authentication
from mirrorfs.emulators.smugmug.authorizing import Authorizing
from mirrorfs.emulators.smugmug.failures import DIALECT
from mirrorfs.emulators.smugmug.hosts import Hosts
from mirrorfs.emulators.smugmug.keys import Consumer, Token
from mirrorfs.emulators.smugmug.media import Media
from mirrorfs.emulators.smugmug.rates import Rates
from mirrorfs.emulators.smugmug.revoking import revoking_route
from mirrorfs.emulators.smugmug.routes import CHANGES, READERS
from mirrorfs.emulators.smugmug.state import State
from mirrorfs.emulators.smugmug.storage import Holdings, load_holdings, save_holdings
from mirrorfs.emulators.smugmug.uploader import Uploader
from mirrorfs.emulators.smugmug.workshop import account_routes
from mirrorfs.emulators.workshop import workshop_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mirrorfs.emulators.smugmug.moments import Clock
    from mirrorfs.emulators.smugmug.settings import Settings

_METHODS = ["GET", "OPTIONS", "POST", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Service:
    """All that one emulated service is made of."""

    settings: Settings
    clock: Clock
    state: State
    access: Grants
    holdings: Holdings
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=lambda: Faults(DIALECT))
    scratch: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Keep the account in the settings' ``data``; without it, delete its files."""
        if self.scratch:
            self.scratch.cleanup()
        if self.settings.data:
            self.state.agenda.finish()
            save_holdings(self.settings.data, self.holdings)


def open_service(settings: Settings, clock: Clock = time.time) -> Service:
    """Make a service with one account and one application; its owner has granted it a token.

    What an earlier run has kept in the settings' ``data`` is there again.
    """
    scratch = None if settings.data else tempfile.TemporaryDirectory(prefix="emulator-")
    folder = settings.data or Path(scratch.name if scratch else "")
    holdings = load_holdings(folder)
    state = State(settings, Blobs(folder / "blobs"), clock, holdings)
    state.ids.reserve(holdings.keys, (image.upload_key for image in holdings.images.values()))
    if settings.nick not in holdings.users:
        state.add_user(settings.nick)
    access = Grants(clock, holdings.tokens)
    access.register(Consumer(settings.key, settings.secret))
    if settings.token:
        access.keep(Token(settings.token, settings.token_secret, settings.key, settings.nick))
    return Service(settings, clock, state, access, holdings, scratch=scratch)


def create_app(service: Service) -> Starlette:
    """Make the application of a service, which is closed when the application shuts down."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        service.close()

    settings, latency = service.settings, service.settings.latency
    authentication = Authentication(service.access, service.clock)
    authorizing = Authorizing(service.access, authentication, settings.nick)
    rates = Rates(settings.requests_per_window, settings.window, service.clock)
    changes = {(method, type_): handler for method, type_, handler in CHANGES}
    api = Api(service.state, (authentication, rates), dict(READERS), changes)
    return Starlette(
        routes=[
            Mount(
                "/_emulator",
                routes=[
                    *workshop_routes(service.journal, service.faults),
                    *account_routes(service.state),
                    revoking_route(service.access),
                ],
            ),
            Mount("/services/oauth/1.0a", routes=authorizing.routes()),
            Route("/api/v2{rest:path}", api.answer, methods=_METHODS),
            Mount("/upload", routes=Uploader(service.state, authentication).routes()),
            Mount("/photos", routes=Media(service.state, authentication).routes()),
        ],
        middleware=[
            Middleware(Hosts),
            Middleware(Gate, service.journal, service.faults, latency),
        ],
        lifespan=lifespan,
    )
