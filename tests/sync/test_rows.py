from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import RemotePath
from sync.compare import Compare
from sync.diff import diff
from sync.model import Agreed, Side, Tree, fact_of
from sync.rows import Rows
from tests.sync.world import CLOUD

A = RemotePath("a")
DIGESTS = [None, Digest("md5", "1" * 32), Digest("md5", "2" * 32)]

entries = st.builds(
    Entry,
    st.just(A),
    st.just(Kind.FILE),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["", "r1", "r2"]),
    st.sampled_from([5, 6]),
    st.sampled_from([7, 8]),
    st.sampled_from(DIGESTS),
) | st.builds(folder, st.just(A), st.sampled_from([7, 8]))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Agreed, dict[Side, Tree]]:
    """Return a row and trees that mostly hold what was agreed on."""
    trees, facts = {}, []
    learnt = draw(st.sampled_from(DIGESTS))
    for side in Side:
        entry = draw(entries)
        facts.append(fact_of(draw(st.just(entry) | entries), learnt))
        trees[side] = Tree({A: entry} if draw(st.integers(0, 9)) else {})
    return Agreed(A, *facts), trees


@given(situations())
def test_a_row_is_what_was_agreed_wherever_it_is_kept(given: tuple[Agreed, dict]) -> None:
    row, trees = given
    rows = Rows.of([row], trees)
    assert dict(rows) == {A: row}
    assert A in rows
    assert rows.files == (row.one.kind is Kind.FILE)


@given(situations(), st.sampled_from([Compare(), Compare(frozenset())]))
def test_nothing_happened_to_what_is_at_rest(
    given: tuple[Agreed, dict[Side, Tree]], compare: Compare
) -> None:
    row, trees = given
    for side in Side:
        all_moving = diff(Rows.of([row]), trees[side], side, CLOUD, compare)
        assert diff(Rows.of([row], trees), trees[side], side, CLOUD, compare) == all_moving


def test_of_unchanged_files_no_row_is_kept() -> None:
    one = Entry(A, Kind.FILE, "1", "r1", 5, 7)
    two = replace(one, id="2", revision="r2", digest=DIGESTS[1])
    trees = {Side.ONE: Tree({A: one}), Side.TWO: Tree({A: two})}
    rows = Rows.of([Agreed(A, fact_of(one, DIGESTS[1]), fact_of(two))], trees)
    new = RemotePath("new.jpg")
    for side in Side:
        assert list(rows.news(trees[side])) == []
        assert list(rows.news(Tree({A: one, new: replace(one, path=new)}))) == [new]
        assert list(rows.in_doubt(side, trees[side])) == []


@pytest.mark.parametrize(
    "change", [lambda _: {}, lambda found: {A: replace(found[A], digest=DIGESTS[2])}]
)
def test_what_another_tree_shows_otherwise_is_in_doubt(
    change: Callable[[dict[RemotePath, Entry]], dict[RemotePath, Entry]],
) -> None:
    one = Entry(A, Kind.FILE, "1", "r1", 5, 7)
    row = Agreed(A, fact_of(one, DIGESTS[1]), fact_of(one, DIGESTS[1]))
    trees = {side: Tree({A: one}) for side in Side}
    rows, later = Rows.of([row], trees), Tree(change({A: one}))
    assert list(rows.in_doubt(Side.ONE, later)) == [row]
    assert len(diff(rows, later, Side.ONE, CLOUD, Compare())) == 1
