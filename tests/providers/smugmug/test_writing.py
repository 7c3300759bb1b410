"""Storing new files: whatever fails, there is the right file once, or none."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, RawIOBase
from typing import Any

import pytest

from mirrorfs.core.clock import SystemClock
from mirrorfs.core.entry import Entry
from mirrorfs.core.errors import (
    AlreadyExists,
    Corrupt,
    Denied,
    MirrorError,
    NotFound,
    RateLimited,
    Unavailable,
    Unsupported,
)
from mirrorfs.core.paths import parse
from mirrorfs.emulators.smugmug import uploading
from mirrorfs.emulators.smugmug.keys import Token
from mirrorfs.net.patience import Patience
from mirrorfs.providers import smugmug
from mirrorfs.providers.smugmug import rules
from tests.providers.smugmug.account import Account, content, serving, tree
from tests.providers.smugmug.files import HEIC, film, jpeg

UPLOAD = "^/upload/"
FOREVER: dict[str, Any] = {"times": None}
NEW = jpeg(200)


class Body(RawIOBase):
    """A body that cannot seek."""

    def __init__(self, data: bytes) -> None:
        self._data = BytesIO(data)

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(size)

    def seekable(self) -> bool:
        return False


class Fickle(BytesIO):
    """A file that is another when it is read again."""

    def seek(self, at: int, whence: int = 0, /) -> int:
        self.getbuffer()[-1] = 0
        return super().seek(at, whence)


def put(account: Account, path: str, data: bytes = NEW, body: Any = None) -> Entry:
    file = body or BytesIO(data)
    return account.open().write(parse(path), file, size=len(data), modified=0)


def stored(account: Account) -> dict[str, bytes]:
    """Return path → bytes of all files."""
    account.server.service.faults.clear()
    provider = account.open()
    found = tree(provider).values()
    return {one.path: content(provider, one) for one in found if not one.is_folder}


def uploads(account: Account) -> int:
    paths = [one["path"] for one in account.server.service.journal.entries()]
    return sum(path.startswith("/upload/") for path in paths)


class TestTheConnectionBreaks:
    def test_after_the_file_arrived(self, account: Account) -> None:
        account.fail(UPLOAD, {"truncate_body_to": 0})
        entry = put(account, "a/x.jpg")
        assert entry.path == "a/x.jpg"
        assert stored(account) == {"a/x.jpg": NEW}
        assert uploads(account) == 1

    def test_before_the_file_arrived(self, account: Account) -> None:
        account.fail(UPLOAD, {"drop_connection": True})
        put(account, "x.jpg")
        assert stored(account) == {"x.jpg": NEW}
        assert uploads(account) == 2

    def test_every_time(self, account: Account) -> None:
        account.fail(UPLOAD, {"drop_connection": True}, **FOREVER)
        with pytest.raises(Unavailable):
            put(account, "x.jpg")
        assert stored(account) == {}

    def test_and_the_file_is_listed_late(self, account: Account) -> None:
        empty = {"Total": 0, "Start": 1, "Count": 0, "RequestedCount": 100}
        response = {"Locator": "AlbumImage", "LocatorType": "Objects", "Pages": empty}
        account.fail(UPLOAD, {"truncate_body_to": 0})
        nothing = {"status": 200, "body": {"Response": response, "Code": 200}}
        account.fail("!images.*FileNames", nothing, times=2)
        put(account, "x.jpg")
        assert uploads(account) == 2
        assert stored(account) == {"x.jpg": NEW}

    def test_when_an_album_was_made(self, account: Account) -> None:
        account.fail("!children", {"truncate_body_to": 0}, times=3, method="POST")
        put(account, "a/b/x.jpg")
        assert set(tree(account.open())) == {"a", "a/b", "a/b/x.jpg"}


class TestAtTheSameTime:
    def test_threads_that_write_one_file(self, account: Account) -> None:
        provider = account.open()

        def write(shade: int) -> str:
            data = jpeg(shade)
            try:
                body = BytesIO(data)
                return provider.write(parse("a/x.jpg"), body, size=len(data), modified=0).revision
            except AlreadyExists:
                return ""

        with ThreadPoolExecutor(4) as pool:
            won = [one for one in pool.map(write, (20, 40, 60, 80)) if one]
        assert won == [account.open().stat(parse("a/x.jpg")).revision]
        assert set(stored(account)) == {"a/x.jpg"}

    def test_clients_that_write_one_file(self, account: Account) -> None:
        put(account, "a/y.jpg")
        album = next(iter(account.state.albums(account.server.settings.nick)))

        class Rival(BytesIO):
            """While this file is sent somebody else's of the same name arrives."""

            def seek(self, at: int, whence: int = 0, /) -> int:
                theirs = {"image_key": "00000", "uploaded": 1.0}
                account.state.add_image(album.album_key, "x.jpg", jpeg(1), **theirs)
                return super().seek(at, whence)

        with pytest.raises(AlreadyExists):
            put(account, "a/x.jpg", body=Rival(NEW))
        assert stored(account) == {"a/y.jpg": NEW, "a/x.jpg": jpeg(1)}

    def test_threads_that_write_into_one_new_folder(self, account: Account) -> None:
        provider = account.open()

        def write(number: int) -> None:
            body = BytesIO(NEW)
            path = parse(f"a/b/{number}.jpg")
            provider.write(path, body, size=len(NEW), modified=0)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(8)))
        assert stored(account) == {f"a/b/{number}.jpg": NEW for number in range(8)}


