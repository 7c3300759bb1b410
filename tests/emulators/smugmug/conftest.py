"""Emulators on loopback, and callers whose requests another library signs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from mirrorfs.emulators.smugmug import Server, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mirrorfs.emulators.smugmug.state import State
    from mirrorfs.emulators.smugmug.values import Album, Image, Node, User

    Emulate = Callable[..., "Caller"]

JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Caller:
    """The account's owner, asking through an application."""

    server: Server
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def state(self) -> State:
        return self.server.state

    @property
    def user(self) -> User:
        return self.state.user("demo")

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**JSON, **options.pop("headers", {})}
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.server.api + path, headers=headers, **options)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Give a whole reply; magic parameters are named with their underscore."""
        if "_config" in params:
            params["_config"] = json.dumps(params["_config"])
        answer = self.call("GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, path: str, **params: Any) -> Any:
        """Give what stands under the locator; None where there is nothing."""
        response = self.get(path, **params)["Response"]
        return response.get(response["Locator"])

    def status(self, path: str, **params: Any) -> int:
        return self.call("GET", path, params=params).status_code

    def visitor(self) -> Caller:
        """Somebody who asks with an API key alone."""
        session = requests.Session()
        session.params = {"APIKey": "key"}
        return Caller(self.server, session)

    def add_node(self, type_: Any = "Folder", name: str = "Folder", **fields: Any) -> Node:
        parent = fields.pop("parent", self.user.root)
        return self.state.create_node(parent, type_, name, **{"privacy": "Public", **fields})

    def add_album(self, name: str = "Album", **fields: Any) -> Album:
        node = self.add_node("Album", name, **fields)
        return self.state.album(node.album_key or "")

    def add_image(self, album: Album, name: str = "a.jpg", **fields: Any) -> Image:
        body = fields.pop("body", b"bytes")
        return self.state.add_image(album.album_key, name, body, **fields)


def signing(server: Server, **names: Any) -> OAuth1Session:
    given = {"client_key": "key", "client_secret": "secret", "resource_owner_key": "token"}
    return OAuth1Session(**{**given, "resource_owner_secret": "token-secret", **names})


@pytest.fixture
def emulate() -> Iterator[Emulate]:
    servers: list[Server] = []

    def start(**settings: Any) -> Caller:
        server = Server(Settings(**settings)).start()
        servers.append(server)
        return Caller(server, signing(server))

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def owner(emulate: Emulate) -> Caller:
    return emulate()
