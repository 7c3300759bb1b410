"""Addresses in settings: a plain one, or a sentence that does not repeat it."""

import pytest

from mirrorfs.core.errors import Misuse
from mirrorfs.net import address


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://api-eu.cloudinary.com", "https://api-eu.cloudinary.com"),
        ("HTTP://127.0.0.1:8/x/", "HTTP://127.0.0.1:8/x"),
        ("http://[::1]:80//", "http://[::1]:80"),
    ],
)
def test_plain_ones(told: str, kept: str) -> None:
    assert address.base(told, "url") == kept


@pytest.mark.parametrize(
    "told",
    [
        *("http://user:pASs@127.0.0.1:1/", "http://user:pA/Ss@h/", "http://pASs@h"),
        *("http://user:pASs", "http://h:0", "http://h:99999", "http://[::1"),
        *("ftp://x", "x", "", "http://", "http:///x", "https://h?a=pASs", "http://h#x"),
        *("http://h h", "http://h\n", "http://ä", "http://h\\x"),
    ],
)
def test_others_are_not_repeated(told: str) -> None:
    with pytest.raises(Misuse, match=r"^upload_prefix must be https://") as caught:
        address.base(told, "upload_prefix")
    assert "pASs" not in str(caught.value)
