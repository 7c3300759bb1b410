"""Running the emulator: in a thread beside a test, or in the foreground for the demo."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from mirrorfs.emulators.cloudinary.app import create_app
from mirrorfs.emulators.cloudinary.faults import CUT

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

    from mirrorfs.emulators.cloudinary.settings import Settings

Transports = MutableMapping[tuple[str, int], "asyncio.BaseTransport"]

_BACKLOG = 2048
_KEEP_ALIVE = 75
_LONGEST_HEAD = 1 << 18


class Server:
    """An emulator on loopback, listening from construction on; a context manager.

    ``url`` is where it is reached, ``cloudinary_url`` what the official SDKs read from the
    environment variable CLOUDINARY_URL.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._socket = _listen(settings)
        self._server = uvicorn.Server(_configure(settings))
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        scheme = "https" if self.settings.certfile else "http"
        return f"{scheme}://{self.settings.host}:{self._socket.getsockname()[1]}"

    @property
    def cloudinary_url(self) -> str:
        """``cloudinary://key:secret@cloud?upload_prefix=…`` for this server."""
        settings = self.settings
        who = f"{settings.api_key}:{settings.api_secret}@{settings.cloud_name}"
        return f"cloudinary://{who}?upload_prefix={self.url}"

    def start(self) -> Self:
        """Serve in a background thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Finish running requests briefly and close; what ``data`` holds stays."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def run(self) -> None:
        """Serve in this thread until a signal ends it."""
        self._run()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve in the foreground; ``announce`` is given the CLOUDINARY_URL before the first request.

    The URL holds the secret, which is written nowhere else.
    """
    server = Server(settings)
    announce(server.cloudinary_url)
    server.run()


def _listen(settings: Settings) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(_BACKLOG)
    return listener


def _configure(settings: Settings) -> uvicorn.Config:
    transports: Transports = {}
    return uvicorn.Config(
        with_cut(create_app(settings), transports),
        http=_tracking(transports),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        ssl_certfile=settings.certfile,
        ssl_keyfile=settings.keyfile,
        lifespan="on",
    )


def with_cut(app: ASGIApp, transports: Transports) -> ASGIApp:
    """Give requests ``extensions["mirrorfs.cut"]``, which drops their connection at once."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":

            def cut() -> None:
                transport: Any = transports.get(tuple(scope["client"]))
                if transport:
                    transport.abort()

            scope.setdefault("extensions", {})[CUT] = cut
        await app(scope, receive, send)

    return wrapped


def _tracking(transports: Transports) -> type[asyncio.Protocol]:
    """Make a protocol that notes each connection's transport by the client's address."""

    class Tracking(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._peer = transport.get_extra_info("peername")
            transports[self._peer] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self._peer, None)
            super().connection_lost(exc)

    return Tracking
