from __future__ import annotations

from dataclasses import replace

import pytest

from mirrorfs.core.digest import Digest, md5
from mirrorfs.core.entry import Entry, Kind
from mirrorfs.core.paths import RemotePath
from sync.compare import By, Compare, same_digest
from sync.model import Change, fact_of

FILE = Entry(RemotePath("a.jpg"), Kind.FILE, "id", "revision", 5, 100, md5("0" * 32))
PLAIN = replace(FILE, digest=None)
OTHER = md5("1" * 32)
SAME, TOUCHED, EDITED = Change.SAME, Change.TOUCHED, Change.EDITED


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (FILE, FILE, SAME),
        (FILE, replace(FILE, facts={"caption": "new"}), SAME),
        (FILE, replace(FILE, modified=200), TOUCHED),
        (FILE, replace(FILE, revision="2", modified=200), TOUCHED),
        (FILE, replace(FILE, id="2", revision="2"), SAME),
        (FILE, replace(FILE, digest=OTHER), EDITED),
        (FILE, replace(FILE, digest=None), SAME),
        (PLAIN, replace(PLAIN, modified=200), TOUCHED),
        (PLAIN, replace(PLAIN, revision="2"), EDITED),
        (PLAIN, replace(PLAIN, revision="2", modified=200), EDITED),
        (PLAIN, replace(PLAIN, id="2"), SAME),
        (PLAIN, replace(PLAIN, id="2", size=6), EDITED),
        (PLAIN, replace(PLAIN, id="2", modified=200), EDITED),
        (replace(PLAIN, revision=""), replace(PLAIN, revision="", modified=200), EDITED),
        (replace(PLAIN, revision=""), replace(PLAIN, revision=""), SAME),
    ],
)
def test_with_its_own_past(before: Entry, after: Entry, change: Change) -> None:
    assert Compare().with_past(fact_of(before), after) is change


@pytest.mark.parametrize(
    ("by", "after", "change"),
    [
        ({By.SIZE}, replace(FILE, modified=200, digest=OTHER, revision="2"), SAME),
        ({By.SIZE}, replace(FILE, size=6, revision="2"), EDITED),
        ({By.SIZE, By.MODIFIED}, replace(FILE, modified=200), EDITED),
        ({By.SIZE, By.MODIFIED}, replace(FILE, digest=OTHER, revision="2"), SAME),
        ({By.CHECKSUM}, replace(FILE, modified=200, revision="2"), SAME),
        ({By.CHECKSUM}, replace(FILE, digest=OTHER), EDITED),
        ({By.MODIFIED}, replace(FILE, size=6, revision="2", digest=OTHER), SAME),
    ],
)
def test_with_its_own_past_by_what_was_asked(by: set[By], after: Entry, change: Change) -> None:
    assert Compare(frozenset(by)).with_past(fact_of(FILE), after) is change


@pytest.mark.parametrize(
    ("compare", "one", "two", "is_same"),
    [
        (Compare(), FILE, replace(FILE, modified=7, id="2", revision="2"), True),
        (Compare(), FILE, replace(FILE, digest=OTHER), False),
        (Compare(), FILE, replace(FILE, size=6), False),
        (Compare(), FILE, PLAIN, False),
        (Compare(trusts_times=True), FILE, PLAIN, True),
        (Compare(trusts_times=True), FILE, replace(PLAIN, modified=101), False),
        (Compare(trusts_times=True, step=2), FILE, replace(PLAIN, modified=101), True),
        (Compare(trusts_times=True), FILE, replace(FILE, digest=OTHER), False),
        (Compare(frozenset({By.SIZE}), trusts_times=True), FILE, replace(PLAIN, modified=7), True),
        (Compare(), FILE, replace(FILE, digest=Digest("sha1", "0" * 40)), False),
    ],
)
def test_across(compare: Compare, one: Entry, two: Entry, is_same: bool) -> None:
    assert compare.across(one, two) is is_same
    assert compare.across(two, one) is is_same


def test_checksums_of_two_kinds_tell_nothing() -> None:
    assert same_digest(FILE.digest, Digest("sha1", "0" * 40)) is None
    assert same_digest(FILE.digest, None) is None
