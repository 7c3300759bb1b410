"""Emulators on loopback and a bare HTTP caller that signs as the documentation says."""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests
from PIL import Image

from mirrorfs.emulators.cloudinary import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Emulate = Callable[..., "Caller"]


@dataclass(frozen=True)
class Caller:
    server: Server
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def root(self) -> str:
        return f"{self.server.url}/v1_1/demo"

    def admin(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("auth", ("key", "secret"))
        return self.session.request(method, f"{self.root}/{path}", **options)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.admin("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def search(self, expression: str = "", **body: Any) -> dict[str, Any]:
        answer = self.admin("POST", "resources/search", json={"expression": expression, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(
        self, action: str, body: bytes | None = None, *, name: str = "f", **params: Any
    ) -> requests.Response:
        headers = params.pop("headers", {})
        files = {} if body is None else {"file": (name, body)}
        url = f"{self.root}/{action}"
        return self.session.post(url, data=signed(params), files=files, headers=headers)

    def upload(self, body: bytes, kind: str = "raw", **params: Any) -> dict[str, Any]:
        answer = self.post(f"{kind}/upload", body, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def emulator(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, f"{self.server.url}/_emulator/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


def signed(params: dict[str, Any], secret: str = "secret") -> dict[str, Any]:
    """Sign parameters independently of the emulator's own code."""
    values = {"timestamp": int(time.time()), **params}
    pairs = []
    for key in sorted(values.keys() - {"file"}):
        value = values[key]
        name = key.removesuffix("[]")
        text = ",".join(value) if isinstance(value, list) else str(value)
        pairs.append(f"{name}={text}".replace("&", "%26"))
    signature = hashlib.sha1(("&".join(pairs) + secret).encode()).hexdigest()
    return {**values, "signature": signature, "api_key": "key"}


def png(width: int = 40, height: int = 20, color: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), color).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def emulate() -> Iterator[Emulate]:
    servers: list[Server] = []

    def start(**settings: Any) -> Caller:
        server = Server(Settings(**{"hourly_limit": 2000, **settings})).start()
        servers.append(server)
        return Caller(server)

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def cloud(emulate: Emulate) -> Caller:
    return emulate()
