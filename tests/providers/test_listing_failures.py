"""Whatever goes wrong while listing: an error, never an empty or a short listing."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.errors import BadAnswer, Denied, MirrorError, RateLimited, Unavailable
from mirrorfs.core.paths import ROOT, parse
from mirrorfs.emulators.cloudinary import Settings
from mirrorfs.net.patience import Patience
from mirrorfs.providers import cloudinary
from tests.core.fakes import FakeClock
from tests.providers.cloud import Cloud, run

SEARCH = "/resources/search"
FOREVER: dict[str, Any] = {"times": None}


@pytest.fixture(scope="module", params=["dynamic", "fixed"])
def account(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    with run(Settings(folder_mode=request.param, hourly_limit=5000)) as running:
        items = [{"path": f"a/{n:04}.txt", "size": 10, "uploaded_at": 1e9} for n in range(1100)]
        running.seed(*items)
        yield running


@pytest.fixture
def cloud(account: Cloud) -> Iterator[Cloud]:
    """The account as it was, with a provider that knows nothing yet."""
    account.provider = account.again()
    account.forget()
    yield account
    account.heal()
    account.provider.close()


FAILURES = [
    pytest.param({"status": 400}, BadAnswer, id="400"),
    pytest.param({"status": 401, "html": "<h1>Unauthorized</h1>"}, Denied, id="html-401"),
    pytest.param({"status": 403}, Denied, id="403"),
    pytest.param({"status": 404, "body": {"error": {"message": "no"}}}, BadAnswer, id="404"),
    pytest.param({"status": 404, "html": "<h1>404</h1>"}, BadAnswer, id="html-404"),
    pytest.param({"rate_limit": {"reset": 4_000_000_000}}, RateLimited, id="420"),
    pytest.param({"status": 500}, Unavailable, id="500"),
    pytest.param({"status": 503, "html": "<h1>Down</h1>"}, Unavailable, id="html-503"),
    pytest.param({"status": 200, "html": "<h1>Log in</h1>"}, Unavailable, id="html-200"),
    pytest.param({"status": 200, "body": []}, BadAnswer, id="list"),
    pytest.param({"status": 200, "body": {}}, BadAnswer, id="empty-object"),
    pytest.param({"status": 200, "body": ""}, Unavailable, id="no-body"),
    pytest.param({"status": 200, "body": {"resources": []}}, BadAnswer, id="no-total"),
    pytest.param(
        {"status": 200, "body": {"resources": None, "total_count": 1100}}, BadAnswer, id="null"
    ),
    pytest.param({"status": 200, "body": {"error": {"message": "no"}}}, BadAnswer, id="error-200"),
    pytest.param({"drop_connection": True}, Unavailable, id="dropped"),
    pytest.param({"truncate_body_to": 100}, Unavailable, id="truncated"),
    pytest.param({"null_cursor": True}, BadAnswer, id="null-cursor"),
]


@pytest.mark.parametrize("after", [0, 1], ids=["first-page", "second-page"])
@pytest.mark.parametrize(("action", "error"), FAILURES)
def test_a_page_that_fails(
    cloud: Cloud, action: dict[str, Any], error: type[MirrorError], after: int
) -> None:
    for ask in (cloud.again().scan, cloud.again().scandir):
        cloud.fault(SEARCH, action, after=after, times=None)
        with pytest.raises(error):
            ask(parse("a"))
        cloud.heal()


@pytest.mark.parametrize("path", ["/folders/search", "/config", "/folders"])
@pytest.mark.parametrize(
    "action",
    [{"status": 500}, {"status": 400}, {"html": "x", "status": 200}, {"status": 200, "body": {}}],
)
def test_a_call_beside_the_search_that_fails(
    cloud: Cloud, path: str, action: dict[str, Any]
) -> None:
    cloud.fault(path, action, **FOREVER)
    ask = cloud.provider.scan if "search" in path else cloud.provider.scandir
    with pytest.raises(MirrorError):
        ask(ROOT)


@pytest.mark.parametrize(
    "action",
    [
        {"drop_connection": True},
        {"status": 200, "html": "<h1>Log in</h1>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": '{"resources": [{"public_id": "a'},
    ],
)
def test_one_hiccup_is_survived(cloud: Cloud, action: dict[str, Any]) -> None:
    cloud.fault(SEARCH, action, after=1)
    assert len(cloud.provider.scan(ROOT).entries) >= 1101


def test_a_page_of_the_network_in_between_is_told_in_a_sentence(cloud: Cloud) -> None:
    cloud.fault(SEARCH, {"status": 200, "html": "<h1>Log in</h1>"}, **FOREVER)
    with pytest.raises(Unavailable) as caught:
        cloud.provider.scan(ROOT)
    assert str(caught.value) == (
        "Something else than Cloudinary answered: a page, not data. "
        "Is a login page of the network in between?"
    )


def test_the_root_costs_a_call_for_each_500(cloud: Cloud) -> None:
    cloud.provider.scan(ROOT)
    assert len(cloud.asked(SEARCH)) == 3
    assert cloud.provider.usage().calls == 5
    assert cloud.provider.usage().limit == 5000


@pytest.mark.parametrize("action", [{"status": 500}, {"html": "x", "status": 200}])
def test_changes_that_cannot_be_asked_for(cloud: Cloud, action: dict[str, Any]) -> None:
    cursor = cloud.provider.scan(ROOT).cursor
    cloud.seed(*({"path": f"a/{n:04}.txt", "size": 10} for n in range(600)))
    cloud.fault(SEARCH, action, **FOREVER)
    with pytest.raises(MirrorError):
        cloud.provider.changes(cursor)


def test_something_added_between_two_pages(cloud: Cloud) -> None:
    search = cloud.provider._parts.catalogue._api.search
    calls = []

    def adding(query: Any) -> Any:
        answer = search(query)
        if not calls:
            cloud.seed({"path": "a/0000-new.txt", "size": 3})
        calls.append(query)
        return answer

    cloud.provider._parts.catalogue._api.search = adding  # type: ignore[method-assign]
    assert "a/0000-new.txt" in cloud.provider.scan(ROOT).entries
    assert len(calls) > 3


def test_something_that_is_added_all_the_time(cloud: Cloud) -> None:
    search = cloud.provider._parts.catalogue._api.search
    calls = []

    def adding(query: Any) -> Any:
        answer = search(query)
        calls.append(query)
        cloud.seed({"path": f"a/new{len(calls)}.txt", "size": 3})
        return answer

    cloud.provider._parts.catalogue._api.search = adding  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="kept changing"):
        cloud.provider.scan(ROOT)
    assert len(calls) < 12


def test_the_quota_is_not_asked_twice(cloud: Cloud) -> None:
    cloud.fault(SEARCH, {"rate_limit": {"reset": int(time.time()) + 900}})
    with pytest.raises(RateLimited) as caught:
        cloud.provider.scan(ROOT)
    assert 800 < caught.value.retry_at - time.time() < 903
    cloud.forget()
    with pytest.raises(RateLimited):
        cloud.provider.scan(ROOT)
    assert cloud.asked("/v1_1/") == []


def test_a_command_waits_for_the_quota(cloud: Cloud) -> None:
    clock, told = FakeClock(time.time()), list[float]()
    reset = int(time.time()) + 900
    cloud.fault(SEARCH, {"rate_limit": {"reset": reset}})
    provider = cloud.again(patience=Patience(notice=told.append), clock=clock)
    assert len(provider.scan(ROOT).entries) >= 1101
    assert reset <= told[0] < reset + 3


def test_wrong_secrets_are_denied_and_not_told(cloud: Cloud) -> None:
    wrong = replace(cloud.credentials, api_secret="very-secret")
    with pytest.raises(Denied) as caught:
        cloudinary.open(wrong, SystemClock(), Patience()).scan(ROOT)
    assert "very-secret" not in str(caught.value)


def test_a_clock_that_is_wrong_is_named(cloud: Cloud) -> None:
    text = (
        "Stale request - reported time is 2024-04-11 13:23:38 +0000 which is more than 1 hour ago"
    )
    cloud.fault("/upload$", {"status": 400, "body": {"error": {"message": text}}})
    with pytest.raises(Denied, match="clock"):
        cloud.put("x.txt", b"data")


def test_a_search_that_finds_nothing_is_not_believed(cloud: Cloud) -> None:
    cloud.fault(SEARCH, {"status": 200, "body": {"resources": [], "total_count": 0}}, **FOREVER)
    with pytest.raises(BadAnswer, match="though there are files"):
        cloud.provider.scan(ROOT)


def test_an_account_that_is_empty() -> None:
    with run(Settings()) as cloud:
        assert not cloud.provider.scan(ROOT).entries
