"""A listing is whole or an error, whatever the service does on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from mirrorfs.core.errors import BadAnswer, Denied, MirrorError, RateLimited, Unavailable
from mirrorfs.core.paths import ROOT, RemotePath
from mirrorfs.net.patience import Patience
from mirrorfs.providers.smugmug.account import Account as Whose
from mirrorfs.providers.smugmug.listing import Lister
from mirrorfs.providers.smugmug.probes import Probes
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from mirrorfs.providers.smugmug.records import Album
from tests.core.fakes import FakeClock
from tests.net.server import Reply, Script, serve
from tests.providers.smugmug.account import Account, serving, today, tree
from tests.providers.smugmug.recorded import answer, by_path, open_api, recorded

IMAGES = "/api/v2/album/HZMsPf!images"
SECOND = r"!images.*start="


@pytest.fixture
def long(account: Account) -> Account:
    """An album of three pages, the largest of which is all that comes along."""
    album = account.album("Long")
    for number in range(250):
        account.photo(album, f"{number:03}.jpg", f"{number}".encode())
    return account


def files(provider: SmugmugProvider) -> int:
    return sum(not entry.is_folder for entry in tree(provider).values())


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ({"status": 503, "body": {"Code": 503}}, Unavailable),
        ({"status": 500, "html": "<html>oops</html>"}, Unavailable),
        ({"status": 200, "html": "<html>Sign in</html>"}, Unavailable),
        ({"status": 200, "body": ""}, Unavailable),
        ({"status": 200, "body": {"Response": {}}}, BadAnswer),
        ({"status": 200, "body": []}, BadAnswer),
        ({"oauth_problem": "token_revoked"}, Denied),
        ({"rate_limit": {"retry_after": 30}}, RateLimited),
        ({"status": 404, "body": {"Code": 404, "Message": "Not Found"}}, BadAnswer),
        ({"drop_next_page": True}, BadAnswer),
        ({"truncate_body_to": 2000}, Unavailable),
        ({"drop_connection": True}, Unavailable),
        ({"moved": "/api/v2/album/nothing!images"}, BadAnswer),
    ],
)
def test_a_second_page_that_fails(
    long: Account, action: dict[str, object], error: type[MirrorError]
) -> None:
    provider = long.open()
    long.fail(SECOND, action, times=None)
    with pytest.raises(error):
        provider.scan(ROOT)
    with pytest.raises(error):
        provider.scandir(RemotePath("Long"))
    long.server.service.faults.clear()


@pytest.mark.parametrize(
    "action",
    [
        {"status": 503, "body": {}},
        {"status": 200, "html": "<html>Sign in</html>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": '{"Response": {"Uri'},
    ],
)
def test_a_failure_that_passes_is_not_noticed(long: Account, action: dict[str, object]) -> None:
    provider = long.open()
    long.fail(SECOND, action, times=2)
    assert files(provider) == 250


@pytest.mark.parametrize("status", [400, 504])
def test_an_answer_that_is_too_large_for_the_service_is_asked_for_in_parts(
    long: Account, status: int
) -> None:
    refusal = {"status": status, "body": {"Code": status, "Message": "Too much"}}
    long.fail("!children.*AlbumImages", refusal, times=None)
    assert files(long.open()) == 250


def test_a_token_that_is_revoked_on_the_way_names_the_next_step(long: Account) -> None:
    provider = long.open()
    provider.scan(ROOT)
    long.server.access.revoke(long.server.settings.token)
    with pytest.raises(Denied) as error:
        provider.scan(ROOT)
    assert error.value.hint == "Run: mirrorfs login smugmug"
    assert long.server.settings.token_secret not in str(error.value)


def test_after_a_429_nobody_asks_before_its_time(long: Account) -> None:
    provider = long.open()
    long.fail("/api/", {"rate_limit": {"retry_after": 40}}, times=None)
    with pytest.raises(RateLimited) as error:
        provider.scan(ROOT)
    asked = len(long.calls)
    for _ in range(20):
        with pytest.raises(RateLimited):
            provider.scan(ROOT)
    assert len(long.calls) == asked
    assert provider.usage().resets_at == pytest.approx(error.value.retry_at, abs=2)


def test_who_has_patience_waits_for_the_window_to_end(long: Account) -> None:
    clock, told = FakeClock(today()), list[float]()
    provider = long.open(clock, Patience(tries=2, pause=0.001, notice=told.append))
    long.fail("!images", {"rate_limit": {"retry_after": 40}}, times=3)
    assert files(provider) == 250
    assert len(told) == 3
    assert all(35 < seconds < 45 for seconds in clock.slept)


def test_an_album_that_grows_while_it_is_listed_is_listed_again(long: Account) -> None:
    added = threading.Event()
    album = next(iter(long.state.albums("demo")))
    note = long.server.service.journal.add

    def grow(method: str, path: str, status: int) -> None:
        note(method, path, status)
        if "start=" in path and not added.is_set():
            added.set()
            long.later()
            long.state.add_image(album.album_key, "000 new.jpg", b"new")

    long.server.service.journal.add = grow  # type: ignore[method-assign]
    assert files(long.open()) == 251
    assert added.is_set()


def test_an_album_that_never_rests_is_an_error(long: Account) -> None:
    album = next(iter(long.state.albums("demo")))
    note = long.server.service.journal.add

    def grow(method: str, path: str, status: int) -> None:
        note(method, path, status)
        if "!images" in path:
            long.state.add_image(album.album_key, "more.jpg", b"new")

    long.server.service.journal.add = grow  # type: ignore[method-assign]
    with pytest.raises(BadAnswer, match="changes while it is listed"):
        long.open().scan(ROOT)


def test_pages_whose_order_changes_are_put_together() -> None:
    with serving(shuffle_ties=True, largest_count=20) as account:
        album = account.album("One", album={"sort_method": "Date Uploaded"})
        for number in range(50):
            account.photo(album, f"{number}.jpg", f"{number}".encode(), uploaded=1.6e9)
        assert files(account.open()) == 50


def lister(url: str) -> Lister:
    api = open_api(url)
    return Lister(api, Whose(api), Probes(api.line, api.patience))


def pages_of(change: Callable[[int, dict[str, object]], None], count: int = 3) -> Script:
    """Serve an album of three in pages of two, each page's data changed first."""
    rows = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"][:3]

    def images(query: dict[str, str]) -> Reply:
        start = int(query.get("start", "1"))
        inside = rows[start - 1 : start + 1]
        pages: dict[str, object] = {"Total": 3, "Start": start, "Count": len(inside)}
        if start == 1:
            pages["NextPage"] = f"{IMAGES}?start=3&count=2"
        data: dict[str, object] = {"Locator": "AlbumImage", "AlbumImage": inside, "Pages": pages}
        change(start, data)
        return answer({"Response": data, "Code": 200})

    user = {"Response": {"User": {"NickName": "n", "Uris": {"Node": "/api/v2/node/r"}}}}
    album = {"AlbumKey": "HZMsPf", "Uri": "/api/v2/album/HZMsPf", "ImageCount": count}
    return by_path(
        {
            IMAGES: images,
            "/api/v2!authuser": answer(user),
            "/api/v2/album/HZMsPf": answer({"Response": {"Album": album}}),
        }
    )


