"""Signing in with OAuth 1.0a, against the emulator's endpoints."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from mirrorfs.core.errors import Denied, Expired, Unavailable, WrongCode
from mirrorfs.emulators.smugmug import Server, Settings
from mirrorfs.net.oauth import Application, Walk
from tests.net.server import Reply, serve
from tests.vfs.fakes import FakeClock

PATHS = ("getRequestToken", "authorize", "getAccessToken")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Settings(token="")) as server:
        yield server


def application(server: Server, secret: str = "secret", path: str = "") -> Application:
    paths = (path or PATHS[0], *PATHS[1:])
    return Application("SmugMug", server.oauth, paths, "key", secret, 300.0)


def begun(server: Server, clock: FakeClock) -> tuple[Walk, str]:
    """Return a walk, and the code that the user is shown."""
    walk = Walk(application(server), {"Access": "Full", "Permissions": "Add"}, clock)
    (token,) = parse_qs(urlsplit(walk.url).query)["oauth_token"]
    return walk, server.access.consent(token, "demo", "Full", "Add").verifier


def test_a_walk_ends_with_a_token_that_is_good(server: Server) -> None:
    walk, code = begun(server, FakeClock())
    asked = parse_qs(urlsplit(walk.url).query)
    assert (asked["Access"], asked["Permissions"]) == (["Full"], ["Add"])
    token, secret = walk.finish(code)
    assert server.access.token(token).secret == secret


def test_after_five_minutes_nothing_is_asked_any_more(server: Server) -> None:
    clock = FakeClock()
    walk, code = begun(server, clock)
    clock.sleep(301)
    with pytest.raises(Expired):
        walk.finish(code)


def test_a_wrong_code_and_a_used_one(server: Server) -> None:
    walk, code = begun(server, FakeClock())
    with pytest.raises(WrongCode):
        walk.finish(f"{(int(code) + 1) % 1_000_000:06}")
    with pytest.raises(Expired):
        walk.finish(code)


def test_a_wrong_secret_is_not_told(server: Server) -> None:
    with pytest.raises(Denied, match="secret") as caught:
        Walk(application(server, "wrong-77"), {}, FakeClock())
    assert "wrong-77" not in str(caught.value)


def test_an_address_that_is_none_of_it(server: Server) -> None:
    with pytest.raises(Denied, match="404"):
        Walk(application(server, path="nothing"), {}, FakeClock())


def test_nobody_there(server: Server) -> None:
    known = application(server)
    server.stop()
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        Walk(known, {}, FakeClock())
    assert "secret" not in str(caught.value).replace("secrets", "")


def test_secrets_are_in_no_repr(server: Server) -> None:
    assert "'secret'" not in repr(application(server))


def test_an_answer_that_sends_nowhere() -> None:
    nowhere = Reply(302, headers={"Location": "http://[::1"})
    with serve(lambda _: nowhere) as running:
        asks = Application("SmugMug", running.url, ("r", "a", "g"), "key", "secret", 300.0)
        with pytest.raises(Unavailable):
            Walk(asks, {}, FakeClock())
