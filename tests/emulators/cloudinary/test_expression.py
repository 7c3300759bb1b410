"""The search language: what it parses, what it means, what it refuses."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.emulators.cloudinary.asset_fields import FOLDER_FIELDS
from mirrorfs.emulators.cloudinary.errors import ApiError
from mirrorfs.emulators.cloudinary.expression import (
    All,
    Clause,
    Either,
    Not,
    Range,
    Word,
    parse_expression,
)
from mirrorfs.emulators.cloudinary.match import Field, compile_test, pinned

NOW = 1_700_000_000.0
DAY = 86400


@dataclass(frozen=True)
class Record:
    name: str = "A Brown-Fox.txt"
    folder: str = "a/b"
    tags: tuple[str, ...] = ("red", "dark blue")
    size: int = 2000
    at: float = NOW - 2 * DAY


FIELDS = {
    "name": Field("text", lambda one: one.name, default=True),
    "folder": Field("folder", lambda one: one.folder),
    "tags": Field("text", lambda one: one.tags, default=True),
    "bytes": Field("number", lambda one: one.size),
    "at": Field("date", lambda one: one.at),
}


def holds(expression: str, record: Record | None = None) -> bool:
    test = compile_test(parse_expression(expression), FIELDS, NOW)
    return test(record or Record())


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "name:fox",
        "name:FOX",
        'name:"brown fox"',
        "name:bro*",
        'name="A Brown-Fox.txt"',
        "name=A*",
        "fox",
        "blue",
        "tags=red",
        'tags="dark blue"',
        "tags:blue",
        "tags:(green OR red)",
        "tags=(red)",
        'folder="a/b"',
        'folder:"a/b/*"',
        'folder:"a/*"',
        "folder:a*",
        "bytes>1k",
        "bytes>=2000 AND bytes<=2000",
        "bytes:2000",
        "bytes:[1 TO 2000]",
        "bytes:{1999 TO 2001}",
        "bytes:[* TO 3kb]",
        "at>3d",
        "at<1d",
        "at:[3d TO 1d]",
        f"at>{int(NOW - 3 * DAY)}",
        'at>"2023-11-01T00:00:00Z"',
        "at:2023-11-12",
        "NOT tags:green",
        "-tags:green",
        "!tags:green",
        "+tags:red",
        "tags:green OR name:fox",
        "tags:green || name:fox",
        "tags:red && name:fox",
        "tags:red name:fox",
        "tags:green AND name:fox OR tags:red",
        "(tags:green OR tags:red) AND NOT (name:cat)",
    ],
)
def test_holds(expression: str) -> None:
    assert holds(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "name:fo",
        'name:"fox brown"',
        "name=fox",
        'folder="a"',
        "folder:b",
        'folder="A/B"',
        "bytes>2000",
        "bytes:{1 TO 2000}",
        "at>1d",
        "at:2023-11-13",
        "NOT tags:red",
        "tags:red AND tags:green",
        "tags:green AND (name:fox OR tags:red)",
        "tags:(red AND green)",
    ],
)
def test_does_not_hold(expression: str) -> None:
    assert not holds(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "name:",
        "name:fox AND",
        "AND name:fox",
        "(name:fox",
        "name:fox)",
        "name:*ox",
        "name:f*x",
        'name:"fox',
        "name:[a TO]",
        "bytes:[1 2]",
        "bytes:[1 TO 2",
        "nope:1",
        "bytes>much",
        "at>yesterday",
        "name>a",
        "name:a~2",
        "name:fo?",
        "a^2",
        "[",
        "NOT",
        "-",
    ],
)
def test_refuses(expression: str) -> None:
    with pytest.raises(ApiError) as caught:
        holds(expression)
    assert caught.value.status == 400


def test_tree() -> None:
    assert parse_expression(r'a:"x\"\*y\!" OR NOT b=c*') == Either(
        (Clause("a", ":", Word('x"*y!')), Not(Clause("b", "=", Word("c", prefix=True))))
    )
    assert parse_expression("a:{1 TO *]") == Clause(
        "a", ":", Range("1", None, includes_low=False, includes_high=True)
    )
    assert parse_expression(r"a\:b:c\ d") == Clause("a:b", ":", Word("c d"))
    assert parse_expression("a:1 b:2") == All(
        (Clause("a", ":", Word("1")), Clause("b", ":", Word("2")))
    )


def test_pinned() -> None:
    node = parse_expression('bytes>1 AND folder:"a/b"')
    assert pinned(node, "folder") == "a/b"
    assert pinned(parse_expression('folder:"a/*"'), "folder") is None
    assert pinned(parse_expression("folder:a OR bytes>1"), "folder") is None


@given(st.text(max_size=30))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with suppress(ApiError):
        parse_expression(text)


@given(st.text(min_size=1, max_size=20))
def test_any_quoted_text_is_found(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*")
    assert holds(f'name="{quoted}"', Record(name=text))


def test_folder_fields() -> None:
    assert set(FOLDER_FIELDS) == {"path", "name", "created_at"}
