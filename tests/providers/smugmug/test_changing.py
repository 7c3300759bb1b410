"""Replacing, moving and removing: nothing is lost, whatever fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from mirrorfs.core import digest
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    BadAnswer,
    Changed,
    Denied,
    MirrorError,
    NotEmpty,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import parse
from mirrorfs.emulators.smugmug.keys import Token
from mirrorfs.emulators.smugmug.values import Image
from mirrorfs.providers.smugmug.provider import SmugmugProvider
from tests.providers.smugmug.account import Account, content, serving, tree
from tests.providers.smugmug.files import film, jpeg

UPLOAD = "^/upload/"
FOREVER: dict[str, Any] = {"times": None}
OLD, NEW, OTHER = jpeg(10), jpeg(200), jpeg(100)


class Late(BytesIO):
    """A file; when it is read to its end for the second time, something happens first."""

    def __init__(self, data: bytes, happens: Callable[[], object]) -> None:
        super().__init__(data)
        self._happens = happens
        self._ends = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if self.tell() == len(self.getbuffer()) and piece:
            self._ends += 1
            if self._ends == 2:
                self._happens()
        return piece


def put(
    provider: SmugmugProvider, path: str, data: bytes, replaces: Entry | None = None, body: Any = 0
) -> Entry:
    file = body or BytesIO(data)
    return provider.write(parse(path), file, size=len(data), modified=0, replaces=replaces)


def stored(account: Account) -> dict[str, bytes]:
    account.server.service.faults.clear()
    provider = account.open()
    found = tree(provider).values()
    return {one.path: content(provider, one) for one in found if not one.is_folder}


def image_of(account: Account, entry: Entry) -> Image:
    return account.state.image(entry.facts["image_key"])


@pytest.fixture
def provider(account: Account) -> SmugmugProvider:
    return account.open()


@pytest.fixture
def old(provider: SmugmugProvider) -> Entry:
    return put(provider, "a/x.jpg", OLD)


class TestReplacing:
    def test_the_picture_is_the_same_one(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.state.change_image(old.facts["image_key"], caption="Ours", keywords=("a", "b"))
        new = put(provider, "a/x.jpg", NEW, old)
        image = image_of(account, new)
        assert (new.id, image.serial, image.hidden) == (old.id, 1, False)
        assert (image.caption, image.keywords) == ("Ours", ("a", "b"))
        assert stored(account) == {"a/x.jpg": NEW}

    @pytest.mark.parametrize("after", [0, 1])
    @pytest.mark.parametrize(
        "action",
        [
            {"drop_connection": True},
            {"upload_failure": {"code": 5, "message": "system error"}},
            {"upload_failure": {"code": 6, "message": "wrong format"}},
            {"status": 200, "html": "<p>Oops</p>"},
            {"conflict": True},
        ],
        ids=["cut", "error", "format", "page", "conflict"],
    )
    def test_an_upload_fails(
        self,
        account: Account,
        provider: SmugmugProvider,
        old: Entry,
        action: dict[str, Any],
        after: int,
    ) -> None:
        account.fail(UPLOAD, action, after=after, **FOREVER)
        with pytest.raises(MirrorError) as caught:
            put(provider, "a/x.jpg", NEW, old)
        assert not isinstance(caught.value, Changed)
        assert stored(account) == {"a/x.jpg": OLD}
        assert provider.stat(old.path).revision == old.revision

    @pytest.mark.parametrize("after", [0, 1])
    def test_an_answer_is_lost(
        self, account: Account, provider: SmugmugProvider, old: Entry, after: int
    ) -> None:
        account.fail(UPLOAD, {"truncate_body_to": 0}, after=after)
        new = put(provider, "a/x.jpg", NEW, old)
        assert new.id == old.id
        assert stored(account) == {"a/x.jpg": NEW}

    def test_all_answers_are_lost(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail(UPLOAD, {"truncate_body_to": 0}, after=1, **FOREVER)
        put(provider, "a/x.jpg", NEW, old)
        assert stored(account) == {"a/x.jpg": NEW}

    def test_other_bytes_are_stored_in_its_place(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        replace_image = account.state.replace_image

        def spoil(key: str, _: Any, **fields: Any) -> Image:
            return replace_image(key, OTHER, **{**fields, "md5": digest.of(OTHER).value})

        account.state.replace_image = spoil  # type: ignore[method-assign]
        with pytest.raises(Changed, match="kept beside it") as caught:
            put(provider, "a/x.jpg", NEW, old)
        found = stored(account)
        assert found.pop("a/x.jpg") == OTHER
        ((path, kept),) = found.items()
        assert kept == NEW
        assert path.removeprefix("a/") in str(caught.value)
        assert account.open().stat(parse(path)).facts["hidden"] == "true"

    def test_the_calls_are_used_up_in_the_middle(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail(UPLOAD, {"rate_limit": {"retry_after": 60}}, after=1)
        with pytest.raises(RateLimited, match="stays there"):
            put(provider, "a/x.jpg", NEW, old)
        found = stored(account)
        assert found.pop("a/x.jpg") == OLD
        assert list(found.values()) == [NEW]

    def test_the_calls_are_used_up_before_it_is_proven(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        state, replace_image = account.state, account.state.replace_image
        waiting = {"rate_limit": {"retry_after": 0}}

        def damage(key: str, _: Any, **fields: Any) -> Image:
            account.fail(f"/image/{key}", waiting, method="GET")
            return replace_image(key, jpeg(66), **fields)

        state.replace_image = damage  # type: ignore[method-assign]
        with pytest.raises(Changed, match="not known whether"):
            put(provider, "a/x.jpg", NEW, old)
        assert NEW in stored(account).values()

    def test_a_service_that_stores_it_beside_the_old_one(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        state, album = account.state, old.facts["album_key"]

        def beside(_: str, body: Any, **fields: Any) -> Image:
            return state.add_image(album, "x.jpg", body, md5=fields.get("md5", ""))

        state.replace_image = beside  # type: ignore[method-assign]
        with pytest.raises(BadAnswer, match="as another picture"):
            put(provider, "a/x.jpg", NEW, old)
        assert sorted(stored(account).values()) == sorted([OLD, NEW])

    def test_the_copy_cannot_be_deleted(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail("/image/", {"status": 500}, method="DELETE", **FOREVER)
        with pytest.raises(Changed, match="second copy"):
            put(provider, "a/x.jpg", NEW, old)
        assert stored(account)["a/x.jpg"] == NEW

    def test_somebody_else_is_faster(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        key = old.facts["image_key"]
        body = Late(NEW, lambda: account.state.replace_image(key, OTHER))
        with pytest.raises(Changed):
            put(provider, "a/x.jpg", NEW, old, body)
        assert stored(account) == {"a/x.jpg": OTHER}

    def test_somebody_else_is_faster_between_two_tries(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        replace_image = account.state.replace_image
        account.fail(UPLOAD, {"upload_failure": {"code": 5, "message": "system error"}}, after=1)
        starts = 0

        class Body(BytesIO):
            """A file; while it is sent to the old one's place that changes."""

            def seek(self, at: int, whence: int = 0, /) -> int:
                nonlocal starts
                starts += 1
                if starts == 2:
                    replace_image(old.facts["image_key"], OTHER)
                return super().seek(at, whence)

        with pytest.raises(Changed):
            put(provider, "a/x.jpg", NEW, old, Body(NEW))
        assert stored(account)["a/x.jpg"] == OTHER

    def test_of_several_threads_one_wins(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        def replace(shade: int) -> str:
            try:
                return put(provider, "a/x.jpg", jpeg(shade), old).revision
            except Changed:
                return ""

        with ThreadPoolExecutor(4) as pool:
            won = [one for one in pool.map(replace, (20, 40, 60, 80)) if one]
        assert won == [account.open().stat(old.path).revision]
        assert set(stored(account)) == {"a/x.jpg"}

    def test_a_picture_that_is_in_other_albums_too(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        other = account.album("Best")
        account.state.collect_image(old.facts["image_key"], other.album_key or "")
        with pytest.raises(Unsupported, match="'Best'"):
            put(provider, "a/x.jpg", NEW, old)
        assert stored(account) == {"a/x.jpg": OLD, "Best/x.jpg": OLD}

    def test_an_account_that_has_each_name_once(self) -> None:
        with serving(refuse_duplicates=True) as account:
            provider = account.open()
            put(provider, "a/x.jpg", NEW, put(provider, "a/x.jpg", OLD))
            assert stored(account) == {"a/x.jpg": NEW}

    def test_a_description_that_cannot_be_set(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail("/image/", {"status": 500}, method="PATCH", **FOREVER)
        data = BytesIO(NEW)
        with pytest.raises(Changed, match="is stored"):
            provider.write(
                *(old.path, data), size=len(NEW), modified=0, replaces=old, facts={"title": "T"}
            )
        assert stored(account) == {"a/x.jpg": NEW}

    def test_a_video(self, account: Account, provider: SmugmugProvider) -> None:
        put(provider, "v.mp4", film())
        account.later(3600)
        old = account.open().stat(parse("v.mp4"))
        new = put(provider, "v.mp4", film(20_000), old)
        assert new.id == old.id
        account.later(3600)
        assert account.open().stat(parse("v.mp4")).revision != old.revision
        assert set(stored(account)) == {"v.mp4"}

    def test_what_would_be_called_otherwise(self, account: Account) -> None:
        album = account.album("Old")
        account.photo(album, "x.png", OLD, format="JPG")
        provider = account.open()
        entry = provider.stat(parse("Old/x.jpg"))
        with pytest.raises(Unsupported):
            put(provider, "Old/x.jpg", NEW, entry)
        assert stored(account) == {"Old/x.jpg": OLD}

    def test_a_token_that_may_only_add(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        settings = account.server.settings
        keys = (settings.token, settings.token_secret, settings.key, settings.nick)
        account.server.access.keep(Token(*keys, permissions="Add"))
        with pytest.raises(Denied, match="stays there"):
            put(provider, "a/x.jpg", NEW, old)
        assert stored(account)["a/x.jpg"] == OLD


class TestRemoving:
    def test_a_picture_that_is_in_other_albums_too(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        other = account.album("Best")
        account.state.collect_image(old.facts["image_key"], other.album_key or "")
        copy = account.open().stat(parse("Best/x.jpg"))
        for entry, elsewhere in ((old, "'Best'"), (copy, "'a'")):
            with pytest.raises(Unsupported, match=elsewhere):
                provider.remove(entry)
        assert stored(account) == {"a/x.jpg": OLD, "Best/x.jpg": OLD}

    def test_the_answer_is_lost(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail("/image/", {"truncate_body_to": 0}, method="DELETE")
        provider.remove(old)
        assert stored(account) == {}

    def test_the_connection_breaks(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail("/image/", {"drop_connection": True}, method="DELETE")
        with pytest.raises(Unavailable):
            provider.remove(old)
        assert stored(account) == {"a/x.jpg": OLD}

    def test_another_revision(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.state.replace_image(old.facts["image_key"], OTHER)
        with pytest.raises(Changed):
            provider.remove(old)
        assert stored(account) == {"a/x.jpg": OTHER}

    def test_a_folder_with_what_is_not_shown(
        self, account: Account, provider: SmugmugProvider
    ) -> None:
        folder = account.folder("F")
        account._node("Page", "About", folder, {})
        entry = account.open().stat(parse("F"))
        with pytest.raises(NotEmpty, match="not shown"):
            provider.remove(entry)
        assert account.state.node(folder.node_id)

    def test_a_folder_and_the_albums_that_make_it_up(
        self, account: Account, provider: SmugmugProvider
    ) -> None:
        provider.mkdir(parse("F/G"))
        one, two = put(provider, "F/x.jpg", OLD), put(provider, "F/G/y.jpg", NEW)
        for path in ("F", "F/G"):
            with pytest.raises(NotEmpty):
                provider.remove(provider.stat(parse(path)))
        provider.remove(one)
        provider.remove(two)
        provider.remove(provider.stat(parse("F/G")))
        provider.remove(provider.stat(parse("F")))
        assert tree(account.open()) == {}
        assert not account.state.albums(account.server.settings.nick)


class TestMoving:
    def test_all_that_belongs_to_it_goes_along(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.state.change_image(old.facts["image_key"], caption="Ours")
        moved = provider.rename(old, parse("b/c/x.jpg"))
        assert moved.path == "b/c/x.jpg"
        assert image_of(account, moved).caption == "Ours"
        assert stored(account) == {"b/c/x.jpg": OLD}

    def test_the_answer_is_lost(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        account.fail("!moveimages", {"truncate_body_to": 0})
        provider.rename(old, parse("b/x.jpg"))
        assert stored(account) == {"b/x.jpg": OLD}

    @pytest.mark.parametrize(
        ("action", "error"),
        [({"drop_connection": True}, Unavailable), ({"status": 200, "html": "?"}, Unavailable)],
    )
    def test_it_fails(
        self,
        account: Account,
        provider: SmugmugProvider,
        old: Entry,
        action: dict[str, Any],
        error: type[MirrorError],
    ) -> None:
        account.fail("!moveimages", action)
        with pytest.raises(error):
            provider.rename(old, parse("b/x.jpg"))
        assert stored(account) == {"a/x.jpg": OLD}

    def test_onto_what_somebody_else_put_there(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        there = put(provider, "b/y.jpg", OTHER)
        album = account.state.album(there.facts["album_key"])
        account.state.add_image(album.album_key, "x.jpg", NEW)
        with pytest.raises(AlreadyExists):
            provider.rename(old, parse("b/x.jpg"))
        assert stored(account) == {"a/x.jpg": OLD, "b/x.jpg": NEW, "b/y.jpg": OTHER}

    def test_names_cannot_change(
        self, account: Account, provider: SmugmugProvider, old: Entry
    ) -> None:
        for path in ("a/y.jpg", "b/y.jpg"):
            with pytest.raises(Unsupported, match="cannot change the name"):
                provider.rename(old, parse(path))
        assert set(tree(account.open())) == {"a", "a/x.jpg"}

    def test_twins_lose_their_mark(self, account: Account, provider: SmugmugProvider) -> None:
        album = account.album("T")
        account.photo(album, "x.jpg", OLD)
        account.later()
        account.photo(album, "x.jpg", NEW)
        names = [path for path in tree(account.open()) if "~" in path]
        provider.rename(account.open().stat(parse(names[0])), parse("U/x.jpg"))
        assert stored(account) == {"T/x.jpg": OLD, "U/x.jpg": NEW}
