"""Small pure parts: credentials, limits, times, rules, cursors."""

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core.errors import Denied, MissingCredentials, Misuse, RateLimited, Unsupported
from mirrorfs.providers.cloudinary import deltas, rules
from mirrorfs.providers.cloudinary.credentials import (
    Credentials,
    from_environment,
    from_options,
    parse_url,
)
from mirrorfs.providers.cloudinary.limits import read_allowance, read_refusal
from mirrorfs.providers.cloudinary.times import SECOND, read_time, write_time
from mirrorfs.providers.cloudinary.translate import Asset, parse_asset
from tests.providers.items import item


class TestCredentials:
    def test_a_url(self) -> None:
        told = parse_url("cloudinary://12:s%2Fé@MyCloud?upload_prefix=http://h:1/&timeout=3")
        assert told == Credentials("MyCloud", "12", "s%2Fé", "http://h:1")
        assert "s%2F" not in repr(told)

    def test_a_private_cdn(self) -> None:
        assert parse_url("cloudinary://k:s@cloud/my.cdn.com").cloud_name == "cloud"

    @pytest.mark.parametrize(
        "url", ["", "http://k:secret@c", "cloudinary://k@c", "cloudinary://k:secret@", "x"]
    )
    def test_a_bad_url_is_not_repeated(self, url: str) -> None:
        with pytest.raises(Misuse) as caught:
            parse_url(url)
        assert "secret@" not in str(caught.value)

    @pytest.mark.parametrize("prefix", ["http://user:secret@127.0.0.1:1/", "ftp://x", "x"])
    def test_a_bad_upload_prefix_is_named_and_not_repeated(self, prefix: str) -> None:
        with pytest.raises(Misuse, match="upload_prefix") as caught:
            parse_url(f"cloudinary://k:s@demo?upload_prefix={prefix}")
        assert "secret" not in str(caught.value)

    def test_a_bad_proxy_is_named_and_not_repeated(self) -> None:
        url = "cloudinary://k:s@demo?api_proxy="
        assert parse_url(f"{url}http://u:p@h:1").api_proxy == "http://u:p@h:1"
        for proxy in ("ftp://u:secret@h", "u:secret@h", "http://u:sec/ret:secret@h"):
            with pytest.raises(Misuse, match="api_proxy") as caught:
                parse_url(f"{url}{proxy}")
            assert "secret" not in str(caught.value)

    def test_options(self) -> None:
        named = {"cloud_name": "c", "api_key": "k", "api_secret": "s"}
        assert from_options(named) == Credentials("c", "k", "s")
        assert from_options({"url": "cloudinary://k:s@c"}) == Credentials("c", "k", "s")
        assert from_options({"cloud_name": "c", "oauth_token": "t"}).oauth_token == "t"
        with pytest.raises(MissingCredentials, match="api_key, api_secret"):
            from_options({"cloud_name": "c"})

    def test_the_environment(self) -> None:
        url = {"CLOUDINARY_URL": "cloudinary://k:s@c"}
        assert from_environment(url).cloud_name == "c"
        named = {"CLOUDINARY_CLOUD_NAME": "d", "CLOUDINARY_API_KEY": "k"}
        with pytest.raises(MissingCredentials, match="CLOUDINARY_API_SECRET"):
            from_environment({**url, **named})
        named["CLOUDINARY_API_SECRET"] = "s"
        assert from_environment({**url, **named}).cloud_name == "d"
        bare = {"CLOUD_NAME": "e", "API_KEY": "k", "API_SECRET": "s"}
        assert from_environment(bare).cloud_name == "e"
        with pytest.raises(MissingCredentials, match="CLOUDINARY_CLOUD_NAME"):
            from_environment({})


