"""Answers Prometheus over HTTP, on this machine alone unless another address is named."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mirrorfs.core.errors import Misuse
from mirrorfs.metrics import Address, Collect, text_of

_log = logging.getLogger(__name__)
_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE = 5.0


@contextlib.contextmanager
def serving(address: Address | None, collect: Collect) -> Iterator[int]:
    """Answer at ``address`` while inside, if there is one; yield the port (0 for none).

    Raises:
        Misuse: it cannot be listened at.
    """
    if address is None:
        yield 0
        return
    try:
        server = _Server(address, _answering(collect))
    except OSError as error:
        raise Misuse(f"{address[0]}:{address[1]} cannot be used: {error.strerror}.") from error
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Say nothing of who hung up."""
        _log.debug("An answer was not taken.", exc_info=True)


def _answering(collect: Collect) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self.send_error(404, "Only /metrics is here")
                return
            body = text_of(collect()).encode()
            self.send_response(200)
            self.send_header("Content-Type", _TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            _log.debug(format, *args)

    return Handler
