"""What the official SDK's tests import from their own support module.

The source distribution on PyPI holds the tests but neither ``test/helper_test.py`` nor the sample
files. This module supplies the same names, written anew from how the tests use them;
``scripts/fidelity.py`` copies it beside them under the name they expect.
"""

from __future__ import annotations

import json
import random
import re
import struct
import time
import unittest
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from functools import wraps
from typing import IO, TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from cloudinary import api
from cloudinary.exceptions import NotFound
from urllib3 import HTTPHeaderDict, HTTPResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

patch = mock.patch

SUFFIX = random.SystemRandom().randint(10_000, 99_999)
TEST_TAG = "official_suite"
UNIQUE_TAG = f"{TEST_TAG}_{SUFFIX}"
UNIQUE_TEST_ID = UNIQUE_SUB_ACCOUNT_ID = UNIQUE_TAG
TEST_FOLDER = "suite_folder"
UNIQUE_TEST_FOLDER = UNIQUE_TAG + TEST_FOLDER

REMOTE_TEST_IMAGE = "http://cloudinary.com/images/old_logo.png"
TEST_IMAGE = "test/resources/logo.png"
TEST_IMAGE_SIZE = 3381
TEST_UNICODE_IMAGE = "test/resources/üni_näme_lögö.png"
TEST_DOC = "test/resources/docx.docx"
TEST_ICON = "test/resources/favicon.ico"

EVAL_STR = 'upload_options["quality_analysis"] = true'
ON_SUCCESS_STR = 'current_asset.update({tags: ["done"]})'
MOCK_REQUEST_ID = "0123456789abcdef0123456789abcdef"
URLLIB3_REQUEST = "urllib3._request_methods.RequestMethods.request"

_BRACKETS = re.compile(r"\[\d*]$")
_BITMAP_SIDE = 1400
_BITMAP_HEAD = 138


class UTC(tzinfo):
    """A zone without offset, as the tests instantiate it."""

    def utcoffset(self, dt: object) -> timedelta:
        return timedelta(0)

    def dst(self, dt: object) -> timedelta:
        return timedelta(0)

    def tzname(self, dt: object) -> str:
        return "UTC"


class CldTestCase(unittest.TestCase):
    """A test case that can compare part of a nested mapping."""

    def assertObjectContainsSubset(  # noqa: N802 -- the tests call it so
        self, actual: dict[str, Any], expected: dict[str, Any], msg: str | None = None
    ) -> None:
        for key, value in expected.items():
            assert key in actual, msg
            if isinstance(value, dict):
                self.assertObjectContainsSubset(actual[key], value, msg)
            else:
                assert actual[key] == value, msg


def get_method(mocker: Any) -> str:
    return mocker.call_args.kwargs["method"]


def get_uri(mocker: Any) -> str:
    return urlsplit(mocker.call_args.kwargs["url"]).path


def get_headers(mocker: Any) -> dict[str, str]:
    return mocker.call_args.kwargs["headers"]


def get_json_body(mocker: Any) -> dict[str, Any]:
    return json.loads(mocker.call_args.kwargs["body"] or b"{}")


def get_params(mocker: Any) -> dict[str, Any]:
    """Give what was sent: the query of a GET, a JSON body, or form fields."""
    sent = mocker.call_args.kwargs
    if sent["method"].upper() == "GET":
        return _gather(parse_qsl(urlsplit(sent["url"]).query, keep_blank_values=True))
    if (sent.get("headers") or {}).get("Content-Type") == "application/json":
        return get_json_body(mocker)
    fields = sent.get("fields") or {}
    return _gather(fields.items() if isinstance(fields, dict) else fields)


def get_param(mocker: Any, name: str) -> Any:
    return get_params(mocker).get(name)


get_list_param = get_param


def _gather(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        name = _BRACKETS.sub("", key)
        if name != key:
            found.setdefault(name, []).append(value)
        else:
            found[key] = value
    return found


def http_response_mock(
    body: str = "", headers: dict[str, str] | None = None, status: int = 200
) -> HTTPResponse:
    return HTTPResponse(body.encode(), HTTPHeaderDict(headers or {}), status=status)


def api_response_mock(body: str = '{"foo":"bar"}') -> HTTPResponse:
    headers = {
        "X-FeatureRateLimit-Limit": "0",
        "X-FeatureRateLimit-Remaining": "0",
        "X-FeatureRateLimit-Reset": "Sat, 01 Apr 2017 22:00:00 GMT",
        "X-Request-Id": MOCK_REQUEST_ID,
    }
    return http_response_mock(body, {key.lower(): value for key, value in headers.items()})


def uploader_response_mock() -> HTTPResponse:
    return http_response_mock('{"foo":"bar"}', {"x-request-id": MOCK_REQUEST_ID})


def populate_large_file(file_io: IO[bytes], size: int, chunk_size: int = 4096) -> None:
    """Write a white bitmap of 1400 × 1400 pixels, cut or drawn out to ``size`` bytes."""
    file_head = struct.pack("<2sIHHI", b"BM", size, 0, 0, _BITMAP_HEAD)
    image_head = struct.pack("<IiiHHIIiiII", 40, _BITMAP_SIDE, _BITMAP_SIDE, 1, 24, *[0] * 6)
    file_io.write((file_head + image_head).ljust(_BITMAP_HEAD, b"\0"))
    for start in range(_BITMAP_HEAD, size, chunk_size):
        file_io.write(b"\xff" * min(chunk_size, size - start))
    file_io.flush()
    file_io.seek(0)


def retry_assertion(num_tries: int = 3, delay: float = 0.2) -> Callable[..., Any]:
    """Try a test again when an assertion fails: searches may lag."""

    def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(test)
        def tried(*args: Any, **kwargs: Any) -> Any:
            for _ in range(num_tries - 1):
                try:
                    return test(*args, **kwargs)
                except AssertionError:
                    time.sleep(delay)
            return test(*args, **kwargs)

        return tried

    return decorate


@contextmanager
def ignore_exception(
    error_classes: Any = (Exception,), suppress_traceback_classes: Any = ()
) -> Iterator[None]:
    try:
        yield
    except error_classes as error:
        if not isinstance(error, suppress_traceback_classes or ()):
            print("ignored:", error)


def cleanup_test_resources_by_tag(params: Iterable[tuple[Any, ...]]) -> None:
    for tag, *options in params:
        with ignore_exception():
            api.delete_resources_by_tag(tag, **(options[0] if options else {}))


def cleanup_test_resources(params: Iterable[tuple[Any, ...]]) -> None:
    for public_ids, *options in params:
        with ignore_exception():
            api.delete_resources(public_ids, **(options[0] if options else {}))


def cleanup_test_transformation(params: Iterable[tuple[Any, ...]]) -> None:
    for transformations, *options in params:
        for one in transformations:
            with ignore_exception(suppress_traceback_classes=(NotFound,)):
                api.delete_transformation(one, **(options[0] if options else {}))
