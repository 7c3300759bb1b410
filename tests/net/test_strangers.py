"""Answers that are no data: each is told in a sentence, and may be tried again."""

import pytest

from mirrorfs.core.errors import BadAnswer, Unavailable
from mirrorfs.net.strangers import read_json


def test_data() -> None:
    assert read_json(b' {"a": [1]}\n', "S") == {"a": [1]}
    assert read_json(b"[]", "S") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b"\xef\xbb\xbf\n <!DOCTYPE html><title>Welcome, guest</title>",
            "Something else than S answered: a page, not data. "
            "Is a login page of the network in between?",
        ),
        (b"", "The answer of S is empty."),
        (b" \r\n", "The answer of S is empty."),
        (b'{"resources": [', "The answer of S broke off or is garbled."),
        (b"\xff\xfe\x00", "The answer of S broke off or is garbled."),
    ],
)
def test_anything_else(body: bytes, said: str) -> None:
    with pytest.raises(Unavailable) as caught:
        read_json(body, "S")
    assert str(caught.value) == said


def test_what_is_too_deep_will_be_so_again() -> None:
    with pytest.raises(BadAnswer, match="too deep"):
        read_json(b"[" * 100_000 + b"]" * 100_000, "S")