class TestLimits:
    def test_headers(self) -> None:
        headers = {
            "X-FeatureRateLimit-Limit": "500",
            "X-FeatureRateLimit-Remaining": "499",
            "X-FeatureRateLimit-Reset": "Wed, 03 Oct 2012 08:00:00 GMT",
        }
        told = read_allowance(headers, 1349251200.0 - 60)
        assert told
        assert (told.limit, told.remaining, told.resets_at) == (500, 499, 1349251200.0)
        assert read_allowance({**headers, "X-FeatureRateLimit-Reset": "soon"}, 0.0) is None
        assert read_allowance({}, 0.0) is None

    @pytest.mark.parametrize("skew", [-86_400.0, -5.0, 0.0, 7.0, 2_600_000.0])
    def test_a_wrong_clock_here(self, skew: float) -> None:
        date, reset = 1_000_000.0 * 3600 + 600, 1_000_001.0 * 3600
        headers = {
            "Date": formatdate(date, usegmt=True),
            "X-FeatureRateLimit-Limit": "500",
            "X-FeatureRateLimit-Remaining": "0",
            "X-FeatureRateLimit-Reset": formatdate(reset, usegmt=True),
        }
        now = date + skew
        told = read_allowance(headers, now)
        assert told
        assert told.resets_at == now + 3000
        text = "Limit of 500 api operations reached. Try again on 2084-01-29 17:00:00 UTC"
        for said in ("", text):
            error = read_refusal(said, headers, now)
            assert isinstance(error, RateLimited)
            assert error.retry_at == now + 3000
        error = read_refusal("Slow down", {"Date": headers["Date"]}, now)
        assert isinstance(error, RateLimited)
        assert error.retry_at == now + 3000

    def test_nobody_waits_for_days(self) -> None:
        text = "Limit of 500 api operations reached. Try again on 2099-01-01 00:00:00 UTC"
        error = read_refusal(text, {}, 1_000_000.0)
        assert isinstance(error, RateLimited)
        assert error.retry_at == 1_000_000.0 + 3900

    def test_the_time_in_the_text(self) -> None:
        text = (
            "Rate Limit Exceeded. Limit of 500 api operations reached. "
            "Try again on 2025-08-08 17:00:00 UTC"
        )
        error = read_refusal(text, {}, 1754672400.0 - 9)
        assert isinstance(error, RateLimited)
        assert error.retry_at == 1754672400.0

    def test_without_a_time_it_is_the_next_hour(self) -> None:
        error = read_refusal("Slow down", {}, 3600.0 * 5 + 7)
        assert isinstance(error, RateLimited)
        assert error.retry_at == 3600.0 * 6

    def test_the_header_helps(self) -> None:
        headers = {
            "X-FeatureRateLimit-Limit": "500",
            "X-FeatureRateLimit-Remaining": "0",
            "X-FeatureRateLimit-Reset": formatdate(10_000, usegmt=True),
        }
        error = read_refusal("", headers, 9_000.0)
        assert isinstance(error, RateLimited)
        assert error.retry_at == 10_000.0

    def test_an_add_on_is_not_the_hour(self) -> None:
        text = (
            "Rate Limit Exceeded. Limit of 50 Rekognition AI Moderation operations reached. "
            "Try again on the next monthly billing usage date."
        )
        assert isinstance(read_refusal(text, {}, 0.0), Denied)


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2024-06-25T08:58:23Z", 1719305903_000000000),
            ("2024-06-25T08:58:23+00:00", 1719305903_000000000),
            ("2024-06-25T10:58:23.000000001+02:00", 1719305903_000000001),
            ("2024-06-25 08:58:23", 1719305903_000000000),
            ("1719305903.25", 1719305903_250000000),
            ("-1.5", -1_500000000),
            ("0", 0),
            ("", None),
            ("2024-13-01T00:00:00Z", None),
            ("soon", None),
        ],
    )
    def test_reading(self, text: str, expected: int | None) -> None:
        assert read_time(text) == expected

    @given(st.integers(-2_000_000_000 * SECOND, 8_000_000_000 * SECOND))
    def test_what_is_written_is_read(self, nanoseconds: int) -> None:
        assert read_time(write_time(nanoseconds)) == nanoseconds


