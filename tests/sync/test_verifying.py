from __future__ import annotations

from dataclasses import replace

from mirrorfs.core.digest import of
from mirrorfs.core.entry import Entry, Kind, folder
from mirrorfs.core.paths import parse
from sync.model import Agreed, Side, Tree, fact_of
from sync.verifying import verify


def entry(path: str, data: bytes = b"x") -> Entry:
    return Entry(parse(path), Kind.FILE, f"id {path}", "r", len(data), 5, of(data))


def test_each_difference_is_told_once() -> None:
    names = ("same", "gone", "edited", "changed", "replaced", "retyped", "withheld", "left out")
    rows = {one.path: Agreed(one.path, fact_of(one), fact_of(one)) for one in map(entry, names)}
    plain = {parse(name): entry(name) for name in names}
    there = {
        path: one for path, one in plain.items() if path not in {"gone", "withheld", "left out"}
    }
    there[parse("edited")] = replace(entry("edited", b"other"), revision="r2")
    there[parse("changed")] = replace(entry("changed"), revision="r2", digest=None)
    there[parse("replaced")] = replace(entry("replaced"), id="another")
    there[parse("retyped")] = folder(parse("retyped"))
    there[parse("new")] = entry("new")
    other = Tree(there, {parse("withheld"): "closed"}, frozenset({parse("left out")}))
    found = list(verify(rows, {Side.ONE: Tree(plain), Side.TWO: other}))
    assert {one.side for one in found} == {Side.TWO}
    assert {one.path: one.reason for one in found} == {
        "changed": "It was changed.",
        "edited": "Its bytes are others.",
        "gone": "It is gone.",
        "new": "It is not in the manifest.",
        "replaced": "It is another file with the same revision.",
        "retyped": "It is a folder now.",
        "withheld": "It cannot be looked at.",
    }
