"""The API: signatures, envelopes, pages, redirects, and what each refusal means."""

from __future__ import annotations

import time

import pytest

from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Denied,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.providers.smugmug.signing import is_own
from tests.net.server import Asked, Reply, serve
from tests.providers.smugmug.recorded import answer, by_path, open_api, recorded, refuse

NODE = "/api/v2/node/zx4Fx"


def test_a_recorded_node() -> None:
    with serve(by_path({NODE: answer(recorded("node_zx4Fx"))})) as running:
        node = open_api(running.url).get(NODE).one("Node")
    assert node["NodeID"] == "zx4Fx"
    said = running.asked[0].headers["Authorization"]
    assert said.startswith("OAuth ")
    assert 'oauth_signature_method="HMAC-SHA1"' in said


def test_recorded_pages_are_followed_to_their_end_with_the_same_filters() -> None:
    def children(query: dict[str, str]) -> Reply:
        page = 2 if query.get("start") == "11" else 1
        return answer(recorded(f"node_children_zx4Fx_page_{page}"))

    with serve(by_path({f"{NODE}!children": children})) as running:
        api = open_api(running.url)
        pages = list(api.pages(f"{NODE}!children", {"count": 500, "_verbosity": 1}))
    assert sum(len(page.many("Node")) for page in pages) == 19
    assert "count=500" in running.asked[0].path
    assert "start=11&count=10&_verbosity=1" in running.asked[1].path


def test_a_key_alone_is_shown_and_not_signed() -> None:
    with serve(by_path({NODE: answer(recorded("node_zx4Fx"))})) as running:
        open_api(running.url, token="").get(NODE)
    assert "APIKey=key" in running.asked[0].path
    assert "Authorization" not in running.asked[0].headers


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (refuse(401, "oauth_problem%3Dtoken_revoked"), Denied, "oauth_problem=token_revoked"),
        (refuse(401, "oauth_problem=timestamp_refused"), Denied, "clock"),
        (refuse(403, "Forbidden"), Denied, "403"),
        (refuse(404, "Not Found"), NotFound, "404"),
        (refuse(409, "Conflict"), AlreadyExists, "Conflict"),
        (refuse(400, "Bad Request"), Unsupported, "Bad Request"),
        (refuse(429, "Slow down", **{"Retry-After": "30"}), RateLimited, "429"),
        (refuse(420, "Slow down", **{"Retry-After": "30"}), RateLimited, "420"),
        (Reply(420, b"<html>no</html>"), RateLimited, "420"),
        (refuse(503, "Down"), Unavailable, "503"),
        (Reply(404, b"<html>no</html>"), BadAnswer, "404"),
        (Reply(200, b"<html>hello</html>"), Unavailable, "Something else than SmugMug answered"),
        (Reply(200, b""), Unavailable, "is empty"),
        (Reply(200, b"[]"), BadAnswer, "no Response"),
        (answer({"Response": {"Locator": "Node"}}), BadAnswer, "no Node"),
    ],
)
def test_refusals(reply: Reply, error: type[MirrorError], says: str) -> None:
    with serve(lambda _: reply) as running, pytest.raises(error, match=says):
        open_api(running.url).get(NODE).one("Node")


def test_a_revoked_token_names_the_next_step_and_no_secret() -> None:
    reply = refuse(401, "oauth_problem=token_revoked token-secret key-secret")
    with serve(lambda _: reply) as running, pytest.raises(Denied) as error:
        open_api(running.url).get(NODE)
    assert error.value.hint == "Run: mirrorfs login smugmug"
    assert "secret" not in error.value.message


def test_what_is_wrong_with_a_parameter_is_said() -> None:
    told = {"PATCH": [{"Name": "UrlName", "Problems": ["must start with a capital letter"]}]}
    data = {"Code": 400, "Message": "Bad Request", "Options": {"Parameters": told}}
    with serve(lambda _: answer(data, 400)) as running, pytest.raises(Unsupported, match="capital"):
        open_api(running.url).get(NODE)


def test_the_remaining_calls_are_told_and_none_is_made_when_there_are_none() -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 60)}
    with serve(lambda _: answer(recorded("node_zx4Fx"), **headers)) as running:
        api = open_api(running.url)
        api.get(NODE)
        with pytest.raises(RateLimited):
            api.get(NODE)
        assert api.line.quota.usage().remaining == 0
    assert len(running.asked) == 1


def test_an_object_that_moved_is_asked_for_again_with_a_new_signature() -> None:
    moved = Reply(301, b"", {"Location": f"{NODE}?x=1"})
    replies = {"/api/v2/node/old": moved, NODE: answer(recorded("node_zx4Fx"))}
    with serve(by_path(replies)) as running:
        assert open_api(running.url).get("/api/v2/node/old").one("Node")["NodeID"] == "zx4Fx"
    first, second = (asked.headers["Authorization"] for asked in running.asked)
    assert first != second


def test_no_other_service_is_shown_a_signature() -> None:
    moved = Reply(302, b"", {"Location": "http://localhost:9/api/v2/node/zx4Fx"})
    with serve(lambda _: moved) as running, pytest.raises(BadAnswer, match="another service"):
        open_api(running.url).get(NODE)
    assert is_own("https://photos.smugmug.com/x", "https://api.smugmug.com")
    assert not is_own("http://photos.smugmug.com/x", "https://api.smugmug.com")
    assert not is_own("https://smugmug.com.evil.example/x", "https://api.smugmug.com")
    assert not is_own("https://notsmugmug.com/x", "https://api.smugmug.com")
    assert not is_own("https://x@evil.example/smugmug.com", "https://api.smugmug.com")
    assert not is_own("https://evil.example\\@photos.smugmug.com/x", "https://api.smugmug.com")
    assert not is_own("https://[bad", "https://api.smugmug.com")
    assert not is_own("https://photos.smugmug.com:abc/x", "https://api.smugmug.com")
    assert is_own("http://[::1]:80/x", "http://[::1]:80")


def test_pages_that_do_not_follow_each_other_are_no_list() -> None:
    def page(asked: Asked) -> Reply:
        data = recorded("node_children_zx4Fx_page_1")
        return answer(data)

    with serve(page) as running, pytest.raises(BadAnswer, match="begins at 1 instead of 11"):
        list(open_api(running.url).pages(f"{NODE}!children", {}))


def test_a_missing_list_is_empty_only_where_it_is_a_list() -> None:
    empty = {"Response": {"Locator": "Node", "LocatorType": "Objects", "Uri": NODE}, "Code": 200}
    with serve(lambda _: answer(empty)) as running:
        assert open_api(running.url).get(NODE).many("Node") == []
    with serve(lambda _: answer({"Response": {}})) as running, pytest.raises(BadAnswer):
        open_api(running.url).get(NODE).many("Node")


def test_questions_are_asked_again() -> None:
    with serve(lambda _: refuse(503)) as running:
        api = open_api(running.url, tries=4)
        with pytest.raises(Unavailable):
            api.get(NODE)
        assert len(running.asked) == 4