class TestTheServiceRefuses:
    @pytest.mark.parametrize(
        ("code", "message", "error"),
        [(5, "system error", Unavailable), (6, "wrong format", Unsupported)],
    )
    def test_with_status_200(
        self, account: Account, code: int, message: str, error: type[MirrorError]
    ) -> None:
        told = {"upload_failure": {"code": code, "message": message}}
        account.fail(UPLOAD, told, **FOREVER)
        with pytest.raises(error, match=message):
            put(account, "x.jpg")
        assert stored(account) == {}

    def test_once(self, account: Account) -> None:
        account.fail(UPLOAD, {"upload_failure": {"code": 5, "message": "system error"}})
        put(account, "x.jpg")
        assert stored(account) == {"x.jpg": NEW}

    def test_as_a_conflict(self, account: Account) -> None:
        account.fail(UPLOAD, {"conflict": True}, **FOREVER)
        with pytest.raises(AlreadyExists):
            put(account, "x.jpg")
        assert stored(account) == {}

    def test_with_a_page(self, account: Account) -> None:
        page = {"status": 200, "html": "<h1>Down for maintenance</h1>"}
        account.fail(UPLOAD, page, **FOREVER)
        with pytest.raises(Unavailable, match="a page, not data"):
            put(account, "x.jpg")
        assert stored(account) == {}
        account.server.service.faults.clear()
        account.fail(UPLOAD, page)
        put(account, "x.jpg")
        assert stored(account) == {"x.jpg": NEW}

    def test_for_too_many_calls(self, account: Account) -> None:
        account.fail("!children", {"rate_limit": {"retry_after": 30}}, method="POST")
        with pytest.raises(RateLimited):
            put(account, "a/x.jpg")
        account.fail(UPLOAD, {"rate_limit": {"retry_after": 30}})
        with pytest.raises(RateLimited):
            put(account, "a/x.jpg")
        assert stored(account) == {}

    def test_for_too_many_calls_and_somebody_waits(self, account: Account) -> None:
        waits: list[float] = []
        patience = Patience(tries=2, pause=0.001, notice=waits.append)
        credentials = account.credentials
        provider = smugmug.open(credentials, SystemClock(), patience)
        account.fail(UPLOAD, {"rate_limit": {"retry_after": 1}})
        provider.write(parse("x.jpg"), BytesIO(NEW), size=len(NEW), modified=0)
        assert len(waits) == 1
        assert stored(account) == {"x.jpg": NEW}

    def test_more_pictures_than_an_album_holds(self) -> None:
        with serving(largest_album=1) as account:
            put(account, "x.jpg")
            with pytest.raises(Unsupported, match="full"):
                put(account, "y.jpg")
            assert stored(account) == {"x.jpg": NEW}

    def test_more_pictures_than_any_album_holds(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "MOST_IMAGES", 1)
        put(account, "a/x.jpg")
        with pytest.raises(Unsupported, match="a holds 1 files"):
            put(account, "a/y.jpg")
        assert uploads(account) == 1

    @pytest.mark.parametrize("level", ["Read", "Add"])
    def test_what_the_user_has_not_granted(self, account: Account, level: Any) -> None:
        put(account, "old.jpg")
        old = account.open().stat(parse("old.jpg"))
        settings = account.server.settings
        keys = (settings.token, settings.token_secret, settings.key, settings.nick)
        account.server.access.keep(Token(*keys, permissions=level))
        provider = account.open()
        with pytest.raises(Denied):
            provider.remove(old)
        if level == "Read":
            with pytest.raises(Denied):
                provider.write(parse("x.jpg"), BytesIO(NEW), size=len(NEW), modified=0)
        assert stored(account) == {"old.jpg": NEW}