def pages(data: dict[str, object]) -> dict[str, object]:
    found = data["Pages"]
    assert isinstance(found, dict)
    return found


def as_it_is(_start: int, _data: dict[str, object]) -> None: ...


def short(start: int, data: dict[str, object]) -> None:
    if start == 1:
        data["AlbumImage"] = data["AlbumImage"][:1]  # type: ignore[index]


def ends_early(start: int, data: dict[str, object]) -> None:
    pages(data).pop("NextPage", None)


def says_less(_start: int, data: dict[str, object]) -> None:
    pages(data).update(Total=2, NextPage="")


def says_more(_start: int, data: dict[str, object]) -> None:
    pages(data).update(Total=4)


def twice_the_same(start: int, data: dict[str, object]) -> None:
    if start == 3:
        rows = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"]
        data["AlbumImage"] = rows[:1]


def nothing(_start: int, data: dict[str, object]) -> None:
    data.pop("AlbumImage")


def no_pages(_start: int, data: dict[str, object]) -> None:
    data.pop("Pages")


def test_pages_as_they_should_be() -> None:
    with serve(pages_of(as_it_is)) as running:
        found = lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 3))
    assert len(found) == 3


@pytest.mark.parametrize(
    "change", [short, ends_early, says_less, says_more, twice_the_same, nothing, no_pages]
)
def test_pages_that_do_not_add_up(change: Callable[[int, dict[str, object]], None]) -> None:
    with serve(pages_of(change)) as running, pytest.raises(BadAnswer):
        lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 3))


