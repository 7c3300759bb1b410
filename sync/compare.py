"""When two versions of a file are taken for the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from mirrorfs.core.digest import Digest
from mirrorfs.core.entry import Entry
from sync.model import Agreed, Change, Fact


class By(Enum):
    """What is looked at; on the command line the words of ``--compare``."""

    REVISION = "revision"
    SIZE = "size"
    MODIFIED = "modtime"
    CHECKSUM = "checksum"


EVERYTHING = frozenset(By)


@dataclass(frozen=True, slots=True)
class Compare:
    """What is looked at, and what is enough.

    With its own past a file is compared by what is strongest of ``by``: its checksum where both
    are known, else its id and revision, else size and time.
    With the other side it is compared by checksum. Only where none can be compared, and only if
    ``trusts_times`` (times of two hosts say little), by size and time, to ``step`` nanoseconds.
    """

    by: frozenset[By] = EVERYTHING
    trusts_times: bool = False
    step: int = 1

    def with_past(self, fact: Fact, entry: Entry) -> Change:
        """Return ``SAME``, ``TOUCHED`` or ``EDITED`` for a file and what it was on its own side."""
        if _is_untouched(fact, entry):
            return Change.SAME
        if not self._is_same(fact, entry):
            return Change.EDITED
        if By.MODIFIED in self.by and fact.modified != entry.modified:
            return Change.TOUCHED
        return Change.SAME

    def across(self, one: Entry, two: Entry) -> bool:
        """Say whether two files on two sides hold the same bytes."""
        if By.SIZE in self.by and one.size != two.size:
            return False
        if By.CHECKSUM in self.by:
            verdict = same_digest(one.digest, two.digest)
            if verdict is not None:
                return verdict
        if not self.trusts_times:
            return False
        return By.MODIFIED not in self.by or abs(one.modified - two.modified) < self.step

    def _is_same(self, fact: Fact, entry: Entry) -> bool:
        if By.CHECKSUM in self.by:
            verdict = same_digest(fact.digest, entry.digest)
            if verdict is not None:
                return verdict
        if By.REVISION in self.by and fact.revision and entry.revision:
            if fact.revision != entry.revision:
                return False
            if fact.id == entry.id:
                return True
        if By.SIZE in self.by and fact.size != entry.size:
            return False
        return By.MODIFIED not in self.by or fact.modified == entry.modified


def doubted(rows: Iterable[Agreed]) -> Iterator[Agreed]:
    """Yield rows by which nothing is as it was: only a checksum tells that."""
    for row in rows:
        yield replace(row, one=replace(row.one, revision=""), two=replace(row.two, revision=""))


def _is_untouched(fact: Fact, entry: Entry) -> bool:
    """Say whether nothing at all is different, as it is with most files."""
    return (
        fact.id == entry.id
        and fact.revision == entry.revision != ""
        and fact.modified == entry.modified
        and (entry.digest is None or entry.digest == fact.digest)
    )


def same_digest(one: Digest | None, two: Digest | None) -> bool | None:
    """Say whether two checksums are equal; ``None`` when they cannot be compared."""
    if one is None or two is None or one.algorithm != two.algorithm:
        return None
    return one.value == two.value
