"""A way in for clients that only dial a service's real host name.

``front(server)`` runs an HTTP proxy on loopback that knows CONNECT alone, as ``HTTPS_PROXY`` wants
it. Connections to the given hosts are taken over: TLS ends here, with a certificate of a throwaway
authority, and the plain bytes go to the emulator. Connections to any other host are refused, so
nothing ever leaves the machine.
"""

from __future__ import annotations

import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Protocol
from urllib.parse import urlsplit

import trustme

CLOUDINARY_HOSTS = ("api.cloudinary.com", "res.cloudinary.com")
_CHUNK = 1 << 18


class Reachable(Protocol):
    """Anything with the base URL of a plain HTTP server."""

    @property
    def url(self) -> str:
        """The base URL, e.g. ``http://127.0.0.1:8080``."""
        ...


@contextmanager
def front(
    server: Reachable, hosts: Sequence[str] = CLOUDINARY_HOSTS
) -> Iterator[Mapping[str, str]]:
    """Give the environment variables that lead a client's HTTPS calls to a server.

    ``HTTPS_PROXY`` and ``NO_PROXY`` are what most HTTP libraries read; ``SSL_CERT_FILE`` (also as
    ``RCLONE_CA_CERT`` and ``REQUESTS_CA_BUNDLE``) names the authority to trust, and it alone.
    """
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*hosts).configure_cert(context)
    with tempfile.TemporaryDirectory(prefix="front-") as folder:
        trusted = str(Path(folder) / "ca.pem")
        authority.cert_pem.write_to_path(trusted)
        with _Proxy(urlsplit(server.url).netloc, hosts, context) as proxy:
            thread = threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            yield _environment(proxy.server_address[1], trusted)
            proxy.shutdown()
            thread.join()


def _environment(port: int, trusted: str) -> dict[str, str]:
    proxy = f"http://127.0.0.1:{port}"
    return {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SSL_CERT_FILE": trusted,
        "REQUESTS_CA_BUNDLE": trusted,
        "RCLONE_CA_CERT": trusted,
    }


class _Proxy(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, target: str, hosts: Sequence[str], context: ssl.SSLContext) -> None:
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.hosts = hosts
        self.context = context
        super().__init__(("127.0.0.1", 0), _Tunnel)


class _Tunnel(StreamRequestHandler):
    server: _Proxy
    rbufsize = 0
    disable_nagle_algorithm = True  # else each short answer waits for a delayed ACK

    def handle(self) -> None:
        """Answer one CONNECT and carry its bytes until either side closes."""
        method, _, rest = self._line().partition(" ")
        host = rest.rpartition(":")[0]
        while self._line():
            pass
        if method != "CONNECT" or host not in self.server.hosts:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with suppress(OSError), self._secure() as client, self._connect() as upstream:
            _carry(client, upstream)

    def _line(self) -> str:
        return self.rfile.readline(8192).decode("latin-1").strip()

    def _secure(self) -> ssl.SSLSocket:
        return self.server.context.wrap_socket(self.connection, server_side=True)

    def _connect(self) -> socket.socket:
        upstream = socket.create_connection(self.server.target)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return upstream


def _carry(client: ssl.SSLSocket, upstream: socket.socket) -> None:
    """Copy bytes both ways until either side closes; one thread, as a TLS object wants it."""
    other: Mapping[socket.socket, socket.socket] = {client: upstream, upstream: client}
    while True:
        waiting: list[socket.socket] = [client] if client.pending() else []
        for source in waiting or select.select([client, upstream], [], [])[0]:
            chunk = source.recv(_CHUNK)
            if not chunk:
                return
            other[source].sendall(chunk)