class TestTheServiceStoresSomethingElse:
    def test_other_bytes(self, account: Account) -> None:
        account.state.sum = lambda blob: "0" * 32  # type: ignore[method-assign]
        with pytest.raises(Corrupt):
            put(account, "x.jpg")
        assert tree(account.open()) == {}

    def test_other_bytes_that_cannot_be_taken_back(self, account: Account) -> None:
        account.state.sum = lambda blob: "0" * 32  # type: ignore[method-assign]
        account.fail("/image/", {"status": 500}, method="DELETE", **FOREVER)
        with pytest.raises(Corrupt, match=r"stays there, as x\.jpg"):
            put(account, "x.jpg")

    def test_what_is_not_told(self, account: Account) -> None:
        account.fail("/image/[^/]*_verbosity", {"status": 500}, method="GET", **FOREVER)
        with pytest.raises(Unavailable, match=r"is there, as x\.jpg"):
            put(account, "x.jpg")
        assert stored(account) == {"x.jpg": NEW}

    def test_another_name(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(uploading, "stored_name", lambda name, format_: f"my {name}")
        with pytest.raises(Unsupported, match=r"'my x\.jpg'"):
            put(account, "x.jpg")
        assert tree(account.open()) == {}

    def test_what_changed_on_the_way(self, account: Account) -> None:
        with pytest.raises(Unavailable):
            put(account, "x.jpg", body=Fickle(NEW))
        assert stored(account) == {}


class TestKinds:
    def test_a_body_that_cannot_seek(self, account: Account) -> None:
        account.fail(UPLOAD, {"drop_connection": True})
        put(account, "x.jpg", body=Body(NEW))
        assert stored(account) == {"x.jpg": NEW}

    @pytest.mark.parametrize("name", ["x.heic", "x.jpg"])
    def test_heic_is_refused_before_anything_is_made(self, account: Account, name: str) -> None:
        with pytest.raises(Unsupported, match="HEIC"):
            put(account, f"new/{name}", HEIC)
        assert tree(account.open()) == {}
        assert uploads(account) == 0

    def test_what_is_larger_than_the_account_may_have(self, account: Account) -> None:
        limit = {"Type": "Photo", "MimeTypes": ["image/jpeg"], "MaxSize": len(NEW) - 1}
        response = {"Locator": "UploadLimits", "UploadLimits": [limit]}
        account.fail("!uploadlimits", {"status": 200, "body": {"Response": response, "Code": 200}})
        with pytest.raises(Unsupported, match="at most"):
            put(account, "new/x.jpg")
        assert tree(account.open()) == {}
        assert uploads(account) == 0

    @pytest.mark.parametrize(("name", "shown"), [("a.MP4", "a.MP4"), ("a.mov", "a.mp4")])
    def test_a_video_is_told_of_as_what_is_read_back(
        self, account: Account, name: str, shown: str
    ) -> None:
        sent = film()
        entry = put(account, f"d/{name}", sent)
        assert name.rpartition(".")[2].lower() in account.open().traits.converts
        assert entry.path == f"d/{shown}"
        account.later(3600)
        found = account.open().stat(entry.path)
        assert (found.id, found.facts["rendition"]) == (entry.id, "video")
        assert content(account.open(), found) != sent

    def test_a_video_that_is_still_processed(self) -> None:
        with serving(processing_time=600.0) as account:
            account.state.agenda._clock = lambda: account.now
            sent = film()
            entry = put(account, "a.mp4", sent)
            assert (entry.path, entry.size, entry.digest) == ("a.mp4", len(sent), None)
            snapshot = account.open().scan(parse(""))
            assert snapshot.entries == {}
            assert set(snapshot.withheld) == {"a.mp4"}
            with pytest.raises(AlreadyExists):
                put(account, "a.mp4", sent)
            account.later(601)
            found = account.open().stat(entry.path)
            assert (found.id, found.content) == (entry.id, entry.content)

    def test_a_video_whose_answer_was_lost(self, account: Account) -> None:
        account.fail(UPLOAD, {"truncate_body_to": 0})
        put(account, "a.mp4", film())
        assert uploads(account) == 1

    def test_a_video_is_refused_when_it_changed_on_the_way(self, account: Account) -> None:
        sent = film()
        with pytest.raises(Unavailable):
            put(account, "a.mp4", sent, Fickle(sent))
        account.later(3600)
        with pytest.raises(NotFound):
            account.open().stat(parse("a.mp4"))


class TestNames:
    @pytest.mark.parametrize("name", ["%41.jpg", "%20"])
    def test_names_that_would_be_read_back_otherwise(self, account: Account, name: str) -> None:
        with pytest.raises(Unsupported):
            put(account, name)
        assert uploads(account) == 0

    @pytest.mark.parametrize("answer", ["comes", "is lost"])
    def test_a_service_that_does_not_decode_file_names(self, answer: str) -> None:
        with serving(decode_file_names=False) as account:
            if answer == "is lost":
                account.fail(UPLOAD, {"truncate_body_to": 0})
            provider = account.open()
            for name, sent in (("Zoë 1.jpg", 2), ("日本.jpg", 3), ("plain.jpg", 4)):
                body = BytesIO(NEW)
                provider.write(parse(name), body, size=len(NEW), modified=0)
                assert uploads(account) == sent
            assert set(stored(account)) == {"Zoë 1.jpg", "日本.jpg", "plain.jpg"}

    def test_names_of_the_service_that_paths_escape(self, account: Account) -> None:
        put(account, "d/a%2Fb.jpg")
        assert set(tree(account.open())) == {"d", "d/a%2Fb.jpg"}

    def test_a_name_that_differs_by_case(self, account: Account) -> None:
        put(account, "x.jpg")
        with pytest.raises(Unsupported, match="case"):
            put(account, "X.JPG")
        with pytest.raises(Unsupported, match="case"):
            put(account, "X.jpg/y.jpg")
        assert uploads(account) == 1

    def test_a_name_that_somebody_else_took_and_gave_back(self, account: Account) -> None:
        provider = account.open()

        def write() -> Entry:
            return provider.write(parse("a/x.jpg"), BytesIO(NEW), size=len(NEW), modified=0)

        account.open().remove(write())
        entry = write()
        with pytest.raises(AlreadyExists):
            write()
        assert stored(account) == {entry.path: NEW}
