"""A tiny HTTP server whose answers are scripted by the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DATA = bytes(range(256)) * 8192


@dataclass
class Reply:
    """An answer; ``send`` bytes of the body are sent, then the connection is cut."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    send: int | None = None
    length: bool = True


Script = Callable[["Asked"], Reply]


@dataclass
class Asked:
    """One request: its number from 0, its path and its headers."""

    number: int
    path: str
    headers: dict[str, str]


@dataclass
class Running:
    url: str
    asked: list[Asked]


def serve_file(data: bytes = DATA, etag: str = '"one"') -> Script:
    """Answer as a server of one file does, with parts and If-Range."""

    def script(asked: Asked) -> Reply:
        told = asked.headers.get("Range", "")
        if not told or asked.headers.get("If-Range", etag) != etag:
            return Reply(200, data, {"ETag": etag})
        start, _, stop = told.removeprefix("bytes=").partition("-")
        if int(start) >= len(data):
            return Reply(416, b"")
        part = data[int(start) : int(stop) + 1]
        place = f"bytes {start}-{int(start) + len(part) - 1}/{len(data)}"
        return Reply(206, part, {"ETag": etag, "Content-Range": place})

    return script


@contextmanager
def serve(script: Script) -> Iterator[Running]:
    running = Running("", [])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(len(running.asked), self.path, dict(self.headers))
            running.asked.append(asked)
            reply = script(asked)
            if reply.status == 0:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.length:
                self.send_header("Content-Length", str(len(reply.body)))
            else:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.body if reply.send is None else reply.body[: reply.send])
            if reply.send is not None or not reply.length:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_address[1]}/file?secret=x"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
