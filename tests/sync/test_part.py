"""Looking at a part of a side: what is in it is fresh, the rest is as it was agreed."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirrorfs.core import paths
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.errors import NotFound, Unavailable
from mirrorfs.core.paths import RemotePath
from mirrorfs.core.provider import Snapshot, Target
from mirrorfs.providers.local import LocalProvider
from mirrorfs.providers.memory import MemoryProvider
from sync.ends import End, Pair
from sync.manifest import Manifest
from sync.model import Agreed, Fact, Side, fact_of
from sync.part import Part, Rows, look_at, seeing
from sync.scan import scan

NAMES = [RemotePath(name) for name in ("a", "b/a", "b/c/a", "b/c/d", "e/a", "e/b")]
SCOPES = [*NAMES, RemotePath("b"), RemotePath("b/c"), RemotePath("e"), RemotePath("x/y")]


PATH = st.lists(st.sampled_from(["a", "b", "0", "a/", "é"]), min_size=1, max_size=4).map(
    lambda names: RemotePath("/".join(name.strip("/") for name in names))
)


def put(provider: Target, path: RemotePath, body: bytes) -> None:
    there = provider.scan(paths.ROOT).entries.get(path)
    provider.write(path, io.BytesIO(body), size=len(body), modified=1, replaces=there)


def agreement(provider: Target) -> Rows:
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

    monkeypatch.setattr(provider, "scandir", fail)
    with pytest.raises(Unavailable):
        look_at(Side.ONE, provider, {RemotePath("a")}, rows)


def test_many_paths_are_found_by_one_look_at_everything_and_nothing_else_is() -> None:
    asked: list[tuple[str, str]] = []
    provider = MemoryProvider(lambda verb, path: asked.append((verb, path)))
    put(provider, RemotePath("elsewhere"), b"not agreed")
    put(provider, RemotePath("3/in"), b"new")
    assert provider.traits.whole_scan
    part = frozenset(RemotePath(f"{number}/in") for number in range(100))
    asked.clear()
    seen = seeing(Part(part), {}, 1000)(Side.TWO, provider)
    assert asked == [("scan", "")]
    assert set(seen.entries) == {"3", "3/in"}
    assert seeing(Part(part), {}, 100_000)(Side.TWO, provider) == seen
    assert asked == [("scan", ""), ("scandir", ""), ("scandir", "3")]


def test_a_folder_of_a_service_is_listed_once_however_many_of_its_files_are_looked_at() -> None:
    asked: list[tuple[str, str]] = []
    provider = MemoryProvider(lambda verb, path: asked.append((verb, path)))
    part = {RemotePath(f"in/{number}") for number in range(20)}
    for path in part:
        put(provider, path, b"old")
    rows = agreement(provider)
    asked.clear()
    look_at(Side.TWO, provider, part, rows)
    assert asked == [("scandir", "in")]
    provider.remove(provider.stat(RemotePath("in/3")))
    asked.clear()
    assert "in/3" not in look_at(Side.TWO, provider, part, rows).entries
    assert asked == [("scandir", "in"), ("scan", "in")]  # before it is taken for deleted


class Withholding(MemoryProvider):
    """Holds what it does not give, as a service does that still works on a film."""

    withheld = RemotePath("")

    def scandir(self, folder: RemotePath) -> list[Entry]:
        return [one for one in super().scandir(folder) if not self._hides(one.path)]

    def scan(self, folder: RemotePath) -> Snapshot:
        if self._hides(folder):
            raise NotFound(f"There is no {folder}.")
        found = super().scan(folder)
        given = {path: one for path, one in found.entries.items() if not self._hides(path)}
        is_told = paths.is_within(self.withheld, folder)
        return Snapshot(given, found.cursor, {self.withheld: "later"} if is_told else {})

    def _hides(self, path: RemotePath) -> bool:
        return bool(self.withheld) and paths.is_within(path, self.withheld)


@pytest.mark.parametrize("withheld", ["in/deep/1.mp4", "in/deep", "in"])
@pytest.mark.parametrize("known", [1, 100_000], ids=["all", "each"])
def test_what_is_withheld_is_never_taken_for_deleted(withheld: str, known: int) -> None:
    provider = Withholding()
    film, other = RemotePath("in/deep/1.mp4"), RemotePath("other")
    for path in (film, other):
        put(provider, path, b"old")
    rows = agreement(provider)
    provider.withheld = RemotePath(withheld)
    many = {RemotePath(f"none-{number}/a") for number in range(20)}
    seen = seeing(Part(frozenset({film, *many})), rows, known)(Side.TWO, provider)
    assert seen.withheld == {RemotePath(withheld): "later"}
    assert other in seen.entries


@pytest.mark.parametrize("path", ["a", "in/a", "new/a"])
def test_a_root_that_vanished_is_no_empty_one(tmp_path: Path, path: str) -> None:
    memory, disk = MemoryProvider(), LocalProvider(tmp_path / "root")
    disk.mkdir(paths.ROOT)
    for provider in (memory, disk):
        put(provider, RemotePath("in/b"), b"old")
        rows = agreement(provider)
        seen = look_at(Side.TWO, provider, {RemotePath(path)}, rows)
        assert set(seen.entries) == {"in", "in/b"}
        if provider is disk:
            (tmp_path / "root").rename(tmp_path / "away")
        else:
            memory.hook = vanished
        with pytest.raises(NotFound):
            look_at(Side.TWO, provider, {RemotePath(path)}, rows)


def vanished(verb: str, path: str) -> None:
    raise NotFound(f"There is no folder {path}.")


@given(st.sets(PATH, max_size=30), st.sets(PATH, min_size=1, max_size=3))
def test_rows_near_a_part(held: set[RemotePath], part: set[RemotePath]) -> None:
    rows = {path: Agreed(path, *[Fact(path, Kind.FILE, "1")] * 2) for path in held}
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest(Path(folder, "m.sqlite"), ("one:", "two:"))
        manifest.put_all(rows.values())
        near = manifest.rows_near(part)
        assert manifest.count() == len(held)
        manifest.close()
    for path in held:
        assert (path in near) is any(
            paths.is_within(path, one)
            or path in paths.ancestors(one)
            or paths.parent(path) == paths.parent(one)
            for one in part
        )


def test_what_is_not_settled_is_left_out_whether_it_is_there_or_not() -> None:
    provider = MemoryProvider()
    for name in ("a", "b/c/a", "b/d"):
        put(provider, RemotePath(name), b"old")
    gone = RemotePath("gone")
    seen = seeing(Part(None, frozenset({RemotePath("b/c"), gone})), {}, 0)(Side.ONE, provider)
    assert set(seen.entries) == {"a", "b", "b/d"}
    assert seen.left_out == {"b/c", "gone"}
    pair = Pair(End(provider, "one", "one:"), End(MemoryProvider(), "two", "two:"))
    tree = scan(pair, dict, see=seeing(Part(None, frozenset({gone})), {}, 0))[Side.ONE]
    assert tree.left_out == {gone}
    assert set(tree.entries) == {"a", "b", "b/c", "b/c/a", "b/d"}
