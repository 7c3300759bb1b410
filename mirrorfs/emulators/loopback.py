"""Running an emulator: in a thread beside a test, or in the foreground for the demo."""

from __future__ import annotations

import socket
import threading
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from mirrorfs.emulators.faults import CUT

if TYPE_CHECKING:
    import asyncio
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

Transports = MutableMapping[tuple[str, int], "asyncio.BaseTransport"]

_BACKLOG = 2048
_KEEP_ALIVE = 75
_LONGEST_HEAD = 1 << 18


@dataclass(frozen=True)
class Address:
    """Where to listen; port 0 takes a free one, a certificate and its key make it TLS."""

    host: str = "127.0.0.1"
    port: int = 0
    certfile: Path | None = None
    keyfile: Path | None = None


class Loopback:
    """A server that listens from construction on; a context manager that serves meanwhile."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self._scheme = "https" if address.certfile else "http"
        self._socket = _listen(address)
        self._server = uvicorn.Server(_configure(app, address))
        self._thread = threading.Thread(target=self.run, name="emulator", daemon=True)

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        host, port = self._socket.getsockname()
        return f"{self._scheme}://{host}:{port}"

    def start(self) -> Self:
        """Serve in a background thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Finish running requests briefly and close."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()

    def run(self) -> None:
        """Serve in this thread until a signal ends it."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _listen(address: Address) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address.host, address.port))
    listener.listen(_BACKLOG)
    return listener


def _configure(app: ASGIApp, address: Address) -> uvicorn.Config:
    transports: Transports = {}
    return uvicorn.Config(
        with_cut(app, transports),
        http=_tracking(transports),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=_KEEP_ALIVE,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        ssl_certfile=address.certfile,
        ssl_keyfile=address.keyfile,
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
