"""Looking at a part of a side: what is in it is fresh, the rest is as it was agreed."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.errors import Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.model import Agreed, Side, fact_of
from sync.part import Part, Rows, look_at, seeing
from sync.scan import scan

NAMES = [RemotePath(name) for name in ("a", "b/a", "b/c/a", "b/c/d", "e/a", "e/b")]
SCOPES = [*NAMES, RemotePath("b"), RemotePath("b/c"), RemotePath("e"), RemotePath("x/y")]


def put(provider: MemoryProvider, path: RemotePath, body: bytes) -> None:
    there = provider.scan(paths.ROOT).entries.get(path)
    provider.write(path, io.BytesIO(body), size=len(body), modified=1, replaces=there)


def agreement(provider: MemoryProvider) -> Rows:
    entries = provider.scan(paths.ROOT).entries.values()
    return {one.path: Agreed(one.path, fact_of(one), fact_of(one)) for one in entries}


@given(
    st.sets(st.sampled_from(NAMES)),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(["put", "remove"]))),
    st.sets(st.sampled_from(SCOPES)),
)
def test_a_part_is_fresh_and_the_rest_as_agreed(
    before: set[RemotePath], changes: list[tuple[RemotePath, str]], part: set[RemotePath]
) -> None:
    provider = MemoryProvider()
    for path in before:
        put(provider, path, b"old")
    rows = agreement(provider)
    for path, what in changes:
        there = provider.scan(paths.ROOT).entries.get(path)
        if what == "put":
            put(provider, path, b"newer")
        elif there:
            provider.remove(there)
    now = provider.scan(paths.ROOT).entries
    seen = look_at(Side.TWO, provider, part, rows).entries
    for path in {*now, *seen, *rows}:
        is_within = any(paths.is_within(path, one) for one in part)
        if is_within:
            assert seen.get(path) == now.get(path)
        elif path in rows:
            assert seen[path].revision == rows[path].two.revision
        elif path in seen:
            assert seen[path] == now[path]
            assert any(paths.is_within(one, path) for one in part)


def test_a_service_that_is_down_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = MemoryProvider()
    put(provider, RemotePath("a"), b"old")
    rows = agreement(provider)

    def fail(path: RemotePath) -> None:
        raise Unavailable("It is down.")

    monkeypatch.setattr(provider, "stat", fail)
    with pytest.raises(Unavailable):
        look_at(Side.ONE, provider, {RemotePath("a")}, rows)


def test_what_many_paths_would_cost_is_one_whole_scan() -> None:
    provider = MemoryProvider()
    put(provider, RemotePath("elsewhere"), b"not agreed")
    part = {RemotePath(str(number)) for number in range(100)}
    assert provider.traits.whole_scan
    assert "elsewhere" in look_at(Side.TWO, provider, part, {}).entries


def test_what_is_not_settled_is_left_out_whether_it_is_there_or_not() -> None:
    provider = MemoryProvider()
    for name in ("a", "b/c/a", "b/d"):
        put(provider, RemotePath(name), b"old")
    gone = RemotePath("gone")
    seen = seeing(Part(None, frozenset({RemotePath("b/c"), gone})), {})(Side.ONE, provider)
    assert set(seen.entries) == {"a", "b", "b/d"}
    assert seen.left_out == {"b/c", "gone"}
    pair = Pair(End(provider, "one", "one:"), End(MemoryProvider(), "two", "two:"))
    tree = scan(pair, dict, see=seeing(Part(None, frozenset({gone})), {}))[Side.ONE]
    assert tree.left_out == {gone}
    assert set(tree.entries) == {"a", "b", "b/c", "b/c/a", "b/d"}