def test_more_pictures_than_the_album_says_are_believed_the_second_time() -> None:
    with serve(pages_of(as_it_is, count=2)) as running:
        found = lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 2))
        assert len(found) == 3
        assert sum("start=" not in asked.path for asked in running.asked) >= 2


def test_an_empty_album_is_one_that_says_so() -> None:
    def empty(_start: int, data: dict[str, object]) -> None:
        data.pop("AlbumImage")
        data["Pages"] = {"Total": 0, "Start": 1, "Count": 0}

    with serve(pages_of(empty)) as running:
        assert lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 0)) == ()
        with pytest.raises(BadAnswer):
            lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 3))


def replaced_meanwhile(start: int, data: dict[str, object]) -> None:
    if start == 3:
        row = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"][0]
        uri, _, serial = row["Uri"].rpartition("-")
        data["AlbumImage"] = [{**row, "Uri": f"{uri}-{int(serial) + 1}"}]


def two_of_one_key(start: int, data: dict[str, object]) -> None:
    if start == 3:
        rows = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"]
        data["AlbumImage"] = [{**rows[2], "ImageKey": rows[0]["ImageKey"]}]


def goes_on(start: int, data: dict[str, object]) -> None:
    rows = recorded("images_WpK3n2_expansions")["Response"]["AlbumImage"]
    data["AlbumImage"] = rows[:2]
    pages(data).update(Count=2, NextPage=f"{IMAGES}?start={start + 2}&count=2")


@pytest.mark.parametrize("change", [replaced_meanwhile, two_of_one_key, goes_on])
def test_pages_that_add_up_to_less_than_they_seem(
    change: Callable[[int, dict[str, object]], None],
) -> None:
    with serve(pages_of(change)) as running, pytest.raises(BadAnswer):
        lister(running.url).images(Album("HZMsPf", "/api/v2/album/HZMsPf", 3))


def test_a_429_that_asks_for_days_is_waited_for_an_hour(long: Account) -> None:
    clock = FakeClock(today())
    provider = long.open(clock)
    long.fail("/api/", {"rate_limit": {"retry_after": 100_000}}, times=1)
    for _ in range(3):
        with pytest.raises(RateLimited) as error:
            provider.scan(ROOT)
        assert provider.usage().calls == 1
    assert 3600 <= error.value.retry_at - clock.now() <= 4000
    clock.sleep(4000)
    assert files(provider) == 250


@pytest.mark.parametrize("wait", ["9" * 400, "9" * 5000, "\u00b2", "-5", "Fri, 99 Foo"])
def test_a_429_that_makes_no_sense(long: Account, wait: str) -> None:
    provider = long.open()
    long.fail("/api/", {"status": 429, "body": {}, "headers": {"Retry-After": wait}})
    with pytest.raises(RateLimited):
        provider.scan(ROOT)


@pytest.mark.parametrize("there", ["http://[::1", "https://photos.smugmug.com:x/", "file:///x"])
def test_redirects_that_lead_nowhere(long: Account, there: str) -> None:
    provider = long.open()
    entry = next(entry for entry in tree(provider).values() if not entry.is_folder)
    long.fail("", {"moved": there}, times=None)
    with pytest.raises(BadAnswer):
        provider.scan(ROOT)
    with pytest.raises(BadAnswer):
        b"".join(provider.read(entry))


def test_json_that_is_too_deep(long: Account) -> None:
    long.fail("/api/", {"status": 200, "html": "[" * 200_000}, times=None)
    with pytest.raises(BadAnswer):
        long.open().scan(ROOT)


def nothing_below() -> dict[str, object]:
    pages = {"Total": 0, "Start": 1, "Count": 0}
    return {"status": 200, "body": {"Response": {"Locator": "Node", "Pages": pages}, "Code": 200}}


@pytest.mark.parametrize("where", ["root", "inside"])
def test_a_folder_that_lists_nothing_is_empty_only_if_it_says_so(long: Account, where: str) -> None:
    folder = long.folder("Folder")
    long.photo(long.album("Inside", folder), "a.jpg")
    provider = long.open()
    assert files(provider) == 251
    lists = f"/node/{long.root if where == 'root' else folder.node_id}!children"
    long.fail(lists, nothing_below(), times=None)
    with pytest.raises(BadAnswer, match="lists none"):
        provider.scan(ROOT)
    with pytest.raises(BadAnswer, match="lists none"):
        long.open().scandir(RemotePath("Folder"))
    long.server.service.faults.clear()
    long.fail(lists, nothing_below())
    assert files(long.open()) == 251
