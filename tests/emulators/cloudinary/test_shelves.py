"""Sorted shelves behave like sorted lists."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.emulators.cloudinary.shelves import Shelf

PLACES = st.tuples(st.text("ab", max_size=2), st.text("xyz", min_size=1, max_size=3))


@given(st.lists(st.tuples(st.booleans(), PLACES)), PLACES, st.integers(0, 5))
def test_like_a_sorted_list(
    changes: list[tuple[bool, tuple[str, str]]], mark: tuple[str, str], count: int
) -> None:
    shelf, expected = Shelf(), set()
    for is_added, place in changes:
        if is_added and place not in expected:
            shelf.add(place)
            expected.add(place)
        elif not is_added:
            shelf.discard(place)
            expected.discard(place)
    ordered = sorted(expected)
    assert len(shelf) == len(ordered)
    assert list(shelf) == [asset_id for _, asset_id in ordered]
    assert list(shelf.ascending(None, count)) == ordered[:count]
    assert list(shelf.ascending(mark, count)) == [one for one in ordered if one > mark][:count]
    below = [one for one in ordered if one < mark][::-1]
    assert list(shelf.descending(mark, count)) == below[:count]
    assert list(shelf.starting(mark[0])) == [name for text, name in ordered if text == mark[0]]


def test_many_at_once() -> None:
    shelf = Shelf()
    for number in range(500, 0, -1):
        shelf.add((float(number), "x"))
    assert [place[0] for place in shelf.ascending(None, 3)] == [1.0, 2.0, 3.0]
