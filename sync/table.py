"""The decision table of two-way synchronisation: what happened on each side → whose version stays.

One rule is read with its first change on either side. Where a file is to be is decided apart
from what it holds: a move goes to the other side whatever happened to the bytes there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sync.model import Change

SAME, NEW, EDITED, TOUCHED, MOVED, DELETED, RETYPED = (
    Change.SAME,
    Change.NEW,
    Change.EDITED,
    Change.TOUCHED,
    Change.MOVED,
    Change.DELETED,
    Change.RETYPED,
)


class Keep(Enum):
    """Which version of a file both sides hold in the end."""

    ONE = "the version of path1"
    TWO = "the version of path2"
    EQUAL = "either: the bytes are the same, names and times are brought in line"
    NEITHER = "none: what is left goes to the trash"
    COMPARE = "equal bytes are adopted, others are a conflict that keeps both"
    NOTHING = "all stays as it is"


@dataclass(frozen=True, slots=True)
class Rule:
    """``first`` happened on one side and ``second`` on the other: ``keep``, and ``why``.

    ``keep`` is told as if ``first`` was on the first side.
    """

    first: Change
    second: Change
    keep: Keep
    why: str


RULES = (
    Rule(SAME, SAME, Keep.NOTHING, "Nothing happened."),
    Rule(NEW, SAME, Keep.ONE, "What is new here and not there is copied there."),
    Rule(NEW, NEW, Keep.COMPARE, "Two came to one name; equal bytes never conflict."),
    Rule(EDITED, SAME, Keep.ONE, "The edit replaces what it was made from."),
    Rule(EDITED, EDITED, Keep.COMPARE, "Two edits; equal bytes never conflict."),
    Rule(TOUCHED, SAME, Keep.EQUAL, "A time alone is no edit: the time goes over, no byte does."),
    Rule(TOUCHED, TOUCHED, Keep.EQUAL, "Times of two hosts are not compared; each keeps its own."),
    Rule(TOUCHED, EDITED, Keep.TWO, "A time alone is no edit, so it cannot meet one."),
    Rule(MOVED, SAME, Keep.EQUAL, "The file is moved there too, without its bytes being sent."),
    Rule(MOVED, TOUCHED, Keep.EQUAL, "The file is moved there too."),
    Rule(MOVED, EDITED, Keep.TWO, "The new bytes go to the new name; neither change is lost."),
    Rule(MOVED, MOVED, Keep.EQUAL, "One file stays one file; of two names one is kept and told."),
    Rule(DELETED, SAME, Keep.NEITHER, "It was removed here as it was agreed, so there too."),
    Rule(DELETED, TOUCHED, Keep.NEITHER, "A time alone is no edit, so nothing is lost."),
    Rule(DELETED, EDITED, Keep.TWO, "An edit beats a removal."),
    Rule(DELETED, MOVED, Keep.TWO, "Who gave it a new name wants it; that beats a removal."),
    Rule(DELETED, DELETED, Keep.NEITHER, "Both are rid of it: it is forgotten."),
    Rule(RETYPED, SAME, Keep.NEITHER, "The old one gives way; what is new there comes as new."),
    Rule(RETYPED, TOUCHED, Keep.NEITHER, "The old one gives way; a time alone is no edit."),
    Rule(RETYPED, EDITED, Keep.TWO, "An edit is kept, under another name than what came instead."),
    Rule(RETYPED, MOVED, Keep.TWO, "It has another name there, and is kept under it."),
    Rule(RETYPED, DELETED, Keep.NEITHER, "Both are rid of the old one; what is new is copied."),
    Rule(RETYPED, RETYPED, Keep.NEITHER, "Both are rid of the old one; the new ones are compared."),
)
"""Each unordered pair that there is. What is new has no past, so it meets only what is new, or
nothing, which is ``SAME``: nothing was there, and nothing is."""

_MIRRORED = {Keep.ONE: Keep.TWO, Keep.TWO: Keep.ONE}


def _table() -> dict[tuple[Change, Change], Rule]:
    table = {(rule.first, rule.second): rule for rule in RULES}
    for rule in RULES:
        keep = _MIRRORED.get(rule.keep, rule.keep)
        table.setdefault((rule.second, rule.first), Rule(rule.second, rule.first, keep, rule.why))
    return table


TABLE = _table()
"""(what happened on the first side, on the second) → the rule."""


def decide(one: Change, two: Change) -> Keep:
    """Return whose version stays."""
    return TABLE[one, two].keep
