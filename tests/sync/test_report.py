"""Figures and words of a run, and the page that shows them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

from sync.model import Outcome, Plan, Result, Side
from sync.page import MOST_ROWS, Pictures, page
from sync.report import as_json, figures_of, is_rehearsal, summary, troubles
from sync.words import Kind
from tests.sync import runs


def test_figures_count_what_was_done() -> None:
    found = figures_of(runs.RUN)

    assert found.kinds[Kind.NEW] == found.kinds[Kind.CHANGED] == found.kinds[Kind.DELETED] == 1
    assert found.sent == {Side.TWO: 2048, Side.ONE: 1000}
    assert (found.troubles, found.left, found.conflicts, found.skipped) == (1, 1, 1, 1)
    assert found.total_sent == 3048


def test_figures_of_a_dry_run_are_those_of_the_plan() -> None:
    found = figures_of(runs.REHEARSAL)

    assert is_rehearsal(runs.REHEARSAL)
    assert not is_rehearsal(runs.RUN)
    assert not is_rehearsal(runs.QUIET)
    assert found.kinds[Kind.NEW] == 3
    assert found.sent[Side.TWO] == 2048 + 10**9 + 1000


def test_the_summary_tells_all_that_counts() -> None:
    text = "\n".join(summary(runs.RUN))

    for words in (
        "→ cloudinary:: 1 file copied, 2 KiB",
        "← /home/<me>: 1 file copied, 1000 B",
        "Moved without sending: 1",
        "Deleted: 1",
        "Conflicts: 1",
        "Not done: 1",
        "Not begun: 1",
        "1m15s, 4 API calls",
    ):
        assert words in text
    assert "would be copied" in "\n".join(summary(runs.REHEARSAL))
    assert "nothing to do" in "\n".join(summary(runs.QUIET))


def test_what_was_not_done_has_its_reason() -> None:
    assert [(line.path, reason) for line, reason in troubles(runs.RUN)] == [
        ("big.tif", "It is too <large>.")
    ]


def test_json_tells_the_whole_run() -> None:
    told = json.loads(json.dumps(as_json(runs.RUN)))

    assert told["started"] == "2023-11-14T22:13:20.000+00:00"
    assert told["seconds"] == 75
    assert len(told["actions"]) == len(runs.OUTCOMES)
    failed = next(one for one in told["actions"] if one["result"] == "failed")
    assert failed["path"] == "big.tif"
    assert failed["reason"] == "It is too <large>."
    assert told["conflicts"][0]["path"] == "p.jpg"
    assert told["skipped"][0]["path"] == runs.SKIPPED.path
    assert told["figures"]["bytes_to_path2"] == 2048
    assert not told["dry_run"]
    assert as_json(runs.REHEARSAL)["dry_run"]


class Reader(HTMLParser):
    """Notes tags that are not closed, addresses, and texts for those who do not see."""

    VOID = frozenset({"meta", "img", "br", "link", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag == "img":
            self.pictures.append(found)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PICTURE = "data:image/jpeg;base64,AAAA"


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def test_the_page_shows_pictures_and_asks_nobody() -> None:
    pictures = Pictures(
        {runs.path("a/new.jpg"): PICTURE},
        {(runs.path("p.jpg"), side): PICTURE for side in Side},
    )

    html = page(runs.RUN, pictures)
    reader = read(html)

    assert reader.addresses == [PICTURE] * 3
    assert all(picture["alt"] for picture in reader.pictures)
    assert not reader.tags & {"script", "link", "iframe", "object", "base", "form"}
    assert "default-src 'none'" in html
    assert "url(" not in html
    assert "@import" not in html
    assert "prefers-color-scheme: dark" in html


def test_nothing_on_the_page_is_taken_for_markup() -> None:
    html = page(runs.RUN)

    assert "/home/&lt;me&gt;" in html
    assert "It is too &lt;large&gt;." in html
    assert "<large>" not in html
    assert "\x1b" not in html


def test_the_page_says_how_it_went() -> None:
    headings = [re.search(r"</span>([^<]+)</h1>", page(run)) for run in (runs.RUN, runs.REHEARSAL)]

    assert [found and found[1] for found in headings] == [
        "Not all could be done",
        "Dry run: nothing was changed",
    ]
    assert "All done" in page(runs.QUIET)
    assert "mirrorsync trash list" in page(runs.RUN)


def test_a_long_table_is_folded_and_cut() -> None:
    outcomes = tuple(Outcome(runs.NEW, Result.DONE) for _ in range(MOST_ROWS + 5))
    html = page(replace(runs.RUN, plan=Plan((runs.NEW,)), outcomes=outcomes))

    assert html.count("<tr>") == MOST_ROWS
    assert "and 5 more" in html
    read(html)
