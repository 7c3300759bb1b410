"""Lists that are provably whole, however they move while they are read.

The service may give fewer objects than it was asked for, may repeat one page's objects on the
next where they sort alike, and a list may grow while it is read. A pass over the pages counts
when every page holds as many objects as it says, all say the same total, and that many different
objects came. Otherwise the list is read again, a few times; then it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from mirrorfs.core.errors import BadAnswer
from mirrorfs.providers.smugmug.api import Api, Query
from mirrorfs.providers.smugmug.envelope import Json, Reply

VAIN_PASSES = 8

_SERIAL = re.compile(r"-\d+$")

Mark = Callable[[Json, Reply], Hashable | None]
"""Returns the state that a list was in when an object of it was given; ``None``: not told."""


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a list, and the page that it came on, which holds its expansions."""

    item: Json
    reply: Reply


def no_mark(_item: Json, _reply: Reply) -> None:
    """Tell of no state."""


@dataclass(frozen=True, slots=True)
class _Pass:
    rows: dict[str, Row]
    total: int
    marks: frozenset[Hashable]
    is_steady: bool


def read_whole(api: Api, uri: str, query: Query, locator: str, mark: Mark = no_mark) -> list[Row]:
    """Return all objects of the list at ``uri``, once each.

    Passes that each brought a part are put together where ``mark`` proves that the list was in
    the same state all the time, until ``VAIN_PASSES`` of them brought nothing new.

    Raises:
        BadAnswer: the service tells of more objects than it gives, or of less.
    """
    known: dict[str, Row] = {}
    state: frozenset[Hashable] = frozenset()
    vain = 0
    while vain < VAIN_PASSES:
        found = _pass(api, uri, query, locator, mark)
        if found.is_steady and len(found.rows) == found.total:
            return list(found.rows.values())
        is_same = found.is_steady and None not in found.marks and found.marks == state
        if not is_same or len(known) > found.total:
            known = {}
        state, before = found.marks, len(known)
        if found.is_steady and len(state) == 1 and None not in state:
            known |= found.rows
            if len(known) == found.total:
                return list(known.values())
        vain += len(known) == before or not before
    raise BadAnswer(f"SmugMug: {uri} changes while it is listed, or is never listed whole.")


def _pass(api: Api, uri: str, query: Query, locator: str, mark: Mark) -> _Pass:
    rows: dict[str, Row] = {}
    totals: set[int] = set()
    marks: set[Hashable] = set()
    is_full = True
    for reply in api.pages(uri, query):
        items, page = reply.many(locator), reply.pages()
        totals.add(page.total)
        is_full &= len(items) == page.count
        for item in items:
            rows[_uri(item, reply)] = Row(item, reply)
            marks.add(mark(item, reply))
    return _Pass(rows, max(totals), frozenset(marks), is_full and len(totals) == 1)


def _uri(item: Json, reply: Reply) -> str:
    """Return what is the same as long as it is the same object: a picture's Serial is not."""
    uri = item.get("Uri")
    if not isinstance(uri, str) or not uri:
        raise reply.bad("an object without Uri")
    return _SERIAL.sub("", uri)
