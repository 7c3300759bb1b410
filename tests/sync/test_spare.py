"""What a writer leaves when it is killed goes, once its bytes are certain to be elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mirrorfs.core.digest import of
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.facts import REPLACES
from mirrorfs.core.paths import parse
from sync import trash
from sync.model import Agreed, Side, Tree, fact_of
from sync.spare import sizes, without_spare
from tests.sync.sides import bisync, local, memory, put, state_of, tree


def file(path: str, data: bytes, **facts: str) -> Entry:
    return Entry(parse(path), Kind.FILE, f"id of {path}", "1", len(data), 0, of(data), facts)


OLD = file("a.jpg", b"old")
LEFT = file("a~new.jpg", b"new", **{REPLACES: OLD.id})
EDITED = file("a.jpg", b"new")


def trees(one: list[Entry], two: list[Entry]) -> dict[Side, Tree]:
    sides = {Side.ONE: one, Side.TWO: two}
    return {side: Tree({entry.path: entry for entry in some}) for side, some in sides.items()}


def test_a_copy_whose_bytes_are_on_the_other_side_is_spare() -> None:
    given = trees([EDITED], [OLD, LEFT])
    kept, spare = without_spare(given, {})
    assert spare == {Side.ONE: (), Side.TWO: (LEFT,)}
    assert kept[Side.TWO].entries == {OLD.path: OLD}
    assert sizes(given) == {LEFT.size}


def test_a_copy_whose_bytes_have_taken_their_place_is_spare() -> None:
    _, spare = without_spare(trees([], [replace(OLD, digest=of(b"new")), LEFT]), {})
    assert spare[Side.TWO] == (LEFT,)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param([OLD], [OLD, LEFT], id="nobody else has its bytes"),
        pytest.param([EDITED], [LEFT], id="what it was to replace is gone"),
        pytest.param([replace(EDITED, digest=None)], [OLD, LEFT], id="not known for certain"),
        pytest.param([], [OLD, LEFT, replace(LEFT, path=parse("b"), id="b")], id="two of a kind"),
        pytest.param([EDITED], [OLD, replace(LEFT, facts={})], id="a file like others"),
    ],
)
def test_any_other_is_a_file_like_others(one: list[Entry], two: list[Entry]) -> None:
    given = trees(one, two)
    kept, spare = without_spare(given, {})
    assert spare == {Side.ONE: (), Side.TWO: ()}
    assert kept == given


def test_what_was_agreed_on_stays() -> None:
    row = Agreed(LEFT.path, fact_of(LEFT), fact_of(LEFT))
    _, spare = without_spare(trees([EDITED], [OLD, LEFT]), {LEFT.path: row})
    assert spare[Side.TWO] == ()


def test_a_run_puts_it_into_the_trash(tmp_path: Path) -> None:
    one, two, state = local(tmp_path / "one"), memory("two"), state_of(tmp_path)
    put(one.target, "a.jpg", b"old")
    bisync(one, two, state)
    old = two.target.stat(parse("a.jpg"))
    put(one.target, "a.jpg", b"new", one.target.stat(parse("a.jpg")))
    left = put(two.target, "a~new.jpg", b"new")
    entries = two.target._entries  # type: ignore[attr-defined]
    entries[left.path] = replace(left, facts={REPLACES: old.id})
    bisync(one, two, state)
    assert tree(one.target) == tree(two.target) == {"a.jpg": b"new"}
    assert [item.place.read_bytes() for item in trash.items(state.trash)].count(b"new") == 1
    assert bisync(one, two, state).plan.actions == ()
