from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirrorfs.core.digest import md5
from mirrorfs.core.entry import Kind
from mirrorfs.core.errors import Misuse
from mirrorfs.core.paths import parse
from sync.ends import Pair
from sync.manifest_text import export_lines, import_rows
from sync.model import Agreed, Fact
from tests.sync.sides import local, memory


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(local(tmp_path / "one"), memory("two"))


def rows() -> list[Agreed]:
    digest = md5("a" * 32)
    one = Fact(parse("a/é.heic"), Kind.FILE, "1-2", "77-5", 5, 1_600_000_000_123_456_789, digest)
    two = Fact(parse("a/é.jpg"), Kind.FILE, "asset", "v1", 5)
    folder = Fact(parse("a"), Kind.FOLDER, "folder:a")
    return [Agreed(parse("a"), folder, folder), Agreed(one.path, one, two)]


def test_what_was_exported_is_imported(pair: Pair) -> None:
    lines = list(export_lines(pair, reversed(rows())))
    assert import_rows(pair, [f"{line}\n" for line in lines]) == rows()
    assert [json.loads(line).get("path") for line in lines] == [None, "a", "a/é.heic"]


def test_the_sides_may_be_given_in_the_other_order(pair: Pair) -> None:
    lines = export_lines(pair, rows())
    flipped = [Agreed(row.path, row.two, row.one) for row in rows()]
    assert import_rows(Pair(pair.two, pair.one), lines) == flipped


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda lines: [], "no line"),
        (lambda lines: lines[1:], "Line 1"),
        (lambda lines: [*lines, lines[-1]], "comes twice"),
        (lambda lines: [*lines[:-1], lines[-1][:-3]], "Line 3"),
        (lambda lines: [*lines, '{"path":"../x","one":{},"two":{}}'], "cannot be part of a path"),
        (lambda lines: [*lines, '{"path":"x","one":{"kind":"file"},"two":{}}'], "'id'"),
        (lambda lines: [*lines, "[]"], "Line 4"),
    ],
)
def test_damaged_text_is_refused_whole(pair: Pair, spoil, told: str) -> None:
    with pytest.raises(Misuse, match=told):
        import_rows(pair, spoil(list(export_lines(pair, rows()))))


def test_text_of_other_sides_is_refused(pair: Pair, tmp_path: Path) -> None:
    other = Pair(local(tmp_path / "other"), pair.two)
    with pytest.raises(Misuse, match="it is of local:"):
        import_rows(other, export_lines(pair, rows()))
