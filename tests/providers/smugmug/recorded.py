"""Replies of the service, recorded, and a server that gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mirrorfs.net.patience import Patience
from mirrorfs.providers.smugmug.api import Api
from mirrorfs.providers.smugmug.credentials import Credentials
from mirrorfs.providers.smugmug.line import Line
from tests.core.fakes import FakeClock
from tests.net.server import Asked, Reply, Script

FOLDER = Path(__file__).parent / "recorded"


def recorded(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def answer(data: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(data).encode(), {"Content-Type": "application/json", **headers})


def refuse(status: int, message: str = "No", **headers: str) -> Reply:
    return answer({"Code": status, "Message": message}, status, **headers)


def by_path(replies: dict[str, Reply | Callable[[dict[str, str]], Reply]]) -> Script:
    """Answer by path; a function is given the query."""

    def script(asked: Asked) -> Reply:
        parts = urlsplit(asked.path)
        found = replies.get(parts.path, refuse(404, "Not Found"))
        return found(dict(parse_qsl(parts.query))) if callable(found) else found

    return script


def open_api(url: str, *, token: str = "the-token", tries: int = 1) -> Api:
    base = url.partition("/file")[0]
    credentials = Credentials(
        "key", "key-secret", token, "token-secret", base, "" if token else "nick"
    )
    return Api(Line(credentials, FakeClock()), Patience(tries))