class TestRules:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [("a.JPG", "image"), ("a.pdf", "image"), ("a.mp3", "video"), ("a.txt", "raw"),
         ("jpg", "raw"), (".jpg", "raw"), ("a.tar.gz", "raw"), ("a.ts", "raw")],
    )  # fmt: skip
    def test_types(self, name: str, kind: str) -> None:
        assert rules.resource_type(name) == kind

    @pytest.mark.parametrize(
        "raw", ["a?", "a&b", "x/a#", "50%", "a<b", "a+b", " a", "a ", "..", "a/./b"]
    )
    def test_folders_it_cannot_hold(self, raw: str) -> None:
        with pytest.raises(Unsupported):
            rules.check_folder(raw)

    def test_lengths(self) -> None:
        with pytest.raises(Unsupported, match="255"):
            rules.check_folder("a/" * 130)
        rules.check_file("a" * 255, "b" * 255, dynamic=True)
        with pytest.raises(Unsupported, match="255"):
            rules.check_file("a" * 200, "b" * 60, dynamic=False)

    def test_names_in_both_modes(self) -> None:
        rules.check_file("a", "100% & more?.txt", dynamic=True)
        with pytest.raises(Unsupported, match="&"):
            rules.check_file("a", "you & me.txt", dynamic=False)


def asset(id_: str, uploaded: int, **more: object) -> Asset:
    moment = write_time(uploaded * SECOND)
    made = parse_asset(
        item(**{"asset_id": id_, "uploaded_at": moment, "created_at": moment, **more}), dynamic=True
    )
    assert made
    return made


class TestCursors:
    NOW = 1_700_000_000
    START = deltas.Cursor(0, 1, {}, 3, NOW, dynamic=True)

    def after(self, *assets: Asset, start: deltas.Cursor = START) -> deltas.Cursor:
        return deltas.advance(start, self.NOW, assets)

    def test_a_round_trip_with_fields_of_the_future(self) -> None:
        cursor = self.after(asset("a", self.NOW - 5), asset("b", 5))
        text = cursor.write().replace("{", '{"new":[1],', 1)
        assert deltas.read_cursor(text) == cursor
        assert set(cursor.seen) == {"a"}
        assert cursor.start(is_check=False) == "2023-11-14T22:12:20Z"
        assert cursor.start(is_check=True) == "2023-11-14T21:13:20Z"

    def test_one_of_the_past(self) -> None:
        cursor = deltas.read_cursor('{"since":5,"total":2,"seen":{"a":"b"}}')
        assert (cursor.total, cursor.seen, cursor.dynamic) == (2, {"a": "b"}, None)
        assert not cursor.is_due(3605)
        assert cursor.is_due(3606)

    @pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"since":1,"total":2,"seen":3}'])
    def test_nonsense(self, text: str) -> None:
        with pytest.raises(Misuse):
            deltas.read_cursor(text)

    def test_what_was_seen_is_not_told_again(self) -> None:
        known = asset("a", self.NOW - 5)
        cursor = self.after(known)
        moved = asset("a", self.NOW - 5, asset_folder="else")
        fresh = asset("b", self.NOW + 1)
        assert deltas.news(cursor, [known]) == []
        assert deltas.news(cursor, [moved, fresh]) == [moved, fresh]
        assert deltas.is_complete(cursor, [moved], 1)
        assert deltas.is_complete(cursor, [fresh], 2)
        assert not deltas.is_complete(cursor, [fresh], 1)
        assert not deltas.is_complete(cursor, [], 0)

    def test_what_was_seen_an_hour_ago_is_not_told_again(self) -> None:
        early, late = asset("a", self.NOW - 3000), asset("b", self.NOW - 5)
        cursor = self.after(late, start=self.after(early))
        assert deltas.news(cursor, [early, late]) == []

    def test_an_overwritten_old_file_is_not_new(self) -> None:
        old = asset("a", self.NOW + 1, created_at="2001-01-01T00:00:00Z")
        assert deltas.is_complete(self.after(), [old], 1)

    def test_it_stays_small(self) -> None:
        many = [asset(f"a{n}", self.NOW - 20 + n // 100) for n in range(1500)]
        cursor = self.after(*many)
        assert 0 < len(cursor.seen) <= 500
        assert cursor.since > self.NOW - 20
        assert set(cursor.seen) >= {
            one.id for one in many if deltas.touched_at(one) >= cursor.since
        }
        later = deltas.advance(cursor, self.NOW + 1, many)
        assert later.since == cursor.since
        assert len(later.seen) <= 500
