"""Placing: what a path is called on the service leads back to that path."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import names, paths
from mirrorfs.providers.smugmug.placing import HERE, name_for, segments_of, url_name_for

RAW = st.text(min_size=1, max_size=20)


def lawful(raw: str) -> str:
    return unicodedata.normalize("NFC", names.encode(raw))


@given(st.lists(RAW.map(lawful), min_size=1, max_size=8).map(tuple))
def test_a_name_leads_back_to_its_path(segments: tuple[str, ...]) -> None:
    name = name_for(segments)
    if name is not None:
        assert len(name) <= 254
        assert segments_of(url_name_for(segments), name) == segments


@given(RAW, RAW)
def test_any_name_gives_lawful_segments_or_none(url_name: str, name: str) -> None:
    for segment in segments_of(f"Path-In-Name-{url_name}", name) or ():
        assert paths.is_lawful(segment)
        assert names.encode(names.decode(segment))


def test_ordinary_paths_have_ordinary_names() -> None:
    assert name_for(("2024", "Summer, by the sea")) == "2024/Summer, by the sea"
    assert name_for(()) == HERE
    assert segments_of("Files-In-This-Folder", "whatever") == ()
    assert segments_of("Summer", "2024/Summer") is None


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "..", "a/./b", "a\0b", "a%ZZ/%2", "x" * 256]
)
def test_names_changed_by_hand_are_names(name: str) -> None:
    expected = ("a%ZZ", "%2") if name == "a%ZZ/%2" else None
    assert segments_of("Path-In-Name-1", name) == expected


@pytest.mark.parametrize("segments", [(" a",), ("a", "b "), ("x" * 200, "y" * 60), ("%FF",)])
def test_what_no_name_spells(segments: tuple[str, ...]) -> None:
    assert name_for(segments) is None


def test_url_names_are_the_services_own_kind() -> None:
    one, two = url_name_for(("a", "b")), url_name_for(("a", "c"))
    assert one != two
    assert len(one) <= 60
    assert one == url_name_for(("a", "b"))
