"""Sessions: redirects, and who is shown a signature."""

from __future__ import annotations

import pytest
import requests
from requests.auth import AuthBase

from mirrorfs.core.errors import BadAnswer
from mirrorfs.net.session import Manners, Request, Sessions
from tests.core.fakes import FakeClock
from tests.net.server import Asked, Reply, serve


class Signature(AuthBase):
    """Signs the address that it was made for."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["Authorization"] = f"for {self._url}"
        return prepared


def sign_here(base: str) -> Manners:
    return Manners(sign=lambda url: Signature(url) if url.startswith(base) else None)


def to(url: str, status: int = 302) -> Reply:
    return Reply(status, b"", {"Location": url})


def test_each_redirect_is_signed_for_where_it_leads() -> None:
    def script(asked: Asked) -> Reply:
        return Reply(200, b"there") if asked.path == "/there" else to("/there", 301)

    with serve(script) as running:
        base = running.url.partition("/file")[0]
        answer = Sessions(FakeClock(), sign_here(base)).get(running.url, {"Range": "bytes=0-4"})
        assert answer.content == b"there"
        signed = [asked.headers["Authorization"] for asked in running.asked]
    assert signed == [f"for {running.url}", f"for {base}/there"]
    assert running.asked[1].headers["Range"] == "bytes=0-4"


def test_another_host_is_shown_nothing() -> None:
    with serve(lambda _: Reply(200, b"x")) as other, serve(lambda _: to(other.url)) as running:
        base = running.url.partition("/file")[0]
        assert Sessions(FakeClock(), sign_here(base)).get(running.url, {}).content == b"x"
    assert "Authorization" not in other.asked[0].headers


def test_circles_end() -> None:
    with serve(lambda _: to("/file")) as running, pytest.raises(BadAnswer):
        Sessions(FakeClock()).get(running.url, {})
    assert len(running.asked) == 6


def test_an_address_that_is_none_is_no_answer() -> None:
    with serve(lambda _: to("gopher://x/")) as running, pytest.raises(BadAnswer):
        Sessions(FakeClock()).get(running.url, {})


def test_send_gives_whatever_was_answered() -> None:
    with serve(lambda _: Reply(418, b"teapot")) as running:
        answer = Sessions(FakeClock()).send(Request("GET", running.url))
        assert (answer.status_code, answer.content) == (418, b"teapot")
